#include "app/due.h"

#include <doctest/doctest.h>

#include "tests/support/support.h"

using namespace hw;
using namespace std::chrono_literals;

namespace {

const Time kNow = *parse_rfc3339("2026-11-22T10:00:00Z");

config::SourceSpec every(Duration interval) {
  config::SourceSpec source;
  source.every = interval;
  return source;
}

crawler::SourceStanding standing(Duration last_run, Duration next_run, bool well = true) {
  return {.last_run = kNow + last_run, .next_run = kNow + next_run, .well = well};
}

}  // namespace

TEST_CASE("a source is due at once when it was never read, and never while it is paused") {
  CHECK(app::due_at(every(1h), {}, kNow) == kNow);
  crawler::SourceStanding paused = standing(-2h, -1h);
  paused.paused = true;
  CHECK_FALSE(app::due_at(every(1h), paused, kNow).has_value());
  CHECK(app::due_at(every(1h), standing(-10min, 50min), kNow) == kNow + 50min);
  CHECK(app::due_at(every(1h), standing(-90min, -30min), kNow) == kNow);
}

TEST_CASE("a source waits for its hours, also when it is overdue") {
  config::SourceSpec source = every(1h);
  source.timetable.only = {{22 * 60, 6 * 60}};
  CHECK(app::due_at(source, {}, kNow) == kNow + 12h);
  CHECK(app::due_at(source, standing(-10h, -9h), kNow) == kNow + 12h);
  CHECK(app::due_at(source, standing(0h, 13h), kNow) == kNow + 12h);  // counted from the last run
  CHECK(app::due_at(source, standing(0h, 13h, false), kNow) == kNow + 13h);
}

TEST_CASE("a shorter interval counts from the last run, a longer one from the next; what a host asked for stays") {
  CHECK(app::due_at(every(1h), standing(-30min, 20h), kNow) == kNow + 30min);
  CHECK(app::due_at(every(20h), standing(-30min, 30min), kNow) == kNow + 30min);
  CHECK(app::due_at(every(1h), standing(-30min, 20h, false), kNow) == kNow + 20h);
}

// A clock that ran a year ahead and was set right, or was set back by a year: nobody waits for that year.
TEST_CASE("a clock that was set back does not stop a source") {
  CHECK(app::due_at(every(1h), standing(24h * 365, 24h * 365 + 1h), kNow) == kNow);
  CHECK(app::due_at(every(1h), standing(24h * 365, 24h * 365 + 1h, false), kNow) == kNow);
  CHECK(app::due_at(every(24h * 7), standing(-1h, 24h * 7 - 1h), kNow) == kNow + 24h * 7 - 1h);
}
