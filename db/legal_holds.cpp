#include "db/legal_holds.h"

#include <fmt/format.h>

#include "db/audit_writer.h"
#include "db/work.h"

namespace hw::db {
namespace {

constexpr int kLongestReview = 366;

Result<std::string> checked(std::string_view reason) {
  auto why = audit_words("--reason", reason);
  if (why && why->empty()) return fail(ErrorCode::usage, "a legal hold takes a --reason");
  return why;
}

}  // namespace

Status place_legal_hold(Store& store, const Person& by, std::int64_t hit, std::string_view reason, int review_days) {
  const auto why = checked(reason);
  if (!why) return tl::unexpected(why.error());
  if (review_days < 1 || review_days > kLongestReview)
    return fail(ErrorCode::usage, fmt::format("a legal hold is reviewed after 1 to {} days", kLongestReview));
  Work work(store.core(), Work::Access::write);
  {
    Query query(work, "SELECT 1 FROM hit WHERE hit = ?");
    if (!query.number(hit).next())
      work.fail(
          {ErrorCode::not_found, fmt::format("there is no hit {}; handlewatch hits list shows those there are", hit)});
  }
  const std::int64_t today = work.core().today();
  Query insert(work, R"(INSERT INTO legal_hold(hit, person, reason, day, review_day) VALUES (?1, ?2, ?3, ?4, ?5)
      ON CONFLICT DO UPDATE SET person = ?2, reason = ?3, day = ?4, review_day = ?5)");
  insert.number(hit).text(by.name()).text(*why).number(today).number(today + review_days).run();
  AuditRecord record("legal-hold");
  record.number("hit", hit).text("reason", *why).text("review", day_text(today + review_days));
  append_audit(work, record, by);
  return work.finish();
}

Status end_legal_hold(Store& store, const Person& by, std::int64_t hit, std::string_view reason) {
  const auto why = checked(reason);
  if (!why) return tl::unexpected(why.error());
  Work work(store.core(), Work::Access::write);
  Query remove(work, "DELETE FROM legal_hold WHERE hit = ?");
  if (remove.number(hit).run_changes() == 0)
    work.fail({ErrorCode::not_found,
               fmt::format("hit {} has no legal hold; handlewatch hits holds shows those there are", hit)});
  AuditRecord record("legal-hold-end");
  append_audit(work, record.number("hit", hit).text("reason", *why), by);
  return work.finish();
}

Result<std::vector<LegalHold>> legal_holds(Store& store) {
  Work work(store.core(), Work::Access::read);
  std::vector<LegalHold> holds;
  Query query(work, "SELECT hit, person, reason, day, review_day FROM legal_hold ORDER BY review_day, hit");
  while (query.next())
    holds.push_back({query.number_at(0), query.text_at(1), query.text_at(2), day_text(query.number_at(3)),
                     day_text(query.number_at(4)), query.number_at(4) <= work.core().today()});
  return work.finish(std::move(holds));
}

}  // namespace hw::db
