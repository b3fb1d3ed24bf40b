#include "db/retention.h"

#include <fmt/format.h>

#include "db/audit_writer.h"
#include "db/erased.h"
#include "db/erasures.h"
#include "db/mark_sql.h"
#include "db/marks.h"
#include "db/work.h"

namespace hw::db {
namespace {

constexpr std::int64_t kFingerprintDays = 30;
constexpr std::int64_t kMarkDays = 365;
constexpr std::int64_t kBackupDays = 400;  // an older backup is not restored

// What was last touched before this day is past its time; a time that is no whole number of days is rounded up.
std::int64_t before(Work& work, Duration kept) {
  return work.core().today() - std::chrono::ceil<std::chrono::days>(kept).count();
}

std::vector<std::int64_t> rows(Query& query) {
  std::vector<std::int64_t> rows;
  while (query.next()) rows.push_back(query.number_at(0));
  return rows;
}

std::size_t expire_hits(Work& work, const std::string& states, Duration kept, std::size_t& legal_holds) {
  // ?1 is the day here; the state needs the policy (?2) alone.
  const std::string sql = fmt::format(
      "SELECT h.hit, EXISTS (SELECT 1 FROM legal_hold WHERE hit = h.hit) FROM hit h "
      "WHERE h.touched_day < ?1 AND {} IN ({})",
      sql::hit_state(), states);
  std::vector<std::int64_t> hits;
  {
    Query query(work, sql);
    query.number(before(work, kept)).number(work.core().policy.confirmations);
    while (query.next())
      if (query.number_at(1) == 0)
        hits.push_back(query.number_at(0));
      else
        ++legal_holds;
  }
  for (const std::int64_t hit : hits) erase_hit(work, hit, work.core().today());
  return hits.size();
}

std::size_t expire_bans(Work& work, Duration kept) {
  std::vector<std::int64_t> bans;
  {
    Query query(work, "SELECT ban FROM ban WHERE imported_day < ?");
    query.number(before(work, kept));
    bans = rows(query);
  }
  for (const std::int64_t ban : bans) erase_ban(work, ban);
  return bans.size();
}

std::size_t expire_days(Work& work, std::string_view sql, std::int64_t days) {
  Query query(work, sql);
  return static_cast<std::size_t>(query.number(work.core().today() - days).run_changes());
}

void append_entry(Work& work, const Expired& expired, const Person& by) {
  if (expired.unreviewed + expired.rejected + expired.confirmed + expired.bans == 0) return;
  AuditRecord record("purge");
  record.number("unreviewed", static_cast<std::int64_t>(expired.unreviewed));
  record.number("rejected", static_cast<std::int64_t>(expired.rejected))
      .number("confirmed", static_cast<std::int64_t>(expired.confirmed));
  append_audit(work, record.number("bans", static_cast<std::int64_t>(expired.bans)), by);
}

std::string state_list(std::initializer_list<HitState> states) {
  std::vector<int> numbers;
  for (const HitState state : states) numbers.push_back(static_cast<int>(state));
  return fmt::format("{}", fmt::join(numbers, ", "));
}

}  // namespace

Result<Expired> expire(Store& store, const config::Retention& retention, Expiry expiry, const Person& by) {
  Work work(store.core(), Work::Access::write);
  Expired expired;
  expired.fingerprints = expire_days(work, "DELETE FROM fingerprint WHERE day < ?", kFingerprintDays);
  expired.marks = expire_days(work, "DELETE FROM do_not_raise WHERE day < ?", kMarkDays);
  expired.unreviewed = expire_hits(work, state_list({HitState::fresh, HitState::seed, HitState::disputed}),
                                   retention.unreviewed, expired.legal_holds);
  expired.rejected = expire_hits(work, state_list({HitState::rejected}), retention.rejected, expired.legal_holds);
  expired.confirmed = expire_hits(work, state_list({HitState::confirmed}), retention.confirmed, expired.legal_holds);
  expired.bans = expire_bans(work, retention.bans);
  forget_erased(work, work.core().today() - kBackupDays);
  append_entry(work, expired, by);
  const Status done = expiry == Expiry::erase ? work.finish() : work.undo();
  if (!done) return tl::unexpected(done.error());
  if (expiry == Expiry::preview) return expired;
  if (auto written = write_erasures(store.core()); !written) return tl::unexpected(written.error());
  if (auto trimmed = trim_erasures(store.core(), store.core().today() - kBackupDays); !trimmed)
    return tl::unexpected(trimmed.error());
  if (auto emptied = store.core().database.checkpoint(); !emptied)
    return within("erased, but the log still holds it", emptied.error());
  return expired;
}

Result<std::size_t> Store::expire(const config::Retention& retention) {
  const auto expired = db::expire(*this, retention, Expiry::erase, host());
  if (!expired) return tl::unexpected(expired.error());
  return expired->unreviewed + expired->rejected + expired->confirmed + expired->bans;
}

}  // namespace hw::db
