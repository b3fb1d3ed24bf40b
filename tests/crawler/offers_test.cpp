#include "crawler/offers.h"

#include <doctest/doctest.h>

using hw::crawler::Offers;

namespace {

// Keys that differ in every bit, as those of addresses do.
std::uint64_t key(std::uint64_t number) { return (number * 0x9E3779B97F4A7C15ULL) | 1; }

std::size_t held(const Offers& offers, std::uint64_t count) {
  std::size_t out = 0;
  for (std::uint64_t i = 1; i <= count; ++i) out += offers.hold(key(i)) ? 1 : 0;
  return out;
}

}  // namespace

TEST_CASE("offers: what was noted is held while it grows, and nothing else is") {
  Offers offers(std::size_t{16} << 20);
  for (std::uint64_t i = 1; i <= 100'000; ++i) offers.note(key(i));
  CHECK(held(offers, 100'000) >= 99'000);  // a full place forgets its oldest
  for (std::uint64_t i = 100'001; i <= 200'000; ++i) CHECK_FALSE(offers.hold(key(i)));
}

TEST_CASE("offers: no more is held than the memory that is allowed, and the newest always is") {
  constexpr std::size_t kBytes = 64U << 10;
  Offers offers(kBytes);
  for (std::uint64_t i = 1; i <= 100'000; ++i) {
    offers.note(key(i));
    REQUIRE(offers.hold(key(i)));
  }
  CHECK(held(offers, 100'000) <= kBytes / sizeof(std::uint64_t));
}

TEST_CASE("offers: nothing is held before the first, or after forgetting") {
  Offers offers(1024);
  CHECK_FALSE(offers.hold(key(1)));
  offers.note(key(1));
  offers.forget();
  CHECK_FALSE(offers.hold(key(1)));
  offers.note(key(2));
  CHECK(offers.hold(key(2)));
}
