// The SQL of marks, bands and states, in one place. Internal to db/.
//
// Each is an expression; ?1 is today as a day number, ?2 the confirmations that the policy asks for. `h` is a row of
// hit, `a` a row of advert, `n` a row of handle.
#pragma once

#include <string>

namespace hw::db::sql {

// Bans that stand and are not over, of the tokens that `tokens` selects.
std::string banned(const std::string& tokens);

std::string hit_banned();
std::string hit_back();
std::string hit_several_accounts();
std::string hit_several_platforms();
std::string hit_band();     // the classifier's, medium raised to high by an independent sign
std::string hit_state();    // the number of a HitState
std::string hit_deleted();  // at its source, since the last verdict on it

std::string handle_several_accounts();
std::string handle_several_platforms();
std::string handle_back();  // in one of its adverts
std::string handle_band();
std::string handle_state();
std::string handle_confirmed();  // by enough reviewers, and nobody disputes it
std::string handle_stands();     // a post in which somebody confirmed it was not seen deleted since

}  // namespace hw::db::sql
