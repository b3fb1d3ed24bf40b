#include "db/ban_standing.h"

#include <algorithm>
#include <charconv>

#include "db/payload.h"
#include "db/rows.h"

namespace hw::db {

std::optional<BanAction> parse_ban_action(std::string_view text) {
  for (int i = 0; i <= static_cast<int>(BanAction::false_positive); ++i)
    if (to_string(static_cast<BanAction>(i)) == text) return static_cast<BanAction>(i);
  return std::nullopt;
}

std::string conceal_decision(const TokenKey& tokens, const Ban& ban) {
  return tokens.conceal(pack({std::to_string(to_millis(ban.decided_at)), ban.human ? "human" : "auto"}));
}

void Standing::touch(std::int64_t ban, BanAction action, const std::set<Token>& concerns) {
  if (bans(action)) touched_.insert(ban);
  tokens_.insert(concerns.begin(), concerns.end());
}

void Standing::settle() {
  for (const Token& token : tokens_)
    for (const Decision& decision : decisions(token, Side::answers_to))
      if (bans(decision.action)) touched_.insert(decision.ban);
  for (const std::int64_t ban : touched_) settle(ban);
  for (const std::int64_t account : concerned_accounts()) refresh_account_bans(work_, account);
}

// A machine neither lifts a person's ban nor bans again what a person let go.
bool Standing::stands(const Decision& ban, const Latest& latest) {
  if (ban.human) return ban.at > latest.human_lift;
  return ban.at > latest.lift && latest.human_ban >= latest.human_lift;
}

// A row of ban, action, decided.
std::optional<Standing::Decision> Standing::read(const Query& query) {
  const auto action = parse_ban_action(query.text_at(1));
  const auto revealed = work_.tokens().reveal(query.blob_at(2));
  const auto fields =
      revealed ? unpack(*revealed, 2) : Result<std::vector<std::string>>(tl::unexpected(revealed.error()));
  if (!action || !fields) {
    work_.fail({ErrorCode::tampered, "a ban's row is not what was written; restore a backup"});
    return std::nullopt;
  }
  Decision decision{query.number_at(0), *action, 0, (*fields)[1] == "human"};
  std::from_chars((*fields)[0].data(), (*fields)[0].data() + (*fields)[0].size(), decision.at);
  return decision;
}

std::vector<Standing::Decision> Standing::decisions(const Token& token, Side side) {
  std::vector<Decision> decisions;
  Query query(work_, "SELECT ban, action, decided FROM ban_token JOIN ban USING (ban) WHERE token = ? AND side = ?");
  query.blob(token).number(static_cast<std::int64_t>(side));
  while (query.next())
    if (const auto decision = read(query)) decisions.push_back(*decision);
  return decisions;
}

const Standing::Latest& Standing::latest(const Token& token) {
  const auto [entry, fresh] = latest_.try_emplace(token);
  Latest& latest = entry->second;
  if (!fresh) return latest;
  for (const Decision& decision : decisions(token, Side::concerns)) {
    if (lifts(decision.action)) latest.lift = std::max(latest.lift, decision.at);
    if (lifts(decision.action) && decision.human) latest.human_lift = std::max(latest.human_lift, decision.at);
    if (bans(decision.action) && decision.human) latest.human_ban = std::max(latest.human_ban, decision.at);
  }
  return latest;
}

Standing::Latest Standing::latest_of(std::int64_t ban) {
  Latest all;
  Query query(work_, "SELECT token FROM ban_token WHERE ban = ? AND side = 2");
  query.number(ban);
  while (query.next()) {
    const Latest& one = latest(query.blob_at(0));
    all = {std::max(all.lift, one.lift), std::max(all.human_lift, one.human_lift),
           std::max(all.human_ban, one.human_ban)};
  }
  return all;
}

void Standing::settle(std::int64_t ban) {
  std::optional<Decision> decision;
  {
    Query query(work_, "SELECT ban, action, decided FROM ban WHERE ban = ?");
    if (query.number(ban).next()) decision = read(query);
  }
  if (!decision) return;
  Query update(work_, "UPDATE ban SET standing = ? WHERE ban = ?");
  update.number(stands(*decision, latest_of(ban)) ? 1 : 0).number(ban).run();
}

std::set<std::int64_t> Standing::concerned_accounts() {
  std::set<std::int64_t> accounts;
  Query query(work_, R"(SELECT account FROM ban_token JOIN account ON identity = token OR alias = token
      WHERE ban = ? AND side = 1)");
  for (const std::int64_t ban : touched_) {
    query.number(ban);
    while (query.next()) accounts.insert(query.number_at(0));
    query.rewind();
  }
  return accounts;
}

}  // namespace hw::db
