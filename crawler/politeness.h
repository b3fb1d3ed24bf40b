// When a host may be asked again: delays, Retry-After, and backoff that doubles and is forgiven. Pure; the caller keeps
// the state and gives the time, so that all of it is proved on a clock that tests move.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "common/time.h"

namespace hw::crawler {

// One host's state; it survives restarts in the frontier.
struct HostState {
  Time next_allowed{};      // the delay after the last request
  Time blocked_until{};     // backoff or Retry-After
  int failures = 0;         // in a row; each doubles the backoff
  bool overloaded = false;  // it said 429 or 503: only quiet forgives that, success does not
  Time last_failure{};
  std::int64_t day = 0;       // of its last request, in days since 1970
  std::int64_t requests = 0;  // on that day
  bool operator==(const HostState&) const = default;
};

inline constexpr Duration kLeastDelay{std::chrono::seconds(1)};
inline constexpr Duration kMostCrawlDelay{std::chrono::minutes(5)};
inline constexpr Duration kFirstBackoff{std::chrono::seconds(60)};
inline constexpr Duration kMostBackoff{std::chrono::days(1)};
inline constexpr Duration kQuiet{std::chrono::minutes(30)};

// Between two requests to a host. Below one second only for addresses that the operator lists in network.allow.
enum class Reach { open_network, listed };
Duration delay_between(Duration configured, std::optional<Duration> crawl_delay, Reach reach);

// Whether so many requests were sent to it today (UTC); 0: there is no limit.
bool used_up(const HostState& state, std::int64_t requests_a_day, Time now);
// When the next day begins.
Time next_day(Time now);

// A request begins now.
void note_start(HostState& state, Duration delay, Time now);
// It was answered, whatever the status, in good order.
void note_success(HostState& state, Time now);

enum class Failure { broken, overloaded };  // no usable answer or 5xx; 429 or 503
// `jitter` in [0, 1) spreads hosts that failed together. A Retry-After (a day at
// most) replaces the backoff, unless it was obeyed three times in vain.
void note_failure(HostState& state, Failure failure, std::optional<Duration> retry_after, double jitter, Time now);

// When the next request may begin. A clock that was set back does not stop a host for long: nothing waits longer than
// it could have been told to wait (by a delay of five minutes, or the source's own; by backoff a day).
Time ready_at(const HostState& state, Duration delay, Time now);
// Whether it is backoff or Retry-After that holds the host.
bool blocked(const HostState& state, Time now);

// RFC 9110 §10.2.3: seconds or a date; nothing when it is neither.
std::optional<Duration> parse_retry_after(std::string_view value, Time now);

}  // namespace hw::crawler
