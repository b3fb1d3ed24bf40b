#include "db/referrals.h"

#include <algorithm>

#include <fmt/format.h>

#include "db/payload.h"
#include "db/recorder.h"
#include "db/vault.h"
#include "db/work.h"

namespace hw::db {
namespace {

struct Withheld {
  RecordKind kind = RecordKind::hit;
  std::int64_t owner = 0;
  Token token;  // in the hold domain already
};

std::vector<Withheld> all_withheld(Work& work) {
  std::vector<Withheld> all;
  Query query(work, "SELECT kind, owner, token FROM withheld ORDER BY day, kind, owner");
  while (query.next())
    all.push_back({static_cast<RecordKind>(query.number_at(0)), query.number_at(1), query.blob_at(2)});
  return all;
}

void seal_anew(Work& work, const Opener& reviewer, const Withheld& withheld) {
  const RecordKind kind = withheld.kind == RecordKind::ban ? RecordKind::held_ban : RecordKind::held_hit;
  for (const std::int64_t revision : revisions_of(work, withheld.kind, withheld.owner)) {
    const auto bytes = open_record(work, reviewer, {KeyClass::review, withheld.kind, withheld.owner, revision});
    if (bytes) queue_held(work, kind, withheld.token, std::nullopt, *bytes);
  }
  erase_records(work, withheld.kind, withheld.owner);
  Query remove(work, "DELETE FROM withheld WHERE kind = ? AND owner = ?");
  remove.number(static_cast<std::int64_t>(withheld.kind)).number(withheld.owner).run();
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

void require_safeguarding(Work& work, const Opener& opener) {
  if (opener.key_class() != KeyClass::safeguarding) work.fail({ErrorCode::no_key, "this takes the safeguarding key"});
}

struct HeldRow {
  std::int64_t held = 0;
  RecordKind kind = RecordKind::held_hit;
  std::int64_t revision = 0;
  std::string day;
};

std::vector<HeldRow> held_rows(Work& work, std::optional<std::int64_t> held) {
  std::vector<HeldRow> rows;
  Query query(work, "SELECT held, kind, revision, day FROM held WHERE ?1 IS NULL OR held = ?1 ORDER BY day, held");
  query.maybe(held);
  while (query.next())
    rows.push_back({query.number_at(0), static_cast<RecordKind>(query.number_at(1)), query.number_at(2),
                    day_text(query.number_at(3))});
  return rows;
}

std::optional<Referral> open_row(Work& work, const Opener& opener, const HeldRow& row) {
  auto bytes = open_record(work, opener, {KeyClass::safeguarding, row.kind, row.held, row.revision});
  if (!bytes) return std::nullopt;
  if (row.kind == RecordKind::held_ban) return Referral{row.held, row.day, std::nullopt, std::move(*bytes)};
  auto judged = unpack_judged(*bytes);
  if (!judged) work.fail(judged.error());
  if (!judged) return std::nullopt;
  return Referral{row.held, row.day, std::move(*judged), {}};
}

bool child_risk(const Referral& referral) { return referral.judged && referral.judged->verdict.has(Flag::child_risk); }

}  // namespace

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
  for (const HeldRow& row : held_rows(work, std::nullopt))
    if (auto referral = open_row(work, opener, row)) referrals.push_back(std::move(*referral));
  std::stable_partition(referrals.begin(), referrals.end(), child_risk);
  return work.finish(std::move(referrals));
}

Result<std::vector<Referral>> open_referral(Store& store, const Opener& opener, std::int64_t held) {
  Work work(store.core(), Work::Access::read);
  require_safeguarding(work, opener);
  const std::vector<HeldRow> rows = held_rows(work, held);
  if (rows.empty()) work.fail({ErrorCode::not_found, fmt::format("there is no referral {}", held)});
  std::vector<Referral> versions;
  for (HeldRow row : rows)
    for (const std::int64_t revision : revisions_of(work, row.kind, row.held)) {
      row.revision = revision;
      if (auto referral = open_row(work, opener, row)) versions.push_back(std::move(*referral));
    }
  return work.finish(std::move(versions));
}

}  // namespace hw::db
