// Legal holds: hits that stay whatever their time, because a court or a case needs them. Explicit, logged, and looked
// at again on a day that is set when they are placed.
//
// Not to be mixed up with the holds of safeguarding (db/holds.h): a hit that those concern is out of sight here too.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/error.h"
#include "db/store.h"

namespace hw::db {

struct LegalHold {
  std::int64_t hit = 0;
  std::string person;
  std::string reason;
  std::string day;
  std::string review_day;
  bool due = false;  // for review
};

// A hold that is there already is set anew. not_found: there is no such hit. usage: no reason, or no time.
Status place_legal_hold(Store& store, const Person& by, std::int64_t hit, std::string_view reason, int review_days);
// Its time counts on from its last change. not_found: it has no hold.
Status end_legal_hold(Store& store, const Person& by, std::int64_t hit, std::string_view reason);
// The first due first.
Result<std::vector<LegalHold>> legal_holds(Store& store);

}  // namespace hw::db
