#include "crawler/rate_limits.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <string>
#include <string_view>

#include "common/text.h"
#include "crawler/politeness.h"

namespace hw::crawler {
namespace {

constexpr std::array<std::string_view, 5> kPrefixes{"x-ratelimit-", "x-rate-limit-", "ratelimit-",
                                                    "x-ratelimit-perhour-", "x-ratelimit-perday-"};
constexpr double kUnixTimes = 1e9;  // a larger number of seconds is a time, not a wait
constexpr double kUnixMilliseconds = 1e11;

std::optional<std::string_view> find(const std::vector<Header>& headers, std::string_view prefix,
                                     std::string_view what) {
  for (const Header& header : headers) {
    const std::string_view name = header.name;
    if (name.size() != prefix.size() + what.size()) continue;
    if (equals_ignoring_case(name.substr(0, prefix.size()), prefix) &&
        equals_ignoring_case(name.substr(prefix.size()), what))
      return trim(header.value);
  }
  return std::nullopt;
}

// Decimal, fractions too: Reddit writes "594.0".
std::optional<double> number(std::string_view text) {
  if (text.empty() || text.size() > 20 || text.find_first_not_of("0123456789.") != std::string_view::npos)
    return std::nullopt;
  const std::string copy(text);
  char* end = nullptr;
  const double value = std::strtod(copy.c_str(), &end);
  return end == copy.c_str() + copy.size() && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

std::optional<Duration> wait_of(std::string_view reset, Time now) {
  if (const auto date = parse_rfc3339(reset)) return *date - now;
  const auto value = number(reset);
  if (!value || *value >= 1e14) return std::nullopt;
  if (*value < kUnixTimes) return Duration(static_cast<std::int64_t>(std::ceil(*value * 1000)));
  const double milliseconds = *value < kUnixMilliseconds ? *value * 1000 : *value;
  return from_millis(static_cast<std::int64_t>(milliseconds)) - now;
}

// The longest wait over the pairs of which `counts` says that they count.
template <class Counts>
std::optional<Duration> longest(const std::vector<Header>& headers, Time now, Counts counts) {
  std::optional<Duration> out;
  for (const std::string_view prefix : kPrefixes) {
    const auto reset = find(headers, prefix, "reset");
    if (!reset || !counts(prefix)) continue;
    const auto wait = wait_of(*reset, now);
    if (wait) out = std::max(out.value_or(Duration{0}), std::clamp(*wait, Duration{0}, kMostBackoff));
  }
  return out;
}

}  // namespace

std::optional<Duration> allowance_wait(const std::vector<Header>& headers, Time now) {
  return longest(headers, now, [&](std::string_view prefix) {
    const auto left = number(find(headers, prefix, "remaining").value_or(""));
    return left && *left < 1;
  });
}

std::optional<Duration> allowance_reset(const std::vector<Header>& headers, Time now) {
  return longest(headers, now, [](std::string_view) { return true; });
}

}  // namespace hw::crawler
