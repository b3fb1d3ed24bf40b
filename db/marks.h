// Signs beyond the words that the store itself can see, and the band they make (DESIGN §4, "Bands").
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hw::db {

enum class Mark {
  banned,              // the hit's account, or a handle in it, is banned
  banned_handle_back,  // a handle that is banned, or that a banned account advertised, under another account
  several_accounts,    // the same handle advertised by several accounts
  several_platforms,   // … on several platforms
};
std::string_view to_string(Mark mark);  // "banned handle back"

enum class HitState { fresh, confirmed, seed, rejected, disputed };
std::string_view to_string(HitState state);  // fresh is "new"
std::optional<HitState> parse_hit_state(std::string_view text);

}  // namespace hw::db
