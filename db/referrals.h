// The door to what is held, and the only one: the safeguarding key. And the readers' unlocking, which brings holds up
// to date.
//
// When something is flagged, earlier hits of the same handle or account leave the review tables at once, though their
// records are still sealed to reviewers, since a collector cannot open them. unlock() of a review key therefore seals
// them to safeguarding anew, erases the old records from the disk, and only then lends the key.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/error.h"
#include "db/person.h"
#include "db/store.h"

namespace hw::db {

// no_key: the person's roles do not read the class.
Result<Opener> unlock(Store& store, const Person& by, KeyClass key_class);

// A held hit or ban, one version of it.
struct Referral {
  std::int64_t held = 0;
  std::string day;  // since when it waits
  Time since{};
  bool read = false;                  // somebody of safeguarding has looked at its newest version
  std::vector<std::string> releases;  // who asked to release it
  std::optional<Judged> judged;       // absent for a ban
  std::string ban;                    // its record as JSON, where it is one
};

// Every function below but the last refuses (no_key) any opener but a safeguarding one.
struct Queue {
  std::size_t waiting = 0;    // can be opened
  std::size_t withdrawn = 0;  // on their way: a reviewer has to unlock first
};
Result<Queue> count_referrals(Store& store, const Opener& opener);
// child_risk first, then the longest waiting. Newest versions.
Result<std::vector<Referral>> list_referrals(Store& store, const Opener& opener);
// Every version of one, oldest first. Counts as unread still.
Result<std::vector<Referral>> open_referral(Store& store, const Opener& opener, std::int64_t held);
// As open_referral(), for a person: recorded in safeguarding's own log, and read from now on.
Result<std::vector<Referral>> read_referral(Store& store, const Opener& opener, const Person& by, std::int64_t held);

// Something has waited for more than 24 hours and nobody of safeguarding has read it. Says no more than that, and needs
// no private key.
Result<bool> referrals_overdue(Store& store);

}  // namespace hw::db
