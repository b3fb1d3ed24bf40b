#include "db/erasures.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <map>
#include <set>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "common/text.h"
#include "db/disk.h"
#include "db/erased.h"
#include "db/holds.h"
#include "db/rows.h"
#include "db/vault.h"

namespace hw::db {
namespace {

namespace fs = std::filesystem;

std::string head_line(std::string_view store_id) { return fmt::format("handlewatch erasures {}\n", to_hex(store_id)); }

std::string line_of(const Erasure& erasure) {
  return fmt::format("{} {} {} {} {}\n", erasure.sequence, static_cast<std::int64_t>(erasure.kind), erasure.day,
                     to_hex(erasure.token), erasure.origin.empty() ? "-" : to_hex(erasure.origin));
}

tl::unexpected<Error> file_error(const fs::path& file, std::string_view doing) {
  const int code = errno;
  return fail(code == ENOSPC                    ? ErrorCode::disk_full
              : code == EACCES || code == EROFS ? ErrorCode::denied
                                                : ErrorCode::io,
              fmt::format("cannot {} {}: {}", doing, file.string(), std::strerror(code)));
}

// Behind what is there, and on the disk before it returns, its name too where it is new.
Status append(const fs::path& file, std::string_view text) {
  std::error_code ignored;
  const bool is_new = !fs::exists(file, ignored);
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (descriptor < 0) return file_error(file, "write");
  bool well = true;
  for (std::size_t at = 0; well && at < text.size();) {
    const ssize_t written = ::write(descriptor, text.data() + at, text.size() - at);
    well = written > 0;
    if (well) at += static_cast<std::size_t>(written);
  }
  well = well && ::fsync(descriptor) == 0;
  const Status status = well ? Status{} : Status(file_error(file, "write"));
  ::close(descriptor);
  return status && is_new ? sync_folder(file.parent_path()) : status;
}

bool from_hex(std::string_view text, std::string& bytes) {
  bytes.clear();
  if (text == "-") return true;
  if (text.size() % 2 != 0) return false;
  for (std::size_t at = 0; at < text.size(); at += 2) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data() + at, text.data() + at + 2, value, 16);
    if (error != std::errc{} || end != text.data() + at + 2) return false;
    bytes += static_cast<char>(value);
  }
  return true;
}

bool number(std::string_view text, std::int64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

// A line that a crash cut off is none: what it said is in the store still and is written again.
std::optional<Erasure> parse(std::string_view line) {
  const std::vector<std::string_view> words = split(line, ' ');
  Erasure erasure;
  std::int64_t kind = 0;
  if (words.size() != 5 || !number(words[0], erasure.sequence) || !number(words[1], kind) ||
      !number(words[2], erasure.day) || !from_hex(words[3], erasure.token) || !from_hex(words[4], erasure.origin))
    return std::nullopt;
  if (kind < 1 || kind > static_cast<std::int64_t>(ErasureKind::referral)) return std::nullopt;
  erasure.kind = static_cast<ErasureKind>(kind);
  return erasure;
}

std::vector<Erasure> waiting(Work& work) {
  std::vector<Erasure> erasures;
  Query query(work, "SELECT sequence, kind, day, token, origin FROM erasure ORDER BY sequence");
  while (query.next())
    erasures.push_back({query.number_at(0), static_cast<ErasureKind>(query.number_at(1)), query.number_at(2),
                        query.blob_at(3), query.blob_at(4)});
  return erasures;
}

Result<std::string> read_text(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return file_error(file, "read");
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

// Rows whose keyed form stands in `gone`.
std::vector<std::int64_t> rows_of(Work& work, std::string_view sql, const std::set<Token>& gone, bool held) {
  std::vector<std::int64_t> rows;
  if (gone.empty()) return rows;
  Query query(work, sql);
  while (query.next()) {
    const Token token = query.blob_at(1);
    if (gone.contains(held ? work.tokens().hold(token) : work.tokens().erased(token)))
      rows.push_back(query.number_at(0));
  }
  std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  return rows;
}

void place(Work& work, const Erasure& hold) {
  Query insert(work, "INSERT INTO hold_token(token, origin) VALUES (?, ?) ON CONFLICT DO NOTHING");
  insert.blob(hold.token).blob(hold.origin).run();
}

void lift(Work& work, const Token& origin) {
  Query remove(work, "DELETE FROM hold_token WHERE origin = ?");
  remove.blob(origin).run();
}

// Those of them that nothing lifted.
std::set<Token> standing(Work& work, const std::set<Token>& holds) {
  std::set<Token> standing;
  Query query(work, "SELECT 1 FROM hold_token WHERE token = ?");
  for (const Token& token : holds) {
    if (query.blob(token).next()) standing.insert(token);
    query.rewind();
  }
  return standing;
}

void mark(Work& work, const Erasure& erasure) {
  Query insert(work, "INSERT INTO do_not_raise(token, day) VALUES (?, ?) ON CONFLICT DO NOTHING");
  insert.blob(erasure.token).number(erasure.day).run();
}

// What a bundle could bring back.
bool is_of_a_record(ErasureKind kind) {
  return kind == ErasureKind::hit || kind == ErasureKind::ban || kind == ErasureKind::referral;
}

}  // namespace

fs::path erasure_file(const fs::path& folder) { return folder / "erasures.log"; }

void note_erasure(Work& work, ErasureKind kind, const Token& token, const Token& origin) {
  Query insert(work, "INSERT INTO erasure(kind, day, token, origin) VALUES (?, ?, ?, ?)");
  insert.number(static_cast<std::int64_t>(kind)).number(work.core().today()).blob(token).blob(origin).run();
}

Status write_erasures(Core& core) {
  const fs::path file = erasure_file(core.folder);
  std::error_code ignored;
  const bool there = fs::exists(file, ignored);
  if (there) {
    Work look(core, Work::Access::read);
    const bool none = waiting(look).empty();
    if (auto done = look.finish(); !done || none) return done;
  }
  Work work(core, Work::Access::write);
  // A line that was cut off by a crash must not swallow the first of these.
  std::string text = there ? "\n" : head_line(core.store_id);
  for (const Erasure& erasure : waiting(work)) text += line_of(erasure);
  if (work.failed()) return work.undo();
  if (auto done = append(file, text); !done) return done;
  Query written(work, "DELETE FROM erasure");
  written.run();
  return work.finish();
}

Status trim_erasures(Core& core, std::int64_t before_day) {
  const fs::path file = erasure_file(core.folder);
  const auto all = read_erasures(file, core.store_id);
  if (!all) return tl::unexpected(all.error());
  if (all->empty() || all->front().day >= before_day) return {};
  std::string text = head_line(core.store_id);
  for (const Erasure& erasure : *all)
    if (erasure.day >= before_day) text += line_of(erasure);
  const fs::path fresh = file.string() + ".new";
  std::error_code error;
  fs::remove(fresh, error);
  if (auto done = append(fresh, text); !done) return done;
  fs::rename(fresh, file, error);
  if (error) return fail(ErrorCode::io, fmt::format("cannot write {}: {}", file.string(), error.message()));
  return sync_folder(core.folder);
}

Result<std::vector<Erasure>> read_erasures(const fs::path& file, std::string_view store_id) {
  const auto text = read_text(file);
  if (!text) return tl::unexpected(text.error());
  const std::string head = head_line(store_id);
  if (!text->starts_with(head))
    return fail(ErrorCode::tampered, fmt::format("{} is not the erasure journal of this store", file.string()));
  std::vector<Erasure> erasures;
  for (const std::string_view line : split(std::string_view(*text).substr(head.size()), '\n'))
    if (auto erasure = parse(line)) erasures.push_back(std::move(*erasure));
  return erasures;
}

std::int64_t last_erasure(Work& work) {
  Query query(work, "SELECT seq FROM sqlite_sequence WHERE name = 'erasure'");
  return query.next() ? query.number_at(0) : 0;
}

std::int64_t replay_erasures(Work& work, const std::vector<Erasure>& erasures) {
  std::map<ErasureKind, std::set<Token>> gone;
  std::int64_t last = last_erasure(work);
  const std::int64_t known = last;
  for (const Erasure& erasure : erasures) {
    if (erasure.sequence <= known) continue;
    last = std::max(last, erasure.sequence);
    if (erasure.kind == ErasureKind::hold) place(work, erasure);
    if (erasure.kind == ErasureKind::lift) lift(work, erasure.origin);
    if (erasure.kind == ErasureKind::mark) mark(work, erasure);
    if (is_of_a_record(erasure.kind)) remember_erased(work, erasure.token, erasure.day);
    gone[erasure.kind].insert(erasure.token);
  }
  std::int64_t touched = 0;
  for (const std::int64_t hit : rows_of(work, "SELECT hit, post FROM hit", gone[ErasureKind::hit], false)) {
    erase_records(work, RecordKind::hit, hit);
    remove_hit_row(work, hit);
    ++touched;
  }
  for (const std::int64_t ban : rows_of(work, "SELECT ban, event FROM ban", gone[ErasureKind::ban], false)) {
    erase_records(work, RecordKind::ban, ban);
    remove_ban_row(work, ban);
    ++touched;
  }
  const std::set<Token> holds = standing(work, gone[ErasureKind::hold]);
  for (const std::int64_t hit :
       rows_of(work, "SELECT hit, token FROM hit_trace UNION ALL SELECT hit, post FROM hit", holds, true))
    touched += withdraw_hit(work, hit) ? 1 : 0;
  for (const std::int64_t ban : rows_of(work, "SELECT ban, token FROM ban_token WHERE side = 2", holds, true))
    touched += withdraw_ban(work, ban) ? 1 : 0;
  for (const Token& token : gone[ErasureKind::referral]) erase_held_row(work, token);
  // The next entry must not take a number that the journal has.
  Query reserve(work, "INSERT INTO erasure(sequence, kind, day, token, origin) VALUES (?, 1, 0, x'', x'')");
  reserve.number(last + 1).run();
  Query forget(work, "DELETE FROM erasure");
  forget.run();
  return touched;
}

}  // namespace hw::db
