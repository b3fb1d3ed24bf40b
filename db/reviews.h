// What people say of a hit. Each handle is judged on its own, because anybody can post somebody else's handle beside
// these words; to confirm one takes a sign beyond the words.
//
// A reviewer's later verdict on the same handle of the same hit takes the place of the earlier one. Several reviewers'
// verdicts stand beside each other: confirmed and rejected together are disputed. Every verdict stands in the audit
// log.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"
#include "db/marks.h"
#include "db/person.h"
#include "db/store.h"

namespace hw::db {

enum class ReviewVerdict {
  confirmed,
  rejected,
  seed,          // worth watching, to be verified
  safeguarding,  // the machine missed a possible minor or a victim: the hold of DESIGN rule 4, from now on
};
std::string_view to_string(ReviewVerdict verdict);
std::optional<ReviewVerdict> parse_review_verdict(std::string_view text);
std::vector<std::string_view> review_verdicts();

// What a confirmation rests on.
enum class Sign { conversation, profile, same_advert_elsewhere, banned_elsewhere, operator_rule, outside_report };
std::string_view to_string(Sign sign);  // "same-advert-elsewhere"
std::optional<Sign> parse_sign(std::string_view text);
std::vector<std::string_view> signs();

struct Review {
  std::int64_t hit = 0;
  std::optional<std::int64_t> handle;  // may be left out where the hit advertises one, or to reject or keep them all
  ReviewVerdict verdict = ReviewVerdict::rejected;
  std::optional<Sign> sign;  // needed to confirm
};

struct Reviewed {
  HitState state = HitState::fresh;  // of the hit; meaningless after safeguarding, when it is gone from the lists
  int confirmations = 0;             // different reviewers that confirm the handle, where one was meant
  int needed = 0;
  std::vector<std::int64_t> recall;  // exports that carried a handle which no longer may be exported
};

// `by` is a reviewer (refused), or of safeguarding where that is the verdict.
Result<Reviewed> review(Store& store, const Person& by, const Review& review);

struct ReviewRow {
  std::int64_t hit = 0;
  std::optional<std::int64_t> handle;
  std::string reviewer;
  std::string verdict;
  std::string sign;
  std::string day;
};
// The standing verdicts of a hit.
Result<std::vector<ReviewRow>> reviews_of(Store& store, std::int64_t hit);

}  // namespace hw::db
