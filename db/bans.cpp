#include "db/bans.h"

#include <set>

#include <fmt/format.h>

#include "common/text.h"
#include "db/audit_writer.h"
#include "db/ban_standing.h"
#include "db/ban_taking.h"
#include "db/holds.h"
#include "db/recorder.h"
#include "db/rows.h"
#include "db/vault.h"
#include "db/work.h"

namespace hw::db {
namespace {

// The tokens of a decision: what it concerns, and what can take it back or hold it.
struct BanTokens {
  std::set<Token> concerns;
  std::set<Token> answers_to;
  HoldSubject hold;
};

std::string to_upper(std::string_view text) {
  std::string upper(text);
  for (char& c : upper)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return upper;
}

std::vector<std::string> handle_forms(const Ban& ban, const Canonical& canonical) {
  std::string_view handle = trim(ban.id);
  if (handle.starts_with('@')) handle.remove_prefix(1);
  if (canonical) return {canonical(ban.messenger, handle)};
  return {std::string(handle), fold_name(handle), to_upper(handle)};
}

BanTokens tokens_of(const TokenKey& key, const Ban& ban, const Canonical& canonical) {
  BanTokens tokens;
  if (ban.subject == BanSubject::handle) {
    for (const std::string& form : handle_forms(ban, canonical)) {
      const Token token = key.handle(ban.messenger, form);
      // Whom it concerns, whoever decided; but one platform does not take back what another decided.
      tokens.concerns.insert({token, key.on_platform(ban.platform, token)});
      tokens.answers_to.insert({key.on_platform(ban.platform, token), key.trace(token)});
      tokens.hold.traces.push_back(key.trace(token));
    }
    return tokens;
  }
  const AccountName account{ban.platform, ban.id, ban.login};
  for (Token& token : key.decided(account)) tokens.concerns.insert(std::move(token));
  for (Token& token : key.met(account)) tokens.answers_to.insert(std::move(token));
  for (const Token& name : key.held_account(account)) {
    tokens.answers_to.insert(key.trace(name));
    tokens.hold.traces.push_back(key.trace(name));
  }
  return tokens;
}

std::optional<std::int64_t> expires_day(const Ban& ban) {
  if (!ban.expires_at) return std::nullopt;
  return std::chrono::ceil<std::chrono::days>(*ban.expires_at).time_since_epoch().count();
}

bool known_event(Work& work, const Token& event) {
  Query query(work, R"(SELECT 1 FROM ban WHERE event = ?1 UNION ALL SELECT 1 FROM held WHERE token = ?2
      UNION ALL SELECT 1 FROM withheld WHERE token = ?2)");
  return query.blob(event).blob(work.tokens().hold(event)).next();
}

std::int64_t insert_ban(Work& work, const Ban& ban, const Token& event) {
  Query insert(
      work,
      R"(INSERT INTO ban(event, platform, subject, action, standing, ours, decided, decided_day, expires_day, imported_day)
      VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?, ?))");
  insert.blob(event)
      .text(ban.platform)
      .text(to_string(ban.subject))
      .text(to_string(ban.action))
      .number(ban.lead_id.empty() ? 0 : 1);
  insert.blob(conceal_decision(work.tokens(), ban));
  insert.number(day_number(ban.decided_at)).maybe(expires_day(ban)).number(work.core().today());
  const std::int64_t row = insert.run_insert();
  put_record(work, {KeyClass::review, RecordKind::ban, row}, ban_to_json(ban));
  return row;
}

void insert_tokens(Work& work, std::int64_t ban, Side side, const std::set<Token>& tokens) {
  Query insert(work, "INSERT INTO ban_token(token, side, ban) VALUES (?, ?, ?)");
  for (const Token& token : tokens) insert.blob(token).number(static_cast<std::int64_t>(side)).number(ban).run();
}

void take_ban(Work& work, Standing& standing, const Ban& ban, const Canonical& canonical, BansImported& imported) {
  const Token event = work.tokens().event(ban.platform, ban.event_id);
  if (known_event(work, event)) {
    ++imported.known;
    return;
  }
  ++imported.taken;
  const BanTokens tokens = tokens_of(work.tokens(), ban, canonical);
  if (is_held(work, tokens.hold))
    return queue_held(work, RecordKind::held_ban, work.tokens().hold(event), std::nullopt, ban_to_json(ban));
  const std::int64_t row = insert_ban(work, ban, event);
  insert_tokens(work, row, Side::concerns, tokens.concerns);
  insert_tokens(work, row, Side::answers_to, tokens.answers_to);
  standing.touch(row, ban.action, tokens.concerns);
}

std::vector<std::int64_t> rows_of(Work& work, std::string_view sql, std::int64_t ban) {
  std::vector<std::int64_t> rows;
  Query query(work, sql);
  query.number(ban);
  while (query.next()) rows.push_back(query.number_at(0));
  return rows;
}

BanRow row_of(Work& work, const Query& query) {
  BanRow row;
  row.ban = query.number_at(0);
  row.platform = query.text_at(1);
  row.subject = query.text_at(2) == to_string(BanSubject::handle) ? BanSubject::handle : BanSubject::account;
  row.action = parse_ban_action(query.text_at(3)).value_or(BanAction::ban);
  row.standing = query.number_at(4) != 0;
  row.ours = query.number_at(5) != 0;
  row.decided_day = day_text(query.number_at(6));
  if (const auto expires = query.maybe_at(7)) row.expires_day = day_text(*expires);
  row.handles = rows_of(
      work, "SELECT handle FROM ban_token JOIN handle USING (token) WHERE ban = ? AND side = 1 ORDER BY 1", row.ban);
  row.accounts = rows_of(work,
                         "SELECT DISTINCT account FROM ban_token JOIN account ON identity = token OR alias = token "
                         "WHERE ban = ? AND side = 1 ORDER BY 1",
                         row.ban);
  return row;
}

}  // namespace

void take_released_ban(Work& work, const Ban& ban) {
  Standing standing(work);
  BansImported ignored;
  take_ban(work, standing, ban, {}, ignored);
  standing.settle();
}

HoldSubject subject_of(const TokenKey& tokens, const Ban& ban) { return tokens_of(tokens, ban, {}).hold; }

Result<BansImported> import_bans(Store& store, std::string_view text, const Person& by, const Canonical& canonical,
                                 const std::function<void(std::size_t line, const std::string& why)>& refuse,
                                 std::string_view platform) {
  Work work(store.core(), Work::Access::write);
  Standing standing(work);
  BansImported imported;
  const BanOrigin origin{std::string(platform), store.core().clock.now()};
  const auto take = [&](std::size_t line, const Result<Ban>& ban) -> Status {
    if (ban) {
      take_ban(work, standing, *ban, canonical, imported);
    } else if (ban.error().code == ErrorCode::refused) {
      ++imported.passed_over;
    } else {
      ++imported.refused;
      refuse(line, ban.error().message);
    }
    return {};
  };
  const Status read = read_bans(text, take, origin);
  if (!read) return tl::unexpected(read.error());
  standing.settle();
  AuditRecord record("bans");
  record.number("known", static_cast<std::int64_t>(imported.known));
  append_audit(work,
               record.number("taken", static_cast<std::int64_t>(imported.taken))
                   .number("refused", static_cast<std::int64_t>(imported.refused)),
               by);
  return work.finish(imported);
}

Result<std::vector<BanRow>> list_bans(Store& store, std::size_t limit, std::int64_t before) {
  Work work(store.core(), Work::Access::read);
  std::vector<BanRow> rows;
  Query query(work,
              R"(SELECT ban, platform, subject, action, standing AND (expires_day IS NULL OR expires_day > ?1), ours,
      decided_day, expires_day FROM ban WHERE ?2 = 0 OR ban < ?2 ORDER BY ban DESC LIMIT ?3)");
  query.number(work.core().today()).number(before).number(limit == 0 ? -1 : static_cast<std::int64_t>(limit));
  while (query.next()) rows.push_back(row_of(work, query));
  return work.finish(std::move(rows));
}

Result<Ban> open_ban(Store& store, const Opener& opener, std::int64_t ban) {
  Work work(store.core(), Work::Access::read);
  {
    Query query(work, "SELECT 1 FROM ban WHERE ban = ?");
    if (!query.number(ban).next())
      work.fail(
          {ErrorCode::not_found, fmt::format("there is no ban {}; handlewatch bans list shows those there are", ban)});
  }
  const auto bytes = open_record(work, opener, {KeyClass::review, RecordKind::ban, ban});
  auto opened = bytes ? ban_from_json(*bytes) : Result<Ban>(tl::unexpected(bytes.error()));
  if (!opened) work.fail({ErrorCode::tampered, opened.error().message});
  return work.finish(std::move(opened).value_or(Ban{}));
}

}  // namespace hw::db
