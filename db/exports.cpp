#include "db/exports.h"

#include <fmt/format.h>

#include "common/text.h"
#include "db/audit_writer.h"
#include "db/hits.h"
#include "db/mark_sql.h"
#include "db/people.h"
#include "db/row_reader.h"
#include "db/work.h"

namespace hw::db {
namespace {

constexpr std::size_t kBatch = 200;

// The next exportable handles after a row. Each batch is a transaction of its own: a reader that takes an hour must not
// keep the log of writes from being folded back.
std::vector<std::int64_t> next_exportable(Work& work, std::int64_t after) {
  static const std::string kSql =
      fmt::format("SELECT n.handle FROM handle n WHERE n.handle > ?1 AND {} AND {} ORDER BY n.handle LIMIT {}",
                  sql::handle_confirmed(), sql::handle_stands(), kBatch);
  std::vector<std::int64_t> handles;
  Query query(work, kSql);
  query.number(after).number(work.core().policy.confirmations);
  while (query.next()) handles.push_back(query.number_at(0));
  return handles;
}

Result<std::vector<ExportedHandle>> read_batch(Store& store, const Opener& opener, const Export& made,
                                               std::int64_t after) {
  Work work(store.core(), Work::Access::write);
  std::vector<ExportedHandle> batch;
  Query remember(work, "INSERT INTO export_item(handle, export) VALUES (?, ?) ON CONFLICT DO NOTHING");
  for (const std::int64_t handle : next_exportable(work, after)) {
    auto row = read_handle(work, handle);
    auto name = read_handle_name(work, opener, handle);
    if (!row || !name) break;
    remember.number(handle).number(made.id).run();
    batch.push_back({std::move(*row), std::move(*name)});
  }
  return work.finish(std::move(batch));
}

struct ConfirmedHit {
  std::int64_t hit = 0;
  std::int64_t account = 0;
};

Result<std::vector<ConfirmedHit>> confirmed_hits(Store& store, std::int64_t handle) {
  static const std::string kSql = fmt::format(R"(SELECT DISTINCT a.hit, IFNULL(a.account, 0) FROM advert a
      JOIN review r ON r.hit = a.hit AND r.handle = a.handle AND r.verdict = 'confirmed'
      WHERE a.handle = ? ORDER BY a.hit DESC LIMIT {})",
                                              kMostExportedAdverts);
  Work work(store.core(), Work::Access::read);
  std::vector<ConfirmedHit> hits;
  {
    Query query(work, kSql);
    query.number(handle);
    while (query.next()) hits.push_back({query.number_at(0), query.number_at(1)});
  }
  return work.finish(std::move(hits));
}

Status read_adverts(Store& store, const Opener& opener, ExportedHandle& into) {
  const auto hits = confirmed_hits(store, into.row.handle);
  if (!hits) return tl::unexpected(hits.error());
  for (const ConfirmedHit& confirmed : *hits) {
    auto judged = open_hit(store, opener, confirmed.hit);
    if (!judged && judged.error().code == ErrorCode::not_found) continue;  // withheld or erased since
    if (!judged) return tl::unexpected(judged.error());
    into.adverts.push_back(std::move(*judged));
    into.accounts.push_back(confirmed.account);
  }
  return {};
}

}  // namespace

Result<Export> begin_export(Store& store, const Person& by, const ExportOrder& order) {
  const Role role = order.what == kReferralExport ? Role::safeguarding : Role::exporter;
  if (auto allowed = may(store, by, role); !allowed) return tl::unexpected(allowed.error());
  const auto case_name = audit_words("--case", order.case_name);
  if (!case_name) return tl::unexpected(case_name.error());
  const auto purpose = audit_words("--purpose", order.purpose);
  if (!purpose) return tl::unexpected(purpose.error());
  Work work(store.core(), Work::Access::write);
  Query insert(work, "INSERT INTO export(what, day) VALUES (?, ?)");
  Export made;
  made.id = insert.text(order.what).number(work.core().today()).run_insert();
  AuditRecord record("export");
  record.number("export", made.id).text("what", order.what).text("case", *case_name);
  append_audit(work, record.text("purpose", *purpose).text("format", order.format), by);
  made.checkpoint = current_checkpoint(work);
  return work.finish(std::move(made));
}

Result<std::size_t> export_handles(Store& store, const Opener& opener, const Export& made,
                                   const std::function<Status(const ExportedHandle&)>& take, WithAdverts with) {
  std::size_t count = 0;
  for (std::int64_t after = 0;;) {
    auto batch = read_batch(store, opener, made, after);
    if (!batch) return tl::unexpected(batch.error());
    if (batch->empty()) return count;
    for (ExportedHandle& handle : *batch) {
      if (with == WithAdverts::yes)
        if (auto read = read_adverts(store, opener, handle); !read) return tl::unexpected(read.error());
      if (auto taken = take(handle); !taken) return tl::unexpected(taken.error());
      after = handle.row.handle;
      ++count;
    }
  }
}

Result<bool> is_exportable(Store& store, std::int64_t handle) {
  Work work(store.core(), Work::Access::read);
  static const std::string kSql = fmt::format("SELECT 1 FROM handle n WHERE n.handle = ?1 AND {} AND {}",
                                              sql::handle_confirmed(), sql::handle_stands());
  bool exportable = false;
  {
    Query query(work, kSql);
    exportable = query.number(handle).number(work.core().policy.confirmations).next();
  }
  return work.finish(exportable);
}

Result<std::size_t> count_left_behind(Store& store) {
  Work work(store.core(), Work::Access::read);
  // ?1 is not used here; the state needs the policy alone.
  static const std::string kSql = fmt::format("SELECT COUNT(*) FROM handle n WHERE ?1 = 0 AND {} AND NOT {}",
                                              sql::handle_confirmed(), sql::handle_stands());
  std::size_t count = 0;
  {
    Query query(work, kSql);
    query.number(0).number(work.core().policy.confirmations);
    if (query.next()) count = static_cast<std::size_t>(query.number_at(0));
  }
  return work.finish(count);
}

Status note_exported(Store& store, const Export& made, const std::vector<std::int64_t>& handles) {
  Work work(store.core(), Work::Access::write);
  Query remember(work, "INSERT INTO export_item(handle, export) VALUES (?, ?) ON CONFLICT DO NOTHING");
  for (const std::int64_t handle : handles) remember.number(handle).number(made.id).run();
  return work.finish();
}

Status finish_export(Store& store, const Person& by, const Export& made, std::size_t count, std::string_view sha256) {
  Work work(store.core(), Work::Access::write);
  Query update(work, "UPDATE export SET count = ?, digest = ? WHERE export = ?");
  update.number(static_cast<std::int64_t>(count)).text(sha256).number(made.id).run();
  append_audit(work,
               AuditRecord("export-done")
                   .number("export", made.id)
                   .number("count", static_cast<std::int64_t>(count))
                   .text("sha256", sha256),
               by);
  return work.finish();
}

Result<std::vector<ExportRow>> list_exports(Store& store) {
  Work work(store.core(), Work::Access::read);
  std::vector<ExportRow> rows;
  Query query(work, "SELECT export, what, day, IFNULL(count, -1), digest FROM export WHERE what <> ? ORDER BY export");
  query.text(kReferralExport);
  while (query.next())
    rows.push_back(
        {query.number_at(0), query.text_at(1), day_text(query.number_at(2)), query.number_at(3), query.text_at(4)});
  return work.finish(std::move(rows));
}

Result<std::vector<Recall>> list_recalls(Store& store) {
  auto all = list_exports(store);
  if (!all) return tl::unexpected(all.error());
  static const std::string kSql = fmt::format(
      R"(SELECT n.handle FROM export_item i JOIN handle n USING (handle)
      WHERE i.export = ?1 AND NOT {} ORDER BY n.handle)",
      sql::handle_confirmed());
  Work work(store.core(), Work::Access::read);
  std::vector<Recall> recalls;
  {
    Query query(work, kSql);
    for (ExportRow& made : *all) {
      Recall recall{std::move(made), {}};
      query.number(recall.made.id).number(work.core().policy.confirmations);
      while (query.next()) recall.handles.push_back(query.number_at(0));
      query.rewind();
      if (!recall.handles.empty()) recalls.push_back(std::move(recall));
    }
  }
  return work.finish(std::move(recalls));
}

}  // namespace hw::db
