#include "db/handles.h"

#include <fmt/format.h>

#include "db/mark_sql.h"
#include "db/payload.h"
#include "db/row_reader.h"
#include "db/vault.h"
#include "db/work.h"

namespace hw::db {
namespace {

const std::string& handle_columns() {
  static const std::string kColumns = fmt::format(
      "n.handle, {}, {}, n.confirmed, {}, {}, {}, {}, n.token", sql::handle_band(), sql::handle_state(),
      sql::banned("n.token"), sql::handle_back(), sql::handle_several_accounts(), sql::handle_several_platforms());
  return kColumns;
}

constexpr std::string_view kAccountColumns = "c.account, c.platform, c.revision, c.identity, c.alias";

Query& bind_policy(Query& query, Work& work) {
  return query.number(work.core().today()).number(work.core().policy.confirmations);
}

std::vector<BanMark> bans_of(Work& work, const Token& token, const std::optional<Token>& other) {
  std::vector<BanMark> bans;
  Query query(work, R"(SELECT DISTINCT b.ban, b.platform, b.action FROM ban_token t JOIN ban b USING (ban)
      WHERE t.side = 1 AND t.token IN (?1, ?2) AND b.standing AND (b.expires_day IS NULL OR b.expires_day > ?3) ORDER BY b.ban)");
  query.blob(token).maybe_blob(other).number(work.core().today());
  while (query.next()) bans.push_back({query.number_at(0), query.text_at(1), query.text_at(2)});
  return bans;
}

void count_adverts(Work& work, HandleRow& row) {
  Query query(work, R"(SELECT COUNT(*), COUNT(DISTINCT a.account), MIN(h.day), MAX(h.last_day)
      FROM advert a JOIN hit h USING (hit) WHERE a.handle = ?)");
  if (query.number(row.handle).next()) {
    row.hits = static_cast<std::size_t>(query.number_at(0));
    row.accounts = static_cast<std::size_t>(query.number_at(1));
    row.first_day = day_text(query.number_at(2));
    row.last_day = day_text(query.number_at(3));
  }
  Query platforms(work, "SELECT DISTINCT platform FROM advert WHERE handle = ? ORDER BY platform");
  platforms.number(row.handle);
  while (platforms.next()) row.platforms.push_back(platforms.text_at(0));
}

HandleRow handle_of(Work& work, const Query& query) {
  HandleRow row;
  row.handle = query.number_at(0);
  row.band = static_cast<Band>(query.number_at(1));
  row.state = static_cast<HitState>(query.number_at(2));
  row.confirmations = static_cast<int>(query.number_at(3));
  for (const Mark mark : {Mark::banned, Mark::banned_handle_back, Mark::several_accounts, Mark::several_platforms})
    if (query.number_at(4 + static_cast<int>(mark)) != 0) row.marks.push_back(mark);
  row.bans = bans_of(work, query.blob_at(8), std::nullopt);
  count_adverts(work, row);
  return row;
}

AccountRow account_of(Work& work, const Query& query) {
  AccountRow row;
  row.account = query.number_at(0);
  row.platform = query.text_at(1);
  row.bans = bans_of(work, query.blob_at(3), query.blob_at(4));
  Query count(
      work, R"(SELECT COUNT(*), MIN(day), MAX(last_day), (SELECT COUNT(DISTINCT handle) FROM advert WHERE account = ?1)
      FROM hit WHERE account = ?1)");
  if (count.number(row.account).next()) {
    row.hits = static_cast<std::size_t>(count.number_at(0));
    row.first_day = day_text(count.number_at(1));
    row.last_day = day_text(count.number_at(2));
    row.handles = static_cast<std::size_t>(count.number_at(3));
  }
  return row;
}

std::int64_t limit_of(const RowFilter& filter) {
  return filter.limit == 0 ? -1 : static_cast<std::int64_t>(filter.limit);
}

}  // namespace

std::optional<HandleRow> read_handle(Work& work, std::int64_t handle) {
  static const std::string kSql = fmt::format("SELECT {} FROM handle n WHERE n.handle = ?3", handle_columns());
  Query query(work, kSql);
  if (!bind_policy(query, work).number(handle).next()) return std::nullopt;
  return handle_of(work, query);
}

std::optional<OpenedHandle> read_handle_name(Work& work, const Opener& opener, std::int64_t handle) {
  const auto bytes = open_record(work, opener, {KeyClass::review, RecordKind::handle, handle});
  const auto fields = bytes ? unpack(*bytes, 2) : Result<std::vector<std::string>>(tl::unexpected(bytes.error()));
  if (!fields) work.fail(fields.error());
  if (!fields) return std::nullopt;
  return OpenedHandle{(*fields)[0], (*fields)[1]};
}

Result<std::vector<HandleRow>> list_handles(Store& store, const RowFilter& filter) {
  Work work(store.core(), Work::Access::read);
  static const std::string kSql = fmt::format(R"(SELECT {} FROM handle n
      WHERE (?3 IS NULL OR {} = ?3) AND (?4 = '' OR EXISTS (SELECT 1 FROM advert WHERE handle = n.handle AND platform = ?4))
      AND (?5 = 0 OR n.handle < ?5) ORDER BY n.handle DESC LIMIT ?6)",
                                              handle_columns(), sql::handle_state());
  std::vector<HandleRow> rows;
  Query query(work, kSql);
  bind_policy(query, work).maybe(filter.state ? std::optional(static_cast<std::int64_t>(*filter.state)) : std::nullopt);
  query.text(filter.platform).number(filter.before).number(limit_of(filter));
  while (query.next()) rows.push_back(handle_of(work, query));
  return work.finish(std::move(rows));
}

Result<std::vector<AccountRow>> list_accounts(Store& store, const RowFilter& filter) {
  Work work(store.core(), Work::Access::read);
  static const std::string kSql = fmt::format(
      "SELECT {} FROM account c WHERE (?1 = '' OR c.platform = ?1) AND (?2 = 0 OR c.account < ?2) ORDER BY c.account "
      "DESC LIMIT ?3",
      kAccountColumns);
  std::vector<AccountRow> rows;
  Query query(work, kSql);
  query.text(filter.platform).number(filter.before).number(limit_of(filter));
  while (query.next()) rows.push_back(account_of(work, query));
  return work.finish(std::move(rows));
}

Result<HandleRow> find_handle(Store& store, std::int64_t handle) {
  Work work(store.core(), Work::Access::read);
  auto row = read_handle(work, handle);
  if (!row)
    work.fail({ErrorCode::not_found,
               fmt::format("there is no handle {}; handlewatch handles list shows those there are", handle)});
  return work.finish(std::move(row).value_or(HandleRow{}));
}

Result<AccountRow> find_account(Store& store, std::int64_t account) {
  Work work(store.core(), Work::Access::read);
  static const std::string kSql = fmt::format("SELECT {} FROM account c WHERE c.account = ?", kAccountColumns);
  AccountRow row;
  Query query(work, kSql);
  if (query.number(account).next())
    row = account_of(work, query);
  else
    work.fail({ErrorCode::not_found,
               fmt::format("there is no account {}; handlewatch accounts list shows those there are", account)});
  return work.finish(std::move(row));
}

Result<OpenedHandle> open_handle(Store& store, const Opener& opener, std::int64_t handle) {
  Work work(store.core(), Work::Access::read);
  if (!read_handle(work, handle)) work.fail({ErrorCode::not_found, fmt::format("there is no handle {}", handle)});
  auto opened = read_handle_name(work, opener, handle);
  return work.finish(std::move(opened).value_or(OpenedHandle{}));
}

Result<OpenedAccount> open_account(Store& store, const Opener& opener, std::int64_t account) {
  Work work(store.core(), Work::Access::read);
  OpenedAccount opened;
  Query query(work, "SELECT revision FROM account WHERE account = ?");
  if (!query.number(account).next()) {
    work.fail({ErrorCode::not_found, fmt::format("there is no account {}", account)});
    return work.finish(std::move(opened));
  }
  const auto bytes = open_record(work, opener, {KeyClass::review, RecordKind::account, account, query.number_at(0)});
  const auto fields = bytes ? unpack(*bytes, 4) : Result<std::vector<std::string>>(tl::unexpected(bytes.error()));
  if (fields)
    opened = {(*fields)[0], (*fields)[1], (*fields)[2], (*fields)[3]};
  else
    work.fail(fields.error());
  return work.finish(std::move(opened));
}

}  // namespace hw::db
