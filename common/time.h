// Points in time, their written forms, and the clock that everything asks.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace hw {

using Duration = std::chrono::milliseconds;
using Time = std::chrono::sys_time<Duration>;  // UTC

// "2026-11-22T10:00:00Z"; milliseconds are written only when there are any.
std::string to_rfc3339(Time time);
// RFC 3339 with any offset ("…+02:00", lower-case t and z); what has no offset is refused.
std::optional<Time> parse_rfc3339(std::string_view text);
// RFC 9110 §5.6.7 and RFC 5322 dates, as HTTP headers and RSS carry them.
std::optional<Time> parse_http_date(std::string_view text);
// "2026-11-22", the UTC day.
std::string to_day(Time time);
// Milliseconds since 1970, the form in which stores keep a time.
std::int64_t to_millis(Time time);
Time from_millis(std::int64_t millis);

// "90s", "30m", "12h", "30d"; nothing else, and nothing negative.
std::optional<Duration> parse_duration(std::string_view text);
// "45 s", "12 min", "3 h", "4 d": for people.
std::string to_words(Duration duration);

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() const = 0;
};

class SystemClock final : public Clock {
 public:
  Time now() const override;
};

}  // namespace hw
