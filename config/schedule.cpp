#include "config/schedule.h"

#include <algorithm>
#include <memory>

#include <unicode/timezone.h>

namespace hw::config {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hours;
using std::chrono::minutes;

using Minute = std::chrono::sys_time<minutes>;  // of UTC, or of a local clock read as if it were UTC

// Clocks change at whole quarters of an hour of UTC, so that within one the offset is the same.
constexpr minutes kQuarter{15};
constexpr days kHorizon{366 * 9};       // a 29th of February comes within eight years
constexpr hours kLongestRepetition{3};  // how far clocks are put back at most
constexpr std::uint64_t kEveryHour = (std::uint64_t{1} << 24) - 1;

class Zone {
 public:
  explicit Zone(std::string_view name) {
    if (name == "UTC") return;
    const icu::UnicodeString id = icu::UnicodeString::fromUTF8({name.data(), static_cast<int32_t>(name.size())});
    zone_.reset(icu::TimeZone::createTimeZone(id));
    if (*zone_ == icu::TimeZone::getUnknown()) zone_.reset();
  }
  bool known() const { return zone_ != nullptr; }
  minutes offset(Minute utc) const {
    if (!zone_) return minutes{0};
    int32_t raw = 0;
    int32_t saving = 0;
    UErrorCode error = U_ZERO_ERROR;
    zone_->getOffset(static_cast<UDate>(Duration(utc.time_since_epoch()).count()), 0, raw, saving, error);
    return floor<minutes>(Duration(raw + saving));
  }

 private:
  std::unique_ptr<icu::TimeZone> zone_;  // none: UTC
};

bool holds(std::uint64_t bits, unsigned value) { return (bits >> value & 1U) != 0; }

bool day_fits(const Cron& cron, Minute local) {
  const auto day = floor<days>(local);
  const std::chrono::year_month_day date{day};
  if (!holds(cron.months, static_cast<unsigned>(date.month()))) return false;
  const bool in_month = holds(cron.days, static_cast<unsigned>(date.day()));
  const bool in_week = holds(cron.weekdays, std::chrono::weekday(day).c_encoding());
  return cron.either_day ? in_month || in_week : in_month && in_week;
}

int minute_of_day(Minute local) { return static_cast<int>((local - floor<days>(local)).count()); }

bool within(const Hours& span, int minute) {
  return span.from < span.until ? minute >= span.from && minute < span.until
                                : minute >= span.from || minute < span.until;
}

bool open(const std::vector<Hours>& only, Minute local) {
  const int minute = minute_of_day(local);
  return only.empty() || std::any_of(only.begin(), only.end(), [&](const Hours& span) { return within(span, minute); });
}

bool fits(const Timetable& timetable, Minute local) {
  const int minute = minute_of_day(local);
  const Cron& cron = *timetable.cron;
  return holds(cron.minutes, static_cast<unsigned>(minute % 60)) &&
         holds(cron.hours, static_cast<unsigned>(minute / 60)) && day_fits(cron, local) && open(timetable.only, local);
}

// Local clocks showed this time before: they were put back since.
bool second_pass(const Zone& zone, Minute utc) {
  const minutes now = zone.offset(utc);
  const minutes before = zone.offset(utc - kLongestRepetition);
  if (before <= now) return false;
  const Minute first = utc - (before - now);
  return zone.offset(first) == before;
}

// A fixed time that local clocks skipped when they were put forward at `utc`.
bool skipped_one(const Timetable& timetable, const Zone& zone, Minute utc) {
  const minutes before = zone.offset(utc - minutes{1});
  for (Minute local = utc + before; local < utc + zone.offset(utc); local += minutes{1})
    if (fits(timetable, local)) return true;
  return false;
}

std::optional<Time> next_of_cron(const Timetable& timetable, Time last) {
  const Zone zone(timetable.zone);
  const bool fixed = (timetable.cron->hours & kEveryHour) != kEveryHour;
  Minute at = floor<minutes>(last) + minutes{1};
  for (const Minute end = at + kHorizon; at < end;) {
    const Minute quarter_ends = floor<minutes>(at) - (at.time_since_epoch() % kQuarter) + kQuarter;
    const minutes offset = zone.offset(at);
    const bool begins = at.time_since_epoch() % kQuarter == minutes{0};
    if (fixed && begins && open(timetable.only, at + offset) && skipped_one(timetable, zone, at)) return at;
    const bool day = day_fits(*timetable.cron, at + offset) || day_fits(*timetable.cron, quarter_ends + offset);
    for (; day && at < quarter_ends; at += minutes{1})
      if (fits(timetable, at + offset) && !(fixed && second_pass(zone, at))) return at;
    at = quarter_ends;
  }
  return std::nullopt;
}

// The first minute from `time` on whose being open is `wanted`; at most two days are looked at, more than any hours
// need.
std::optional<Time> first_minute(const Timetable& timetable, Time time, bool wanted) {
  const Zone zone(timetable.zone);
  const auto is_wanted = [&](Minute at) { return open(timetable.only, at + zone.offset(at)) == wanted; };
  Minute at = floor<minutes>(time);
  if (is_wanted(at)) return time;
  for (const Minute end = at + days{2}; at < end; at += minutes{1})
    if (is_wanted(at)) return at;
  return std::nullopt;
}

}  // namespace

bool is_time_zone(std::string_view name) { return name == "UTC" || Zone(name).known(); }

Duration offset_at(std::string_view zone, Time time) { return Zone(zone).offset(floor<minutes>(time)); }

bool open_at(const Timetable& timetable, Time time) {
  return timetable.only.empty() || first_minute(timetable, time, true) == time;
}

std::optional<Time> closes_at(const Timetable& timetable, Time time) {
  return timetable.only.empty() ? std::nullopt : first_minute(timetable, time, false);
}

Time opens_at(const Timetable& timetable, Time time) {
  return timetable.only.empty() ? time : first_minute(timetable, time, true).value_or(time);
}

std::optional<Time> next_time(const Timetable& timetable, Duration every, Time last) {
  if (timetable.cron) return next_of_cron(timetable, last);
  return opens_at(timetable, last + every);
}

Time next_run(const Timetable& timetable, Duration every, Time last) {
  return next_time(timetable, every, last).value_or(last + days{1});
}

}  // namespace hw::config
