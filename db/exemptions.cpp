#include "db/exemptions.h"

#include <fmt/format.h>

#include "db/audit_writer.h"
#include "db/work.h"

namespace hw::db {

Result<std::int64_t> exempt_handle(Store& store, std::string_view messenger, std::string_view canonical,
                                   const Person& by, std::string_view reason) {
  const auto why = audit_words("--reason", reason);
  if (!why) return tl::unexpected(why.error());
  Work work(store.core(), Work::Access::write);
  const Token token = work.tokens().handle(messenger, canonical);
  {
    Query find(work, "SELECT exempt FROM exempt WHERE token = ?");
    if (find.blob(token).next()) return work.finish(find.number_at(0));
  }
  Query insert(work, "INSERT INTO exempt(token, messenger, reason, day) VALUES (?, ?, ?, ?)");
  const std::int64_t row = insert.blob(token).text(messenger).text(*why).number(work.core().today()).run_insert();
  append_audit(work, AuditRecord("exempt").number("exempt", row).text("reason", *why), by);
  return work.finish(row);
}

Status end_exemption(Store& store, std::int64_t exempt, const Person& by) {
  Work work(store.core(), Work::Access::write);
  Query remove(work, "DELETE FROM exempt WHERE exempt = ?");
  if (remove.number(exempt).run_changes() == 0)
    work.fail({ErrorCode::not_found,
               fmt::format("there is no exemption {}; handlewatch handles exempt list shows those there are", exempt)});
  append_audit(work, AuditRecord("exempt-end").number("exempt", exempt), by);
  return work.finish();
}

Result<std::vector<ExemptRow>> list_exempt(Store& store) {
  Work work(store.core(), Work::Access::read);
  std::vector<ExemptRow> rows;
  {
    Query query(work, "SELECT exempt, messenger, reason, day FROM exempt ORDER BY exempt");
    while (query.next())
      rows.push_back({query.number_at(0), query.text_at(1), query.text_at(2), day_text(query.number_at(3))});
  }
  return work.finish(std::move(rows));
}

}  // namespace hw::db
