#include "db/lookup.h"

#include "db/audit_writer.h"
#include "db/link_sql.h"
#include "db/work.h"

namespace hw::db {

Result<std::int64_t> begin_lookup(Store& store, const Person& by, const LookupOrder& order) {
  const auto case_name = audit_words("--case", order.case_name);
  if (!case_name) return tl::unexpected(case_name.error());
  const auto purpose = audit_words("--purpose", order.purpose);
  if (!purpose) return tl::unexpected(purpose.error());
  Work work(store.core(), Work::Access::write);
  const std::int64_t entry =
      append_audit(work, AuditRecord("lookup").text("case", *case_name).text("purpose", *purpose), by);
  return work.finish(entry);
}

Result<std::vector<std::optional<std::int64_t>>> lookup(Store& store, std::span<const HandleName> names) {
  Work work(store.core(), Work::Access::read);
  std::vector<std::optional<std::int64_t>> rows;
  {
    Query find(work, sql::kHandleByToken);
    for (const HandleName& name : names) {
      const bool known = find.blob(work.tokens().handle(name.messenger, name.canonical)).next();
      rows.push_back(known ? std::optional(find.number_at(0)) : std::nullopt);
      find.rewind();
    }
  }
  return work.finish(std::move(rows));
}

Status finish_lookup(Store& store, const Person& by, std::int64_t entry, std::size_t asked, std::size_t known) {
  Work work(store.core(), Work::Access::write);
  append_audit(work,
               AuditRecord("lookup-done")
                   .number("lookup", entry)
                   .number("asked", static_cast<std::int64_t>(asked))
                   .number("known", static_cast<std::int64_t>(known)),
               by);
  return work.finish();
}

}  // namespace hw::db
