#include "crawler/yield.h"

#include <algorithm>

namespace hw::crawler {
namespace {

constexpr std::int64_t kEnoughToJudge = 10;
constexpr std::int64_t kPromisingFruit = 8;  // half a new post a reading
constexpr std::uint64_t kMostCounted = 64;

}  // namespace

Rank rank_of(const Yield& yield, std::int64_t fruit) {
  if (fruit >= kPromisingFruit) return Rank::promising;
  if (yield.barren >= kStarving) return Rank::starving;
  return yield.fetches >= kEnoughToJudge && yield.posts >= yield.fetches ? Rank::promising : Rank::ordinary;
}

bool starved(const Yield& yield) { return yield.barren >= kStarved; }

void note_first_reading(Yield& yield, std::uint64_t new_posts, bool new_threads) {
  ++yield.fetches;
  yield.posts += static_cast<std::int64_t>(std::min(new_posts, kMostCounted));
  yield.barren = new_posts > 0 || new_threads ? 0 : yield.barren + 1;
}

std::int64_t fruit_after(std::int64_t fruit, std::uint64_t new_posts) {
  const auto now = static_cast<std::int64_t>(16 * std::min(new_posts, kMostCounted));
  return fruit == 0 ? now : (3 * fruit + now) / 4;
}

}  // namespace hw::crawler
