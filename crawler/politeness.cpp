#include "crawler/politeness.h"

#include <algorithm>
#include <charconv>

#include "common/text.h"

namespace hw::crawler {
namespace {

constexpr double kJitterShare = 0.25;

Duration backoff(int failures, double jitter) {
  constexpr int kDoublings = 11;  // 60 s · 2¹¹ is past a day
  const Duration plain = kFirstBackoff * (1LL << std::clamp(failures - 1, 0, kDoublings));
  const auto spread = std::chrono::duration_cast<Duration>(plain * (1 + kJitterShare * jitter));
  return std::min(spread, kMostBackoff);
}

// A server is believed when it says how long, until it has said so in vain three times in a row.
Duration waiting(int failures, std::optional<Duration> retry_after, double jitter) {
  constexpr int kBelieved = 3;
  if (!retry_after) return backoff(failures, jitter);
  const Duration told = std::clamp(*retry_after, kLeastDelay, kMostBackoff);
  return failures <= kBelieved ? told : std::max(told, backoff(failures - kBelieved, jitter));
}

void forgive(HostState& state) {
  state.failures = 0;
  state.overloaded = false;
}

std::int64_t day_of(Time time) { return std::chrono::floor<std::chrono::days>(time).time_since_epoch().count(); }

bool quiet_since(const HostState& state, Time now) {
  return now >= std::max(state.last_failure, state.blocked_until) + kQuiet;
}

}  // namespace

Duration delay_between(Duration configured, std::optional<Duration> crawl_delay, Reach reach) {
  const Duration own = reach == Reach::listed ? std::max(configured, Duration{0}) : std::max(configured, kLeastDelay);
  return std::max(own, std::min(crawl_delay.value_or(Duration{0}), kMostCrawlDelay));
}

bool used_up(const HostState& state, std::int64_t requests_a_day, Time now) {
  return requests_a_day > 0 && state.day == day_of(now) && state.requests >= requests_a_day;
}

Time next_day(Time now) { return std::chrono::floor<std::chrono::days>(now) + std::chrono::days(1); }

void note_start(HostState& state, Duration delay, Time now) {
  state.next_allowed = now + delay;
  state.requests = state.day == day_of(now) ? state.requests + 1 : 1;
  state.day = day_of(now);
}

void note_success(HostState& state, Time now) {
  if (!state.overloaded || quiet_since(state, now)) forgive(state);
}

void note_failure(HostState& state, Failure failure, std::optional<Duration> retry_after, double jitter, Time now) {
  if (quiet_since(state, now)) forgive(state);
  ++state.failures;
  state.overloaded |= failure == Failure::overloaded;
  state.last_failure = now;
  state.blocked_until = now + waiting(state.failures, retry_after, jitter);
}

Time ready_at(const HostState& state, Duration delay, Time now) {
  const Duration most_delay = std::max(delay, kMostCrawlDelay);
  return std::max(std::min(state.next_allowed, now + most_delay), std::min(state.blocked_until, now + kMostBackoff));
}

bool blocked(const HostState& state, Time now) { return state.blocked_until > now; }

std::optional<Duration> parse_retry_after(std::string_view value, Time now) {
  value = trim(value);
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (error == std::errc{} && end == value.data() + value.size() && seconds >= 0)
    return std::min<Duration>(std::chrono::seconds(std::min<std::int64_t>(seconds, 86400)), kMostBackoff);
  const auto date = parse_http_date(value);
  if (!date) return std::nullopt;
  return std::clamp<Duration>(*date - now, Duration{0}, kMostBackoff);
}

}  // namespace hw::crawler
