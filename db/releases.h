// How something leaves safeguarding's queue: released by two people, or closed by one; each with a reason.
//
// A hold is lifted only with the post that asked for it. What a released hold had drawn in goes back to the reviewers
// with it, as new, unless another hold concerns it. Every act is a note sealed to safeguarding, whose digest is a leaf
// of the audit log, so that the log tells nothing of what is held. All functions refuse (no_key) any opener but a
// safeguarding one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"
#include "db/referrals.h"
#include "db/store.h"

namespace hw::db {

// What is done with a referral, and why.
struct ReferralAct {
  std::int64_t held = 0;
  std::string reason;
};

enum class Released {
  needs_another,  // one person has asked; somebody else has to
  done,           // it is among the hits (or bans) again
  still_held,     // its own hold is lifted, but another one concerns it
};
struct Release {
  Released outcome = Released::needs_another;
  std::size_t with_it = 0;  // how many that its hold had drawn in went back too
};
// refused: the same person asked before.
Result<Release> release_referral(Store& store, const Opener& opener, const Person& by, const ReferralAct& act);

// It was handled: its records are erased, the hold of its handles and account stays. refused: nobody has read it.
Status close_referral(Store& store, const Opener& opener, const Person& by, const ReferralAct& act);

struct ReferralNote {
  std::int64_t note = 0;
  Time at{};
  std::string action;  // show, export, release, close
  std::string by;
  std::int64_t held = 0;
  std::string reason;
};
// What was done with referrals, oldest first.
Result<std::vector<ReferralNote>> referral_notes(Store& store, const Opener& opener);

}  // namespace hw::db
