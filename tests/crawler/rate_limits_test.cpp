#include "crawler/rate_limits.h"

#include <doctest/doctest.h>

#include "crawler/host_outcome.h"
#include "tests/support/support.h"

using namespace hw;
using namespace hw::crawler;
using namespace std::chrono_literals;

namespace {

const Time kNow = *parse_rfc3339("2026-11-22T10:00:00Z");

Fetched answer(int status, std::vector<Header> headers) {
  Document document;
  document.status = status;
  document.headers = std::move(headers);
  Fetched fetched{1, document};
  fetched.status = status;
  return fetched;
}

}  // namespace

TEST_CASE("each API's own headers say when an allowance that is used up is renewed") {
  CHECK(allowance_wait({{"X-Ratelimit-Used", "600"}, {"X-Ratelimit-Remaining", "0.0"}, {"X-Ratelimit-Reset", "251"}},
                       kNow) == 251s);
  CHECK(allowance_wait(
            {{"x-rate-limit-remaining", "0"}, {"x-rate-limit-reset", std::to_string(to_millis(kNow) / 1000 + 900)}},
            kNow) == 900s);
  CHECK(allowance_wait({{"X-RateLimit-Remaining", "0"}, {"X-RateLimit-Reset", "2026-11-22T10:05:00.000000Z"}}, kNow) ==
        300s);
  CHECK(allowance_wait({{"ratelimit-remaining", "0"},
                        {"ratelimit-reset", std::to_string(to_millis(kNow) / 1000 + 60)},
                        {"ratelimit-policy", "3000;w=300"}},
                       kNow) == 60s);
  CHECK(allowance_wait({{"X-Ratelimit-Perhour-Remaining", "12"},
                        {"X-Ratelimit-Perhour-Reset", "1700"},
                        {"X-Ratelimit-Perday-Remaining", "0"},
                        {"X-Ratelimit-Perday-Reset", "30000"}},
                       kNow) == 30000s);
}

TEST_CASE("what is left, absent or not to be read holds nothing up") {
  CHECK_FALSE(allowance_wait({}, kNow));
  CHECK_FALSE(allowance_wait({{"X-Ratelimit-Remaining", "1"}, {"X-Ratelimit-Reset", "251"}}, kNow));
  CHECK_FALSE(allowance_wait({{"X-Ratelimit-Remaining", "0"}}, kNow));
  for (const char* reset : {"", "soon", "-5", "1e9", "999999999999999999999", "nan", "..", "0x10"})
    CHECK_FALSE(allowance_wait({{"X-Ratelimit-Remaining", "0"}, {"X-Ratelimit-Reset", reset}}, kNow));
  for (const char* remaining : {"", "-1", "none", "1,2"})
    CHECK_FALSE(allowance_wait({{"X-Ratelimit-Remaining", remaining}, {"X-Ratelimit-Reset", "60"}}, kNow));
}

TEST_CASE("a reset is never before now and never more than a day away") {
  CHECK(allowance_wait({{"X-Ratelimit-Remaining", "0"}, {"X-Ratelimit-Reset", "2026-11-22T09:00:00Z"}}, kNow) == 0s);
  CHECK(allowance_wait({{"X-Ratelimit-Remaining", "0"}, {"X-Ratelimit-Reset", "900000000"}}, kNow) == 24h);
  CHECK(allowance_wait({{"X-Ratelimit-Remaining", "0"}, {"X-Ratelimit-Reset", "99999999999999"}}, kNow) == 24h);
}

TEST_CASE("a good answer that uses up the allowance holds the host off until its reset") {
  HostState state;
  note_outcome(state, answer(200, {{"X-Ratelimit-Remaining", "0"}, {"X-Ratelimit-Reset", "251"}}), 0, kNow);
  CHECK(state.failures == 0);
  CHECK(ready_at(state, 1s, kNow) == kNow + 251s);
  note_outcome(state, answer(200, {{"X-Ratelimit-Remaining", "599"}, {"X-Ratelimit-Reset", "600"}}), 0, kNow + 251s);
  CHECK(ready_at(state, 1s, kNow + 251s) == kNow + 251s);
}

TEST_CASE("429 obeys Retry-After, else the reset, else it backs off") {
  HostState state;
  note_outcome(state, answer(429, {{"Retry-After", "30"}, {"x-rate-limit-reset", "900"}}), 0, kNow);
  CHECK(state.blocked_until == kNow + 30s);
  state = {};
  note_outcome(state, answer(429, {{"x-rate-limit-reset", "900"}}), 0, kNow);
  CHECK(state.blocked_until == kNow + 900s);
  state = {};
  note_outcome(state, answer(429, {}), 0, kNow);
  CHECK(state.blocked_until == kNow + 60s);
}
