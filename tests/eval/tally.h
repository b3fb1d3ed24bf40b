// What an evaluation counts, and how sure the figures are.
#pragma once

#include <cstddef>

#include <nlohmann/json.hpp>

#include "common/verdict.h"

namespace hw::eval {

// `of` trials of which `good` went well.
struct Share {
  std::size_t good = 0;
  std::size_t of = 0;

  void count(bool well) { good += well ? 1 : 0, ++of; }
  Share& operator+=(const Share& other) { return good += other.good, of += other.of, *this; }
  double value() const { return of == 0 ? 1 : static_cast<double>(good) / static_cast<double>(of); }
};

struct Interval {
  double from = 0, to = 1;
};

// Wilson's score interval at 95% (Wilson 1927); [0, 1] without trials.
Interval wilson(const Share& share);

// One kind of post, or all of them.
struct Tally {
  Share cases;         // everything as expected
  Share found;         // posts to be raised that reach their band
  Share raised;        // posts raised to medium or above that should be
  Share handles_read;  // handles read that stand in the post
  Share handles_held;  // handles in the post that were read
  Share flags_raised;  // flags that must be raised and are
  Share flags_spared;  // flags that must not be raised and are not

  Tally& operator+=(const Tally& other);
  double handles_f1() const;
};

// `expect` as the case files write it: band, at_least, at_most, handles, flags, not_flags, each where it is known.
Tally tally(const nlohmann::json& expect, const Verdict& verdict);

}  // namespace hw::eval
