#include "common/time.h"

#include <charconv>

#include <curl/curl.h>
#include <fmt/format.h>

namespace hw {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// Reads exactly `digits` decimal digits off the front of `text`.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  for (const char c : text.substr(0, digits)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<std::chrono::sys_days> take_date(std::string_view& text) {
  const auto year = take_number(text, 4);
  if (!year || !take(text, "-")) return std::nullopt;
  const auto month = take_number(text, 2);
  if (!month || !take(text, "-")) return std::nullopt;
  const auto day = take_number(text, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

std::optional<Duration> take_time_of_day(std::string_view& text) {
  const auto hour = take_number(text, 2);
  if (!hour || *hour > 23 || !take(text, ":")) return std::nullopt;
  const auto minute = take_number(text, 2);
  if (!minute || *minute > 59 || !take(text, ":")) return std::nullopt;
  const auto second = take_number(text, 2);
  if (!second || *second > 60) return std::nullopt;
  Duration fraction{0};
  if (take(text, ".")) {
    int scale = 100;
    std::size_t digits = 0;
    for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; ++digits, scale /= 10) {
      fraction += Duration((text.front() - '0') * scale);
      text.remove_prefix(1);
    }
    if (digits == 0) return std::nullopt;
  }
  return hours(*hour) + minutes(*minute) + seconds(*second) + fraction;
}

std::optional<Duration> take_offset(std::string_view& text) {
  if (take(text, "Zz")) return Duration{0};
  const bool west = !text.empty() && text.front() == '-';
  if (!take(text, "+-")) return std::nullopt;
  const auto hour = take_number(text, 2);
  if (!hour || *hour > 23) return std::nullopt;
  take(text, ":");  // RFC 3339 demands it; several APIs leave it out
  const auto minute = take_number(text, 2);
  if (!minute || *minute > 59) return std::nullopt;
  const Duration offset = hours(*hour) + minutes(*minute);
  return west ? -offset : offset;
}

}  // namespace

std::string to_rfc3339(Time time) {
  const auto day = floor<days>(time);
  const std::chrono::year_month_day date{day};
  const auto rest = time - day;
  const auto millis = static_cast<int>((rest % seconds(1)).count());
  const auto whole = std::chrono::duration_cast<seconds>(rest).count();
  std::string text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                                 static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), whole / 3600,
                                 whole / 60 % 60, whole % 60);
  if (millis != 0) text += fmt::format(".{:03}", millis);
  return text + "Z";
}

std::optional<Time> parse_rfc3339(std::string_view text) {
  const auto date = take_date(text);
  if (!date || !take(text, "Tt ")) return std::nullopt;
  const auto time = take_time_of_day(text);
  if (!time) return std::nullopt;
  const auto offset = take_offset(text);
  if (!offset || !text.empty()) return std::nullopt;
  const Time utc = Time(*date) + *time - *offset;
  // An offset can lead out of the years that can be written with four digits.
  const int year = static_cast<int>(std::chrono::year_month_day(floor<days>(utc)).year());
  if (year < 0 || year > 9999) return std::nullopt;
  return utc;
}

std::optional<Time> parse_http_date(std::string_view text) {
  const std::time_t seconds_since_epoch = curl_getdate(std::string(text).c_str(), nullptr);
  if (seconds_since_epoch == -1) return std::nullopt;
  return Time(seconds(seconds_since_epoch));
}

std::string to_day(Time time) { return to_rfc3339(time).substr(0, 10); }

std::int64_t to_millis(Time time) { return time.time_since_epoch().count(); }

Time from_millis(std::int64_t millis) { return Time(Duration(millis)); }

std::optional<Duration> parse_duration(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  constexpr std::int64_t kMostDays = 36500;
  const std::string_view unit_name = text.substr(static_cast<std::size_t>(end - text.data()));
  if (error != std::errc{} || count < 0 || unit_name.size() != 1) return std::nullopt;
  const auto of = [&](auto unit) -> std::optional<Duration> {
    if (count > days(kMostDays) / unit) return std::nullopt;
    return unit * count;
  };
  switch (unit_name.front()) {
    case 's':
      return of(seconds(1));
    case 'm':
      return of(minutes(1));
    case 'h':
      return of(hours(1));
    case 'd':
      return of(days(1));
    default:
      return std::nullopt;
  }
}

std::string to_words(Duration duration) {
  if (duration < seconds(120)) return fmt::format("{} s", std::chrono::round<seconds>(duration).count());
  if (duration < minutes(120)) return fmt::format("{} min", std::chrono::round<minutes>(duration).count());
  if (duration < hours(48)) return fmt::format("{} h", std::chrono::round<hours>(duration).count());
  return fmt::format("{} d", std::chrono::round<days>(duration).count());
}

Time SystemClock::now() const { return floor<Duration>(std::chrono::system_clock::now()); }

}  // namespace hw
