#include "db/referrals.h"

#include <algorithm>

#include <fmt/format.h>

#include "db/ban_taking.h"
#include "db/holds.h"
#include "db/payload.h"
#include "db/recorder.h"
#include "db/referral_rows.h"
#include "db/vault.h"
#include "db/work.h"

namespace hw::db {
namespace {

struct Withheld {
  RecordKind kind = RecordKind::hit;
  std::int64_t owner = 0;
  Token token;  // in the hold domain already
  std::optional<std::string> since;
};

std::vector<Withheld> all_withheld(Work& work) {
  std::vector<Withheld> all;
  Query query(work, "SELECT kind, owner, token, since FROM withheld ORDER BY day, kind, owner");
  while (query.next()) {
    Withheld withheld{static_cast<RecordKind>(query.number_at(0)), query.number_at(1), query.blob_at(2), {}};
    if (std::string since = query.blob_at(3); !since.empty()) withheld.since = std::move(since);
    all.push_back(std::move(withheld));
  }
  return all;
}

// A hold may have been lifted before a reviewer came to unlock.
bool still_held(Work& work, RecordKind kind, std::string_view bytes) {
  if (kind == RecordKind::ban) {
    const auto ban = ban_from_json(bytes);
    return !ban || is_concerned(work, subject_of(work.tokens(), *ban));
  }
  const auto judged = unpack_judged(bytes);
  return !judged || is_concerned(work, subject_of(work.tokens(), *judged));
}

Referral withdrawn(RecordKind kind, std::string bytes) {
  Referral referral;
  if (kind == RecordKind::ban) {
    referral.ban = std::move(bytes);
  } else if (auto judged = unpack_judged(bytes)) {
    referral.judged = std::move(*judged);
  }
  return referral;
}

void seal_anew(Work& work, const Opener& reviewer, const Withheld& withheld) {
  const RecordKind kind = withheld.kind == RecordKind::ban ? RecordKind::held_ban : RecordKind::held_hit;
  std::vector<std::string> versions;
  for (const std::int64_t revision : revisions_of(work, withheld.kind, withheld.owner))
    if (auto bytes = open_record(work, reviewer, {KeyClass::review, withheld.kind, withheld.owner, revision}))
      versions.push_back(std::move(*bytes));
  if (work.failed()) return;
  erase_records(work, withheld.kind, withheld.owner);
  Query arrived(work, "DELETE FROM withheld WHERE kind = ? AND owner = ?");
  arrived.number(static_cast<std::int64_t>(withheld.kind)).number(withheld.owner).run();
  if (!versions.empty() && !still_held(work, withheld.kind, versions.back()))
    return give_back(work, withdrawn(withheld.kind, std::move(versions.back())));
  for (const std::string& bytes : versions) queue_held(work, kind, withheld.token, std::nullopt, bytes, withheld.since);
}

Status seal_all_anew(Store& store, const Opener& reviewer) {
  {
    Work look(store.core(), Work::Access::read);
    const bool none = all_withheld(look).empty();
    if (auto done = look.finish(); !done || none) return done;
  }
  Work work(store.core(), Work::Access::write);
  for (const Withheld& withheld : all_withheld(work)) seal_anew(work, reviewer, withheld);
  if (auto done = work.finish(); !done) return done;
  return store.core().database.checkpoint();
}

bool child_risk(const Referral& referral) { return referral.judged && referral.judged->verdict.has(Flag::child_risk); }

constexpr Duration kLongestWait = std::chrono::hours(24);

}  // namespace

void require_safeguarding(Work& work, const Opener& opener) {
  if (opener.key_class() != KeyClass::safeguarding) work.fail({ErrorCode::no_key, "this takes the safeguarding key"});
}

std::vector<HeldRow> held_rows(Work& work, std::optional<std::int64_t> held) {
  std::vector<HeldRow> rows;
  Query query(work, R"(SELECT held, kind, token, version, revision, day, since, read FROM held
      WHERE ?1 IS NULL OR held = ?1 ORDER BY day, held)");
  query.maybe(held);
  while (query.next()) {
    HeldRow row{query.number_at(0), static_cast<RecordKind>(query.number_at(1)),
                query.blob_at(2),   std::nullopt,
                query.number_at(4), day_text(query.number_at(5)),
                query.blob_at(6),   query.number_at(7) != 0};
    if (Token version = query.blob_at(3); !version.empty()) row.version = std::move(version);
    rows.push_back(std::move(row));
  }
  if (held && rows.empty()) work.fail({ErrorCode::not_found, fmt::format("there is no referral {}", *held)});
  return rows;
}

std::optional<Referral> open_held(Work& work, const Opener& opener, const HeldRow& row) {
  auto bytes = open_record(work, opener, {KeyClass::safeguarding, row.kind, row.held, row.revision});
  if (!bytes) return std::nullopt;
  Referral referral{row.held, row.day, {}, row.read, {}, std::nullopt, {}};
  referral.since = revealed_time(work, row.since).value_or(parse_rfc3339(row.day + "T00:00:00Z").value_or(Time{}));
  Query asked(work, "SELECT person FROM release WHERE held = ? ORDER BY person");
  asked.number(row.held);
  while (asked.next()) referral.releases.push_back(asked.text_at(0));
  if (row.kind == RecordKind::held_ban) {
    referral.ban = std::move(*bytes);
    return referral;
  }
  auto judged = unpack_judged(*bytes);
  if (!judged) work.fail(judged.error());
  if (!judged) return std::nullopt;
  referral.judged = std::move(*judged);
  return referral;
}

Result<Opener> unlock(Store& store, const Person& by, KeyClass key_class) {
  auto opener = by.opener(key_class);
  if (!opener || key_class != KeyClass::review) return opener;
  if (auto done = seal_all_anew(store, *opener); !done) return tl::unexpected(done.error());
  return opener;
}

Result<Queue> count_referrals(Store& store, const Opener& opener) {
  Work work(store.core(), Work::Access::read);
  require_safeguarding(work, opener);
  Queue queue;
  Query query(work, "SELECT (SELECT COUNT(*) FROM held), (SELECT COUNT(*) FROM withheld)");
  if (query.next())
    queue = {static_cast<std::size_t>(query.number_at(0)), static_cast<std::size_t>(query.number_at(1))};
  return work.finish(queue);
}

Result<std::vector<Referral>> list_referrals(Store& store, const Opener& opener) {
  Work work(store.core(), Work::Access::read);
  require_safeguarding(work, opener);
  std::vector<Referral> referrals;
  if (!work.failed())
    for (const HeldRow& row : held_rows(work, std::nullopt))
      if (auto referral = open_held(work, opener, row)) referrals.push_back(std::move(*referral));
  std::stable_sort(referrals.begin(), referrals.end(),
                   [](const Referral& a, const Referral& b) { return a.since < b.since; });
  std::stable_partition(referrals.begin(), referrals.end(), child_risk);
  return work.finish(std::move(referrals));
}

namespace {

std::vector<Referral> versions_of(Work& work, const Opener& opener, std::int64_t held) {
  require_safeguarding(work, opener);
  std::vector<Referral> versions;
  if (work.failed()) return versions;
  for (HeldRow row : held_rows(work, held))
    for (const std::int64_t revision : revisions_of(work, row.kind, row.held)) {
      row.revision = revision;
      if (auto referral = open_held(work, opener, row)) versions.push_back(std::move(*referral));
    }
  return versions;
}

}  // namespace

Result<std::vector<Referral>> open_referral(Store& store, const Opener& opener, std::int64_t held) {
  Work work(store.core(), Work::Access::read);
  std::vector<Referral> versions = versions_of(work, opener, held);
  return work.finish(std::move(versions));
}

Result<std::vector<Referral>> read_referral(Store& store, const Opener& opener, const Person& by, std::int64_t held) {
  Work work(store.core(), Work::Access::write);
  std::vector<Referral> versions = versions_of(work, opener, held);
  Query read(work, "UPDATE held SET read = 1 WHERE held = ?");
  read.number(held).run();
  note_act(work, "show", by, {held, {}});
  return work.finish(std::move(versions));
}

Result<bool> referrals_overdue(Store& store) {
  Work work(store.core(), Work::Access::read);
  const Time limit = work.core().clock.now() - kLongestWait;
  bool overdue = false;
  Query query(work, R"(SELECT day, since FROM held WHERE read = 0 AND day <= ?1
      UNION ALL SELECT day, since FROM withheld WHERE day <= ?1 ORDER BY 1)");
  query.number(day_number(limit));
  while (!overdue && query.next()) {
    const auto since = revealed_time(work, query.blob_at(1));
    overdue = query.number_at(0) < day_number(limit) || !since || *since < limit;
  }
  return work.finish(overdue);
}

}  // namespace hw::db
