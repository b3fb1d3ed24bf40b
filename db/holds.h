// Holds (DESIGN rule 4): what a possible minor's post names goes to safeguarding alone. Internal to db/.
//
// A hold is a set of tokens in a domain of their own: of the post, of every handle in it, of its account. Later hits
// that share a token are sealed to safeguarding. Earlier ones leave the review tables at once, so that no list, count,
// link or export can show them; their sealed records follow (db/referrals.h) when a reader next unlocks.
#pragma once

#include <vector>

#include "db/work.h"

namespace hw::db {

// What a hold looks at, as review tokens.
struct HoldSubject {
  Token post;                 // empty where there is none (a ban)
  std::vector<Token> traces;  // TokenKey::trace of each handle and of each name of the account
};

// A hold concerns it, or this very post is held already.
bool is_held(Work& work, const HoldSubject& subject);
// A hold concerns it, whether or not it is in the queue itself.
bool is_concerned(Work& work, const HoldSubject& subject);
// This post, in this version, was released by two people.
bool is_released(Work& work, const Token& post, const Token& version);
// Holds the subject from now on, because of its post, and withdraws every hit and ban that it concerns. Returns the
// handle rows that lost a hit by it; some of them are gone.
std::vector<std::int64_t> place_hold(Work& work, const HoldSubject& subject);
// One of them, whose hold is placed already; the handle rows that lost it are forgotten. False: it is not there.
bool withdraw_hit(Work& work, std::int64_t hit);
bool withdraw_ban(Work& work, std::int64_t ban);
// Takes back what the subject's post asked for; what others asked for stays.
void lift_hold(Work& work, const HoldSubject& subject);
// The names that a hold of this post looks at.
HoldSubject subject_of(const TokenKey& tokens, const Judged& judged);
// A hold that another machine placed, in tokens of the hold domain.
struct ForeignHold {
  Token token;
  Token origin;  // the held post that asked for it; releasing that lifts it here, too
};
// In force from now on, and every hit that one of them
// concerns is withdrawn. Gives how many were new. Looks at every trace that there is.
std::size_t place_holds_of(Work& work, const std::vector<ForeignHold>& holds);
// What a recorded hit's hold would look at, without reading the hit.
HoldSubject subject_of_hit(Work& work, std::int64_t hit);

}  // namespace hw::db
