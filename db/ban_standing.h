// Which bans stand: what later decisions took back, in whatever order they were taken in. Internal to db/.
//
// Unban, accepted appeal and false positive supersede an earlier ban of the same platform. What a person decided, only
// a person undoes. Times are concealed in the store, so this is worked out when decisions come in, not when rows are
// listed.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "db/ban_reader.h"
#include "db/work.h"

namespace hw::db {

// The sides of ban_token.
enum class Side : std::int64_t {
  concerns = 1,    // the accounts and handles that a decision is about
  answers_to = 2,  // what can take it back, or hold it
};

std::optional<BanAction> parse_ban_action(std::string_view text);
// When and by whom it was decided, for the row's `decided`.
std::string conceal_decision(const TokenKey& tokens, const Ban& ban);

// Works out which bans stand after some decisions were added: each concerned ban once, each token's decisions read
// once, however many there are of one subject.
class Standing {
 public:
  explicit Standing(Work& work) : work_(work) {}

  void touch(std::int64_t ban, BanAction action, const std::set<Token>& concerns);
  // Call once, after the last touch().
  void settle();

 private:
  struct Decision {
    std::int64_t ban = 0;
    BanAction action = BanAction::ban;
    std::int64_t at = 0;  // milliseconds since 1970
    bool human = false;
  };
  // The latest decisions of each kind about a token.
  struct Latest {
    std::int64_t lift = INT64_MIN;
    std::int64_t human_lift = INT64_MIN;
    std::int64_t human_ban = INT64_MIN;
  };

  static bool stands(const Decision& ban, const Latest& latest);
  std::optional<Decision> read(const Query& query);
  std::vector<Decision> decisions(const Token& token, Side side);
  const Latest& latest(const Token& token);
  Latest latest_of(std::int64_t ban);
  void settle(std::int64_t ban);
  std::set<std::int64_t> concerned_accounts();

  Work& work_;
  std::set<std::int64_t> touched_;
  std::set<Token> tokens_;
  std::map<Token, Latest> latest_;
};

}  // namespace hw::db
