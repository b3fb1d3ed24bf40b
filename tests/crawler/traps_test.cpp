#include "crawler/traps.h"

#include <string>

#include <doctest/doctest.h>

using namespace hw;
using namespace hw::crawler;

namespace {

std::string_view trap(const std::string& path) { return trap_in(*parse_url("http://a.test" + path), 2026); }
std::string cleaned(const std::string& path) { return without_visitor(*parse_url("http://a.test" + path)).text(); }
std::uint64_t shape(const std::string& path) { return shape_of("http://a.test" + path); }

}  // namespace

TEST_CASE("traps: what boards really have is no trap") {
  for (const char* path :
       {"/", "/viewtopic.php?f=3&t=12&start=200", "/topic/31/leeks-when", "/c/a/t/thread/2", "/2024/05/11/harvest",
        "/archive?year=2025&month=2", "/archive/2027/01", "/en/en/help", "/search?y=12", "/t/2050-a-novel/12"})
    CHECK_MESSAGE(trap(path) == "", path);
}

TEST_CASE("traps: paths and queries without end") {
  CHECK(trap("/a/b/a/b/a/b/a/b") == "a path that repeats itself");
  CHECK(trap("/x/x/x/x") == "a path that repeats itself");
  std::string deep;
  for (int i = 0; i < 17; ++i) deep += "/s" + std::to_string(i);
  CHECK(trap(deep) == "a path without end");
  CHECK(trap("/l?tag=a&tag=b&tag=c&tag=d") == "a query that repeats itself");
  std::string query = "/l?";
  for (int i = 0; i < 17; ++i) query += "p" + std::to_string(i) + "=1&";
  CHECK(trap(query) == "a query that grows");
  CHECK(trap("/l?q=" + std::string(1100, 'q')) == "a query that grows");
  CHECK(trap("/" + std::string(2100, 'p')) == "an address without end");
}

TEST_CASE("traps: a calendar may show next year and no year after it") {
  CHECK(trap("/calendar?year=2027&month=1") == "");
  CHECK(trap("/calendar?year=2028&month=1") == "a calendar without end");
  CHECK(trap("/events/1922/04") == "a calendar without end");
  CHECK(trap("/events/2091/11/02") == "a calendar without end");
  CHECK(trap("/calendar?date=2191-04-01") == "a calendar without end");
}

TEST_CASE("traps: what tells visitors apart is taken out, everything else stays") {
  CHECK(cleaned("/viewtopic.php?f=3&sid=0123456789abcdef0123456789abcdef&t=12") ==
        "http://a.test/viewtopic.php?f=3&t=12");
  CHECK(cleaned("/a;jsessionid=0A1B2C3D4E5F?x=1") == "http://a.test/a?x=1");
  CHECK(cleaned("/a?utm_source=feed&utm_medium=rss") == "http://a.test/a");
  CHECK(cleaned("/a?PHPSESSID=abcdefabcdefabcdefab&b=2") == "http://a.test/a?b=2");
  CHECK(cleaned("/a?s=search+words&sid=7") == "http://a.test/a?s=search+words&sid=7");
  CHECK(cleaned("/a?b") == "http://a.test/a?b");
}

TEST_CASE("traps: addresses of one kind have one shape") {
  CHECK(shape("/viewtopic.php?f=3&t=12") == shape("/viewtopic.php?f=4&t=900"));
  CHECK(shape("/viewtopic.php?f=3&t=12") != shape("/viewforum.php?f=3&t=12"));
  CHECK(shape("/viewtopic.php?t=12") != shape("/viewtopic.php?t=12&start=20"));
  CHECK(shape("/topic/31/leeks-when") == shape("/topic/32/the-raised-bed"));
  CHECK(shape("/topic/31") != shape("/user/31"));
  CHECK(shape("/calendar/2026/11") == shape("/calendar/2031/02"));
}
