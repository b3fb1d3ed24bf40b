#include "common/time.h"

#include <cstdint>
#include <random>

#include <doctest/doctest.h>

using namespace hw;
using namespace std::chrono_literals;

namespace {

std::string normal(std::string_view text) {
  const auto time = parse_rfc3339(text);
  return time ? to_rfc3339(*time) : "refused";
}

}  // namespace

// RFC 3339 §5.8, the examples.
TEST_CASE("RFC 3339 times of any offset become UTC") {
  CHECK(normal("1985-04-12T23:20:50.52Z") == "1985-04-12T23:20:50.520Z");
  CHECK(normal("1996-12-19T16:39:57-08:00") == "1996-12-20T00:39:57Z");
  CHECK(normal("1990-12-31T23:59:60Z") == "1991-01-01T00:00:00Z");
  CHECK(normal("1937-01-01T12:00:27.87+00:20") == "1937-01-01T11:40:27.870Z");
}

// RFC 3339 §5.6: "T" and "Z" may be lower case, a space may stand for "T".
TEST_CASE("the written forms that RFC 3339 allows are read, and one that APIs send") {
  CHECK(normal("2026-11-22t10:00:00z") == "2026-11-22T10:00:00Z");
  CHECK(normal("2026-11-22 10:00:00Z") == "2026-11-22T10:00:00Z");
  CHECK(normal("2026-11-22T10:00:00-00:00") == "2026-11-22T10:00:00Z");
  CHECK(normal("2026-11-22T10:00:00+0200") == "2026-11-22T08:00:00Z");
  CHECK(normal("2026-11-22T10:00:00.123456789Z") == "2026-11-22T10:00:00.123Z");
  CHECK(normal("2024-02-29T00:00:00Z") == "2024-02-29T00:00:00Z");
}

TEST_CASE("what is no RFC 3339 time is refused") {
  for (const char* text : {"",
                           "2026",
                           "2026-11-22",
                           "2026-11-22T10:00:00",
                           "2026-11-22T10:00Z",
                           "2026-11-22T24:00:00Z",
                           "2026-11-22T10:60:00Z",
                           "2026-11-22T10:00:61Z",
                           "2026-02-29T00:00:00Z",
                           "2026-13-01T00:00:00Z",
                           "2026-00-01T00:00:00Z",
                           "2026-01-00T00:00:00Z",
                           "2026-11-22T10:00:00.Z",
                           "2026-11-22T10:00:00Z ",
                           " 2026-11-22T10:00:00Z",
                           "2026-11-22T10:00:00+2:00",
                           "2026-11-22T10:00:00+24:00",
                           "2026-11-22T10:00:00+02:60",
                           "+026-11-22T10:00:00Z",
                           "2026-11-22T10:00:00ZZ",
                           "20261122T100000Z",
                           "2026-1-2T10:00:00Z"})
    CHECK_MESSAGE(normal(text) == "refused", std::string(text));
}

TEST_CASE("a time whose offset carries it out of the four-digit years is refused: it could not be written down") {
  CHECK(normal("0000-01-01T00:00:00+00:01") == "refused");
  CHECK(normal("9999-12-31T23:59:59-00:01") == "refused");
  CHECK(normal("9999-12-31T23:59:60Z") == "refused");
  CHECK(normal("0000-01-01T00:00:00Z") == "0000-01-01T00:00:00Z");
  CHECK(normal("9999-12-31T23:59:59.999Z") == "9999-12-31T23:59:59.999Z");
}

TEST_CASE("any time of the four-digit years survives writing and reading") {
  const std::int64_t least = to_millis(*parse_rfc3339("0000-01-01T00:00:00Z"));
  const std::int64_t most = to_millis(*parse_rfc3339("9999-12-31T23:59:59.999Z"));
  std::mt19937_64 random(1);
  std::uniform_int_distribution<std::int64_t> any(least, most);
  for (int i = 0; i < 20000; ++i) {
    const Time time = from_millis(any(random));
    const std::string written = to_rfc3339(time);
    const bool survives =
        parse_rfc3339(written) == time && to_day(time) == written.substr(0, 10) && from_millis(to_millis(time)) == time;
    if (!survives) FAIL(written);
  }
}

TEST_CASE("milliseconds before 1970 belong to the day they are in") {
  CHECK(to_rfc3339(from_millis(-1)) == "1969-12-31T23:59:59.999Z");
  CHECK(to_day(from_millis(-1)) == "1969-12-31");
}

// RFC 9110 §5.6.7: three forms, the same moment.
TEST_CASE("HTTP and mail dates are read") {
  for (const char* text :
       {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"})
    CHECK_MESSAGE(parse_http_date(text) == parse_rfc3339("1994-11-06T08:49:37Z"), std::string(text));
  CHECK(parse_http_date("Sun, 6 Nov 1994 10:49:37 +0200") == parse_rfc3339("1994-11-06T08:49:37Z"));
  CHECK_FALSE(parse_http_date("").has_value());
  CHECK_FALSE(parse_http_date("soon").has_value());
}

TEST_CASE("durations are a whole number and a unit") {
  CHECK(parse_duration("90s") == 90s);
  CHECK(parse_duration("30m") == 30min);
  CHECK(parse_duration("12h") == 12h);
  CHECK(parse_duration("30d") == std::chrono::days(30));
  CHECK(parse_duration("0s") == 0s);
  CHECK(parse_duration("36500d") == std::chrono::days(36500));
  for (const char* text : {"", "s", "5", "-5s", "+5s", " 5s", "5 s", "5s ", "5sec", "5.5h", "5w", "0x5s", "36501d",
                           "9223372036854775807d", "99999999999999999999s"})
    CHECK_MESSAGE(!parse_duration(text).has_value(), std::string(text));
}

TEST_CASE("durations in words") {
  CHECK(to_words(45s) == "45 s");
  CHECK(to_words(12min) == "12 min");
  CHECK(to_words(3h) == "3 h");
  CHECK(to_words(std::chrono::days(4)) == "4 d");
  CHECK(to_words(1400ms) == "1 s");
}

TEST_CASE("the system's clock does not run backwards between two looks and stands in this century") {
  const SystemClock clock;
  const Time first = clock.now();
  CHECK(clock.now() >= first);
  CHECK(first > *parse_rfc3339("2020-01-01T00:00:00Z"));
}
