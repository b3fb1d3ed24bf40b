// What a kind of address has brought so far, and what that says of the next one of its kind: promising ones are asked
// first, and those that bring nothing starve. Pure.
//
// It counts posts, never hits: the frontier does not show which page hit.
#pragma once

#include <cstdint>

namespace hw::crawler {

struct Yield {
  std::int64_t fetches = 0;  // first readings
  std::int64_t posts = 0;    // new ones in them
  std::int64_t barren = 0;   // first readings in a row without a new post and without a link to a new thread
  bool operator==(const Yield&) const = default;
};

// The order in which pages are asked for.
enum class Rank { promising = 0, ordinary = 1, starving = 2 };

inline constexpr std::int64_t kStarving = 50;
inline constexpr std::int64_t kStarved = 200;

// `fruit`: sixteenths of new posts per reading of this very page, a running mean; 0 when it was never read.
Rank rank_of(const Yield& yield, std::int64_t fruit);
// Whether a new address of the kind is queued at all. A new run halves `barren`, so that starved ones are tried again.
bool starved(const Yield& yield);

void note_first_reading(Yield& yield, std::uint64_t new_posts, bool new_threads);
std::int64_t fruit_after(std::int64_t fruit, std::uint64_t new_posts);

}  // namespace hw::crawler
