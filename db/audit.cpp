#include "db/audit.h"

#include <charconv>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sodium.h>

#include "common/text.h"
#include "db/audit_writer.h"
#include "db/merkle.h"

namespace hw::db {
namespace {

constexpr std::size_t kSaltSize = 16;
constexpr std::size_t kLongestWords = 200;
// A clock that is set back by less is a clock being corrected, not one being turned.
constexpr Duration kCorrection = std::chrono::seconds(2);

std::string as_json(std::string_view text) {
  return nlohmann::json(std::string(text)).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string random_salt() {
  std::string salt(kSaltSize, '\0');
  randombytes_buf(salt.data(), salt.size());
  return salt;
}

MerkleEdge read_edge(Work& work) {
  Query query(work, "SELECT size, edge FROM audit_head");
  if (!query.next()) return {};
  return MerkleEdge::restore(static_cast<std::uint64_t>(query.number_at(0)), query.blob_at(1));
}

Time last_time(Work& work) {
  Query query(work, "SELECT at FROM audit ORDER BY entry DESC LIMIT 1");
  return query.next() ? from_millis(query.number_at(0)) : Time{};
}

Time entry_time(Work& work) {
  const Time now = work.core().clock.now();
  const Time last = last_time(work);
  return last > now && last - now <= kCorrection ? last : now;
}

std::string member(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

// Walks the log once and remembers what does not fit.
class Verifier {
 public:
  explicit Verifier(std::span<const Checkpoint> kept) : kept_(kept.begin(), kept.end()) { meet_checkpoints(); }

  void take(std::int64_t entry, Time at, std::string_view salt, std::string_view record, std::string_view leaf) {
    ++expected_;
    if (entry != expected_) problem("entry {} is missing", expected_);
    expected_ = entry;
    const Digest computed = leaf_hash(std::string(salt) + std::string(record));
    if (computed != leaf) problem("entry {} is not what was written", entry);
    const auto json = nlohmann::json::parse(record, nullptr, false);
    if (!json.is_object() || member(json, "at") != to_rfc3339(at))
      problem("entry {} carries another time than its record", entry);
    if (at < latest_) problem("the clock runs back at entry {}", entry);
    latest_ = std::max(latest_, at);
    edge_.append(std::string(leaf));
    meet_checkpoints();
  }

  AuditReport finish(const MerkleEdge& head) {
    if (head.size() != edge_.size() || head.root() != edge_.root())
      problem("the log has {} entries and its head speaks of {}, or of others", edge_.size(), head.size());
    for (const Checkpoint& checkpoint : kept_)
      if (checkpoint.size > edge_.size())
        problem("a checkpoint of {} entries was kept and only {} are here", checkpoint.size, edge_.size());
    return {{edge_.size(), to_hex(edge_.root())}, std::move(problems_)};
  }

 private:
  template <class... Parts>
  void problem(fmt::format_string<Parts...> text, Parts&&... parts) {
    problems_.push_back(fmt::format(text, std::forward<Parts>(parts)...));
  }

  void meet_checkpoints() {
    for (const Checkpoint& checkpoint : kept_)
      if (checkpoint.size == edge_.size() && checkpoint.root != to_hex(edge_.root()))
        problem("the first {} entries are not those of the checkpoint that was kept", checkpoint.size);
  }

  std::vector<Checkpoint> kept_;
  std::int64_t expected_ = 0;
  Time latest_{};
  MerkleEdge edge_;
  std::vector<std::string> problems_;
};

}  // namespace

std::optional<Checkpoint> parse_checkpoint(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  Checkpoint checkpoint;
  const auto [end, error] = std::from_chars(text.data(), text.data() + colon, checkpoint.size);
  checkpoint.root = to_lower(text.substr(colon + 1));
  const bool hex = checkpoint.root.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (error != std::errc{} || end != text.data() + colon || checkpoint.root.size() != 64 || !hex) return std::nullopt;
  return checkpoint;
}

AuditRecord::AuditRecord(std::string_view action) { text("action", action); }

AuditRecord& AuditRecord::text(std::string_view key, std::string_view value) {
  fields_.emplace_back(key, as_json(value));
  return *this;
}

AuditRecord& AuditRecord::number(std::string_view key, std::int64_t value) {
  fields_.emplace_back(key, std::to_string(value));
  return *this;
}

std::int64_t append_audit(Work& work, const AuditRecord& record) {
  MerkleEdge edge = read_edge(work);
  const Time at = entry_time(work);
  std::string json = fmt::format(R"({{"at":"{}")", to_rfc3339(at));
  for (const auto& [key, value] : record.fields()) json += fmt::format(R"(,"{}":{})", key, value);
  json += '}';
  const std::string salt = random_salt();
  const Digest leaf = leaf_hash(salt + json);
  edge.append(leaf);
  const auto entry = static_cast<std::int64_t>(edge.size());
  Query insert(work, "INSERT INTO audit(entry, at, salt, record, leaf) VALUES (?, ?, ?, ?, ?)");
  insert.number(entry).number(to_millis(at)).blob(salt).text(json).blob(leaf).run();
  Query head(
      work,
      "INSERT INTO audit_head(one, size, edge) VALUES (1, ?1, ?2) ON CONFLICT DO UPDATE SET size = ?1, edge = ?2");
  head.number(entry).blob(edge.bytes()).run();
  return entry;
}

Checkpoint current_checkpoint(Work& work) {
  const MerkleEdge edge = read_edge(work);
  return {edge.size(), to_hex(edge.root())};
}

Result<std::vector<AuditEntry>> audit_log(Store& store, std::int64_t after, std::size_t limit) {
  Work work(store.core(), Work::Access::read);
  std::vector<AuditEntry> entries;
  Query query(work, "SELECT entry, at, record FROM audit WHERE entry > ? ORDER BY entry LIMIT ?");
  query.number(after).number(limit == 0 ? -1 : static_cast<std::int64_t>(limit));
  while (query.next()) {
    AuditEntry entry{query.number_at(0), from_millis(query.number_at(1)), {}, {}, query.text_at(2)};
    const auto json = nlohmann::json::parse(entry.record, nullptr, false);
    if (json.is_object()) entry.action = member(json, "action");
    if (json.is_object()) entry.by = member(json, "by");
    entries.push_back(std::move(entry));
  }
  return work.finish(std::move(entries));
}

Result<Checkpoint> audit_checkpoint(Store& store) {
  Work work(store.core(), Work::Access::read);
  return work.finish(current_checkpoint(work));
}

Result<AuditReport> verify_audit(Store& store, std::span<const Checkpoint> kept) {
  Work work(store.core(), Work::Access::read);
  Verifier verifier(kept);
  {
    Query query(work, "SELECT entry, at, salt, record, leaf FROM audit ORDER BY entry");
    while (query.next())
      verifier.take(query.number_at(0), from_millis(query.number_at(1)), query.blob_at(2), query.text_at(3),
                    query.blob_at(4));
  }
  const MerkleEdge head = read_edge(work);
  return work.finish(verifier.finish(head));
}

Status note_reveal(Store& store, std::string_view by, std::string_view what, std::int64_t row) {
  const auto who = audit_words("--by", by);
  if (!who) return tl::unexpected(who.error());
  Work work(store.core(), Work::Access::write);
  append_audit(work, AuditRecord("reveal").text("by", *who).number(what, row));
  return work.finish();
}

Result<std::string> audit_words(std::string_view option, std::string_view words) {
  const std::string_view trimmed = trim(words);
  if (trimmed.empty())
    return fail(ErrorCode::usage, fmt::format("{} must not be empty: it stands in the audit log", option));
  if (trimmed.size() > kLongestWords)
    return fail(ErrorCode::usage, fmt::format("{} is longer than {} bytes", option, kLongestWords));
  if (!valid_utf8(trimmed) || escape_for_terminal(trimmed) != trimmed)
    return fail(ErrorCode::usage, fmt::format("{} holds control or invisible characters", option));
  return std::string(trimmed);
}

}  // namespace hw::db
