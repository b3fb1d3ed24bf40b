// When a source is read: at an interval or at the times of a cron expression, and within which hours of the day.
//
// Plain data and pure functions: the same question has the same answer, whatever the machine's own zone or clock. Local
// times are of a named zone (UTC unless the configuration says otherwise), by ICU's rules. Where the clocks change, a
// fixed local time that is skipped runs at the first minute after the gap, and one that comes twice runs once; an
// expression for any hour (`*/15 * * * *`) goes on by real time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"
#include "common/time.h"

namespace hw::config {

// Bit n: the value n is meant.
struct Cron {
  std::uint64_t minutes = 0;
  std::uint64_t hours = 0;
  std::uint64_t days = 0;      // of the month, from 1
  std::uint64_t months = 0;    // from 1
  std::uint64_t weekdays = 0;  // 0 is Sunday
  bool either_day = false;     // both day fields are narrowed: one that matches is enough (POSIX crontab)
  bool operator==(const Cron&) const = default;
};

// Five fields, `minute hour day month weekday`: numbers, names (MON, JAN), `*`, lists, ranges, steps. An error names
// the column, counted in bytes from 1. What can never come (`0 0 31 2 *`) is refused.
Result<Cron> parse_cron(std::string_view text);

// Minutes since local midnight; `until` is outside. From past until: over midnight.
struct Hours {
  int from = 0;
  int until = 0;
  bool operator==(const Hours&) const = default;
};

// "22:00-06:00".
Result<Hours> parse_hours(std::string_view text);

struct Timetable {
  std::optional<Cron> cron;  // instead of the interval
  std::vector<Hours> only;   // empty: at any hour
  std::string zone = "UTC";  // of both
};

// Whether ICU knows the name ("Europe/Berlin").
bool is_time_zone(std::string_view name);
// What local clocks show more than UTC. An unknown zone counts as UTC.
Duration offset_at(std::string_view zone, Time time);

// Whether its hours allow reading now.
bool open_at(const Timetable& timetable, Time time);
// When the hours that are open at `time` end; nothing where they never do.
std::optional<Time> closes_at(const Timetable& timetable, Time time);
// The first time from `time` on at which the hours are open; it may be `time` itself.
Time opens_at(const Timetable& timetable, Time time);

// When a source that was last read at `last` is read next: always after `last`. Nothing where no time fits both the
// expression and the hours.
std::optional<Time> next_time(const Timetable& timetable, Duration every, Time last);
// The same, for a timetable that was checked when it was read: a day later where nothing fits.
Time next_run(const Timetable& timetable, Duration every, Time last);

}  // namespace hw::config
