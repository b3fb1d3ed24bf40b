#include "db/rows.h"

#include "db/counts.h"
#include "db/payload.h"
#include "db/vault.h"

namespace hw::db {
namespace {

void seal_account_name(Work& work, std::int64_t account, std::int64_t revision, const Post& post) {
  put_record(work, {KeyClass::review, RecordKind::account, account, revision},
             pack({post.platform, post.author_id, post.author, post.author_display}));
}

// Platforms let people rename their accounts: the row then carries the name of today.
void rename_account(Work& work, std::int64_t account, std::int64_t revision, const Token& alias, const Post& post) {
  Query update(work, "UPDATE account SET alias = ?, revision = ? WHERE account = ?");
  update.blob(alias).number(revision + 1).number(account).run();
  erase_records(work, RecordKind::account, account);
  seal_account_name(work, account, revision + 1, post);
  refresh_account_bans(work, account);
}

constexpr std::int64_t kForever = 1'000'000;  // a day far beyond any calendar of ours

}  // namespace

BannedUntil banned_until(Work& work, std::int64_t account) {
  Query query(work,
              R"(SELECT IFNULL(MAX(IFNULL(expires_day, ?2)), 0), IFNULL(MAX(IIF(ours, 0, IFNULL(expires_day, ?2))), 0)
    FROM account JOIN ban_token ON token IN (identity, alias) AND side = 1 JOIN ban USING (ban)
    WHERE account = ?1 AND standing)");
  if (!query.number(account).number(kForever).next()) return {};
  return {query.number_at(0), query.number_at(1)};
}

void refresh_account_bans(Work& work, std::int64_t account) {
  const BannedUntil until = banned_until(work, account);
  Query update(work, R"(UPDATE advert SET banned_until = ?2, others_until = ?3
    WHERE account = ?1 AND (banned_until <> ?2 OR others_until <> ?3))");
  update.number(account).number(until.anybody).number(until.others).run();
}

std::int64_t handle_row(Work& work, const Token& token, std::string_view messenger, std::string_view canonical) {
  {
    Query find(work, "SELECT handle FROM handle WHERE token = ?");
    if (find.blob(token).next()) return find.number_at(0);
  }
  const Token spelling = work.tokens().spelling(canonical);
  Query insert(work, "INSERT INTO handle(token, spelling) VALUES (?, ?)");
  insert.blob(token).maybe_blob(spelling.empty() ? std::nullopt : std::optional(spelling));
  const std::int64_t handle = insert.run_insert();
  put_record(work, {KeyClass::review, RecordKind::handle, handle}, pack({messenger, canonical}));
  return handle;
}

std::optional<std::int64_t> account_row(Work& work, const Post& post) {
  const std::vector<Token> met = work.tokens().met({post.platform, post.author_id, post.author});
  if (met.empty()) return std::nullopt;
  const std::optional<Token> alias = met.size() > 1 ? std::optional(met[1]) : std::nullopt;
  {
    Query find(work, "SELECT account, alias, revision FROM account WHERE identity = ?");
    if (find.blob(met[0]).next()) {
      const std::int64_t account = find.number_at(0);
      const std::int64_t revision = find.number_at(2);
      if (alias && find.blob_at(1) != *alias) rename_account(work, account, revision, *alias, post);
      return account;
    }
  }
  Query insert(work, "INSERT INTO account(identity, alias, platform) VALUES (?, ?, ?)");
  const std::int64_t account = insert.blob(met[0]).maybe_blob(alias).text(post.platform).run_insert();
  seal_account_name(work, account, 1, post);
  return account;
}

void remove_hit_row(Work& work, std::int64_t hit) {
  std::vector<std::int64_t> handles;
  std::optional<std::int64_t> account;
  {
    Query advertised(work, "SELECT handle FROM advert WHERE hit = ?");
    advertised.number(hit);
    while (advertised.next()) handles.push_back(advertised.number_at(0));
    Query posted(work, "SELECT account FROM hit WHERE hit = ?");
    if (posted.number(hit).next()) account = posted.maybe_at(0);
  }
  Query remove(work, "DELETE FROM hit WHERE hit = ?");
  remove.number(hit).run();
  remove_orphans(work, handles, account);
  for (const std::int64_t handle : handles) recount_handle(work, handle);
}

void remove_ban_row(Work& work, std::int64_t ban) {
  std::vector<std::int64_t> accounts;
  {
    Query concerned(work, R"(SELECT account FROM ban_token JOIN account ON identity = token OR alias = token
      WHERE ban = ? AND side = 1)");
    concerned.number(ban);
    while (concerned.next()) accounts.push_back(concerned.number_at(0));
  }
  Query remove(work, "DELETE FROM ban WHERE ban = ?");
  remove.number(ban).run();
  for (const std::int64_t account : accounts) refresh_account_bans(work, account);
}

void remove_orphans(Work& work, const std::vector<std::int64_t>& handles, std::optional<std::int64_t> account) {
  Query unnamed(work, "DELETE FROM handle WHERE handle = ?1 AND NOT EXISTS (SELECT 1 FROM advert WHERE handle = ?1)");
  for (const std::int64_t handle : handles)
    if (unnamed.number(handle).run_changes() > 0) erase_records(work, RecordKind::handle, handle);
  if (!account) return;
  Query silent(work, "DELETE FROM account WHERE account = ?1 AND NOT EXISTS (SELECT 1 FROM hit WHERE account = ?1)");
  if (silent.number(*account).run_changes() > 0) erase_records(work, RecordKind::account, *account);
}

}  // namespace hw::db
