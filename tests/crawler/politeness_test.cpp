#include "crawler/politeness.h"

#include <doctest/doctest.h>

using namespace hw;
using namespace hw::crawler;
using namespace std::chrono_literals;

namespace {
const Time kNow = *parse_rfc3339("2026-11-22T10:00:00Z");
}

TEST_CASE("a delay is at least a second, except where the operator lists the address") {
  CHECK(delay_between(5s, {}, Reach::open_network) == 5s);
  CHECK(delay_between(0s, {}, Reach::open_network) == 1s);
  CHECK(delay_between(999ms, {}, Reach::open_network) == 1s);
  CHECK(delay_between(0s, {}, Reach::listed) == 0s);
  CHECK(delay_between(Duration(-5), {}, Reach::listed) == 0s);
}

TEST_CASE("Crawl-delay lengthens a delay, to five minutes at most, and never shortens it") {
  CHECK(delay_between(5s, 20s, Reach::open_network) == 20s);
  CHECK(delay_between(5s, 2s, Reach::open_network) == 5s);
  CHECK(delay_between(5s, 3600s, Reach::open_network) == 300s);
  CHECK(delay_between(10min, 3600s, Reach::open_network) == 10min);
  CHECK(delay_between(0s, 2s, Reach::listed) == 2s);
}

TEST_CASE("backoff doubles from a minute to a day") {
  HostState state;
  Time now = kNow;
  Duration expected = 60s;
  for (int i = 0; i < 20; ++i) {
    note_failure(state, Failure::broken, {}, 0.0, now);
    CHECK(state.blocked_until == now + std::min<Duration>(expected, 24h));
    now = state.blocked_until;
    expected *= 2;
  }
}

TEST_CASE("jitter spreads a backoff upwards by up to a quarter, and never past a day") {
  HostState state;
  note_failure(state, Failure::broken, {}, 0.999, kNow);
  CHECK(state.blocked_until > kNow + 74s);
  CHECK(state.blocked_until <= kNow + 75s);
  state.failures = 30;
  note_failure(state, Failure::broken, {}, 0.999, kNow);
  CHECK(state.blocked_until == kNow + 24h);
}

TEST_CASE("success forgives a broken host at once, an overloaded one only after half an hour of quiet") {
  HostState state;
  note_failure(state, Failure::broken, {}, 0, kNow);
  note_success(state, kNow + 61s);
  CHECK(state.failures == 0);
  note_failure(state, Failure::overloaded, {}, 0, kNow);
  note_success(state, kNow + 61s);
  CHECK(state.failures == 1);
  note_success(state, kNow + 60s + 30min);
  CHECK(state.failures == 0);
  CHECK_FALSE(state.overloaded);
}

TEST_CASE("a failure after a long quiet begins anew") {
  HostState state;
  for (int i = 0; i < 5; ++i) note_failure(state, Failure::overloaded, {}, 0, kNow);
  const Time later = state.blocked_until + 30min;
  note_failure(state, Failure::overloaded, {}, 0, later);
  CHECK(state.blocked_until == later + 60s);
}

TEST_CASE("Retry-After is obeyed to the second, up to a day; repeated in vain it does not shorten the backoff") {
  HostState state;
  note_failure(state, Failure::overloaded, 7s, 0.5, kNow);
  CHECK(state.blocked_until == kNow + 7s);
  note_failure(state, Failure::overloaded, 24h * 365, 0.5, kNow);
  CHECK(state.blocked_until == kNow + 24h);
  state = {};
  for (int i = 0; i < 3; ++i) note_failure(state, Failure::overloaded, 0s, 0, kNow);
  CHECK(state.blocked_until == kNow + 1s);
  note_failure(state, Failure::overloaded, 0s, 0, kNow);
  CHECK(state.blocked_until == kNow + 60s);
  note_failure(state, Failure::overloaded, 0s, 0, kNow);
  CHECK(state.blocked_until == kNow + 120s);
}

// RFC 9110 §10.2.3: "The Retry-After field value can be either an HTTP-date or a number of seconds to delay".
TEST_CASE("Retry-After is seconds or a date") {
  CHECK(parse_retry_after("120", kNow) == 120s);
  CHECK(parse_retry_after(" 0 ", kNow) == 0s);
  CHECK(parse_retry_after("Sun, 22 Nov 2026 10:05:00 GMT", kNow) == 5min);
  CHECK(parse_retry_after("Sun, 22 Nov 2026 09:00:00 GMT", kNow) == 0s);
  CHECK(parse_retry_after("Fri, 31 Dec 9999 23:59:59 GMT", kNow) == 24h);
  CHECK(parse_retry_after("9223372036854775807", kNow) == 24h);
  for (const char* text : {"", "soon", "-5", "1.5", "120 s", "99999999999999999999"})
    CHECK_FALSE_MESSAGE(parse_retry_after(text, kNow), text);
}

TEST_CASE("the next request waits for delay and block, whichever is later") {
  HostState state;
  note_start(state, 5s, kNow);
  CHECK(ready_at(state, 5s, kNow) == kNow + 5s);
  state.blocked_until = kNow + 90s;
  CHECK(ready_at(state, 5s, kNow) == kNow + 90s);
  CHECK(blocked(state, kNow + 89s));
  CHECK_FALSE(blocked(state, kNow + 90s));
}

TEST_CASE("a clock that was set back by a year does not stop a host for a year") {
  HostState state;
  note_start(state, 5s, kNow + 24h * 365);
  CHECK(ready_at(state, 5s, kNow) == kNow + 5min);
  CHECK(ready_at(state, 10min, kNow) == kNow + 10min);
  note_failure(state, Failure::broken, {}, 0, kNow + 24h * 365);
  CHECK(ready_at(state, 5s, kNow) == kNow + 24h);
}
