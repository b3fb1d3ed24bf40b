#include "db/bundle.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/text.h"
#include "db/audit_writer.h"
#include "db/ban_reader.h"
#include "db/bans.h"
#include "db/bundle_format.h"
#include "db/counts.h"
#include "db/erased.h"
#include "db/erasures.h"
#include "db/hex.h"
#include "db/holds.h"
#include "db/merkle.h"
#include "db/payload.h"
#include "db/people.h"
#include "db/referrals.h"
#include "db/rows.h"
#include "db/vault.h"
#include "db/work.h"

namespace hw::db {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kAtATime = 100;

tl::unexpected<Error> no_bundle() {
  return fail(ErrorCode::malformed,
              "it is no bundle of handlewatch store export-sealed, or was cut off; export it anew");
}

struct Parsed {
  std::string store_id;
  std::string host_key;
  std::vector<ordered_json> lines;
};

std::string bytes_of(const ordered_json& line, const char* key) {
  const auto found = line.find(key);
  if (found == line.end() || !found->is_string()) return {};
  return from_hex(found->get_ref<const std::string&>()).value_or("");
}

std::string word_of(const ordered_json& line, const char* key) {
  const auto found = line.find(key);
  return found != line.end() && found->is_string() ? found->get<std::string>() : "";
}

std::int64_t number_of(const ordered_json& line, const char* key) {
  const auto found = line.find(key);
  return found != line.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

// The signature is looked at before any line is.
Result<Parsed> parse(Store& store, std::string_view bundle) {
  if (bundle.empty() || bundle.back() != '\n') return no_bundle();
  const auto last = bundle.rfind('\n', bundle.size() - 2);
  if (last == std::string_view::npos) return no_bundle();
  const std::string_view body = bundle.substr(0, last + 1);
  const auto head = ordered_json::parse(body.substr(0, body.find('\n')), nullptr, false);
  const auto end = ordered_json::parse(bundle.substr(last + 1), nullptr, false);
  if (!head.is_object() || !end.is_object() || word_of(head, "handlewatch") != kBundleMagic) return no_bundle();
  Parsed parsed{bytes_of(head, "store"), bytes_of(head, "host"), {}};
  const auto people = list_people(store);
  if (!people) return tl::unexpected(people.error());
  const bool known = std::ranges::any_of(*people, [&](const EnrolledPerson& enrolled) {
    return !enrolled.removed && enrolled.person.roles.has(Role::collector) &&
           enrolled.person.sign_key == parsed.host_key;
  });
  if (!known)
    return fail(ErrorCode::refused,
                "the bundle was made by a host that is not enrolled here; handlewatch keys add NAME "
                "--roles collector --public FILE does that");
  if (!signed_by(parsed.host_key, signed_bundle(sha256(body)), bytes_of(end, "signature")))
    return fail(ErrorCode::tampered, "the bundle is not what its host signed; export it anew");
  for (const std::string_view line : split(body.substr(body.find('\n') + 1), '\n'))
    if (!line.empty()) parsed.lines.push_back(ordered_json::parse(line, nullptr, false));
  return parsed;
}

SealedRecord record_of(const ordered_json& line) {
  SealedRecord record{bytes_of(line, "nonce"), bytes_of(line, "body"), {}};
  if (const auto keys = line.find("keys"); keys != line.end() && keys->is_array())
    for (const auto& key : *keys)
      if (key.is_array() && key.size() == 2 && key[0].is_string() && key[1].is_string())
        record.keys.push_back(
            {from_hex(key[0].get<std::string>()).value_or(""), from_hex(key[1].get<std::string>()).value_or("")});
  return record;
}

// What the bundle's records say, as far as the reader may read them.
struct Opened {
  std::vector<Judged> posts;
  std::string bans;  // JSON Lines
  std::size_t closed = 0;
};

Status open_line(const Parsed& parsed, const ordered_json& line, const Person& reader, Opened& into) {
  const auto key_class = static_cast<KeyClass>(number_of(line, "class"));
  const auto kind = static_cast<RecordKind>(number_of(line, "kind"));
  if (!reader.roles().reads(key_class)) {
    ++into.closed;
    return {};
  }
  const auto opener = reader.opener(key_class);
  if (!opener) return tl::unexpected(opener.error());
  const RecordName name{parsed.store_id, key_class, kind, number_of(line, "owner"), number_of(line, "revision")};
  const auto bytes = opener->open(name, record_of(line));
  if (!bytes && bytes.error().code == ErrorCode::no_key) {
    ++into.closed;  // sealed before the reader joined
    return {};
  }
  if (!bytes) return tl::unexpected(bytes.error());
  if (kind == RecordKind::ban || kind == RecordKind::held_ban) {
    into.bans += *bytes + "\n";
    return {};
  }
  auto judged = unpack_judged(*bytes);
  if (!judged) return tl::unexpected(judged.error());
  into.posts.push_back(std::move(*judged));
  return {};
}

Result<Opened> open_lines(const Parsed& parsed, const Person* reader) {
  Opened opened;
  for (const ordered_json& line : parsed.lines) {
    if (word_of(line, "t") != "record") continue;
    if (reader == nullptr) {
      ++opened.closed;
      continue;
    }
    if (auto done = open_line(parsed, line, *reader, opened); !done) return tl::unexpected(done.error());
  }
  std::ranges::stable_sort(opened.posts, {}, &Judged::seen_at);
  return opened;
}

// Taking
// -----------------------------------------------------------------------------------------------------------------

struct Known {
  KeyClass key_class = KeyClass::review;
  RecordKind kind = RecordKind::hit;
  std::int64_t owner = 0;
  std::int64_t revision = 0;
};

std::optional<Known> find_known(Work& work, const Post& post) {
  const Token token = work.tokens().post(post.platform, post.id);
  {
    Query hit(work, "SELECT hit, revision FROM hit WHERE post = ?");
    if (hit.blob(token).next()) return Known{KeyClass::review, RecordKind::hit, hit.number_at(0), hit.number_at(1)};
  }
  Query held(work, "SELECT held, revision FROM held WHERE token = ?");
  if (!held.blob(work.tokens().hold(token)).next()) return std::nullopt;
  return Known{KeyClass::safeguarding, RecordKind::held_hit, held.number_at(0), held.number_at(1)};
}

// Whether what is here was seen at that time or later; what this reader cannot open stays as it is.
bool is_newer_here(Work& work, const Judged& judged, const Person& reader) {
  const auto known = find_known(work, judged.post);
  if (!known) return false;
  if (!reader.roles().reads(known->key_class)) return true;
  const auto opener = reader.opener(known->key_class);
  if (!opener) return true;
  const auto bytes = open_record(work, *opener, {known->key_class, known->kind, known->owner, known->revision});
  const auto here = bytes ? unpack_judged(*bytes) : Result<Judged>(tl::unexpected(bytes.error()));
  return here && here->seen_at >= judged.seen_at;
}

// Whether it was erased here, or closed by safeguarding, since it was seen like that. What is erased was last seen days
// before; what is closed may have come on the same day.
bool is_erased_here(Work& work, const Judged& judged) {
  const Token post = work.tokens().post(judged.post.platform, judged.post.id);
  const std::int64_t day = day_number(judged.seen_at);
  return erased_since(work, work.tokens().erased(post), day + 1) || erased_since(work, work.tokens().hold(post), day);
}

Status take_posts(Store& store, const Opened& opened, const Person& reader, BundleTaken& taken) {
  for (std::size_t from = 0; from < opened.posts.size(); from += kAtATime) {
    std::vector<Judged> fresh;
    {
      Work look(store.core(), Work::Access::read);
      for (std::size_t i = from; i < std::min(from + kAtATime, opened.posts.size()); ++i)
        if (!is_erased_here(look, opened.posts[i]) && !is_newer_here(look, opened.posts[i], reader))
          fresh.push_back(opened.posts[i]);
      if (auto done = look.finish(); !done) return done;
    }
    if (fresh.empty()) continue;
    const auto recorded = store.record(fresh);
    if (!recorded) return tl::unexpected(recorded.error());
    taken.hits += recorded->fresh + recorded->updated;
    taken.held += recorded->held;
  }
  return {};
}

void take_mark(Work& work, const ordered_json& line, BundleTaken& taken) {
  Query insert(work, R"(INSERT INTO do_not_raise(token, day) VALUES (?1, ?2)
      ON CONFLICT DO UPDATE SET day = ?2 WHERE day < ?2)");
  if (insert.blob(bytes_of(line, "token")).number(number_of(line, "day")).run_changes() > 0) ++taken.marks;
}

std::optional<std::int64_t> row_of(Work& work, std::string_view sql, const std::string& token) {
  Query query(work, sql);
  if (!query.blob(token).next()) return std::nullopt;
  return query.number_at(0);
}

// The verdict's own entry is in the log of the machine where it was given; this one says that it is counted here.
void append_taken_review(Work& work, const ordered_json& line, std::int64_t hit, std::int64_t handle,
                         const Person& by) {
  AuditRecord record("review-taken");
  record.text("reviewer", word_of(line, "by")).number("hit", hit).number("handle", handle);
  record.text("verdict", word_of(line, "verdict"));
  if (const std::string sign = word_of(line, "sign"); !sign.empty()) record.text("sign", sign);
  append_audit(work, record, by);
}

// A verdict on what is not here waits for the next bundle. Of two by one person the later one stands; at the same
// moment the one that is later in the alphabet, so that every machine comes to the same.
void take_review(Work& work, const ordered_json& line, const Person& by, BundleTaken& taken) {
  const auto hit = row_of(work, "SELECT hit FROM hit WHERE post = ?", bytes_of(line, "post"));
  const std::string token = bytes_of(line, "handle");
  const auto handle =
      token.empty() ? std::optional<std::int64_t>(0) : row_of(work, "SELECT handle FROM handle WHERE token = ?", token);
  if (!hit || !handle) return;
  Query upsert(work, R"(INSERT INTO review(hit, handle, reviewer, verdict, sign, day, at)
      VALUES (?1, ?2, ?3, ?4, NULLIF(?5, ''), ?6, ?7)
      ON CONFLICT DO UPDATE SET verdict = ?4, sign = NULLIF(?5, ''), day = ?6, at = ?7 WHERE (at, verdict) < (?7, ?4))");
  upsert.number(*hit)
      .number(*handle)
      .text(word_of(line, "by"))
      .text(word_of(line, "verdict"))
      .text(word_of(line, "sign"));
  if (upsert.number(number_of(line, "day")).number(number_of(line, "at")).run_changes() == 0) return;
  ++taken.reviews;
  append_taken_review(work, line, *hit, *handle, by);
  if (*handle != 0) recount_handle(work, *handle);
  recount_hit(work, *hit);
}

Status take_holds(Store& store, const Parsed& parsed, BundleTaken& taken) {
  std::vector<ForeignHold> holds;
  for (const ordered_json& line : parsed.lines)
    if (word_of(line, "t") == "hold") holds.push_back({bytes_of(line, "token"), bytes_of(line, "origin")});
  Work work(store.core(), Work::Access::write);
  taken.holds = place_holds_of(work, holds);
  return work.finish();
}

ErasedDays erased_there(const Parsed& parsed) {
  ErasedDays erased;
  for (const ordered_json& line : parsed.lines)
    if (word_of(line, "t") == "erased") erased[bytes_of(line, "token")] = number_of(line, "day");
  return erased;
}

Status take_rest(Store& store, const Parsed& parsed, std::string_view digest, const Person* reader,
                 BundleTaken& taken) {
  const Person& by = reader == nullptr ? store.host() : *reader;
  Work work(store.core(), Work::Access::write);
  for (const ordered_json& line : parsed.lines) {
    if (word_of(line, "t") == "mark") take_mark(work, line, taken);
    if (word_of(line, "t") == "review") take_review(work, line, by, taken);
  }
  // A collector erases with its readers' machine; that one never on the word of a collector, which may be taken over.
  if (reader == nullptr) taken.erased = erase_with(work, erased_there(parsed));
  AuditRecord record("import-sealed");
  record.text("from", sign_key_id(parsed.host_key)).text("sha256", to_hex(digest));
  append_audit(work, record, by);
  return work.finish();
}

// Those decisions that were not erased here; one that was stays away.
Result<std::string> standing_bans(Store& store, const std::string& bans) {
  Work look(store.core(), Work::Access::read);
  std::string standing;
  for (const std::string_view line : split(bans, '\n')) {
    const auto ban = ban_from_json(line);
    if (!ban) continue;
    const Token event = look.tokens().event(ban->platform, ban->event_id);
    if (!erased_since(look, look.tokens().erased(event), 0)) standing += std::string(line) + "\n";
  }
  return look.finish(std::move(standing));
}

Status take_bans(Store& store, const Opened& opened, const Person& reader, BundleTaken& taken) {
  if (opened.bans.empty()) return {};
  const auto bans = standing_bans(store, opened.bans);
  if (!bans) return tl::unexpected(bans.error());
  const auto imported = import_bans(store, *bans, reader, {}, [](std::size_t, const std::string&) {});
  if (!imported) return tl::unexpected(imported.error());
  taken.bans = imported->taken;
  return {};
}

// The journal has them, and no file holds them any more.
Status settle_erasures(Core& core) {
  if (auto written = write_erasures(core); !written) return written;
  return core.database.checkpoint();
}

}  // namespace

Result<BundleTaken> import_sealed(Store& store, std::string_view bundle, const Person* reader) {
  const auto parsed = parse(store, bundle);
  if (!parsed) return tl::unexpected(parsed.error());
  const auto opened = open_lines(*parsed, reader);
  if (!opened) return tl::unexpected(opened.error());
  BundleTaken taken;
  taken.closed = opened->closed;
  Status done = take_holds(store, *parsed, taken);
  if (done && reader != nullptr) done = take_posts(store, *opened, *reader, taken);
  if (done && reader != nullptr) done = take_bans(store, *opened, *reader, taken);
  if (done) done = take_rest(store, *parsed, sha256(bundle), reader, taken);
  if (done && taken.erased > 0) done = settle_erasures(store.core());
  if (!done) return tl::unexpected(done.error());
  return taken;
}

}  // namespace hw::db
