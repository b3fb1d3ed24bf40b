#include "db/waiting.h"

#include "db/reviews.h"
#include "tests/db/helpers.h"

using namespace hw;
using namespace hw::test;
using namespace std::chrono_literals;

namespace {

std::optional<Duration> longest(TestStore& test) {
  const auto waited = db::longest_unreviewed(*test.store);
  REQUIRE_OK(waited);
  return *waited;
}

bool safeguarding(TestStore& test) {
  const auto waits = db::safeguarding_waits(*test.store);
  REQUIRE_OK(waits);
  return *waits;
}

}  // namespace

TEST_CASE("the longest wait of a hit without a verdict is told in days") {
  TestStore test;
  CHECK_FALSE(longest(test).has_value());
  test.record(judged({.id = "p1"}));
  CHECK(*longest(test) == 0h);
  test.clock.advance(24h * 8);
  test.record(judged({.id = "p2", .author = "Other", .handle = "hwdemo_fern"}));
  CHECK(*longest(test) == 24h * 8);
  CHECK_FALSE(safeguarding(test));
}

// DESIGN rule 4: what is held appears in no count; the alarm says only that something waits.
TEST_CASE("what is held counts for safeguarding alone, once it has waited for more than a day") {
  TestStore test;
  test.record(judged({.id = "p1", .flags = {Flag::possible_minor}}));
  CHECK_FALSE(longest(test).has_value());
  CHECK_FALSE(safeguarding(test));
  test.clock.advance(24h);
  CHECK_FALSE(safeguarding(test));
  test.clock.advance(24h);
  CHECK(safeguarding(test));
  CHECK_FALSE(longest(test).has_value());
}

TEST_CASE("a hit that a later hold draws out of sight waits for safeguarding, and for reviewers no more") {
  TestStore test;
  test.record(judged({.id = "p1"}));
  test.clock.advance(24h * 3);
  CHECK(longest(test).has_value());
  test.record(judged({.id = "p2", .author = "Other", .flags = {Flag::possible_minor}}));
  CHECK_FALSE(longest(test).has_value());
  test.clock.advance(24h * 2);
  CHECK(safeguarding(test));
}
