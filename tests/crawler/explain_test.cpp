#include "crawler/explain.h"

#include <doctest/doctest.h>

#include "tests/crawler/fake_site.h"
#include "tests/crawler/raw_server.h"

using namespace hw;
using namespace hw::crawler;
using namespace std::chrono_literals;
using test::Answer;

namespace {

const std::string kHome = "http://forum.test/";

struct World {
  test::TemporaryFolder folder;
  test::FakeClock clock;
  test::FakeSite site{clock};
  std::optional<Frontier> frontier;
  FetchRules rules;
  std::vector<Duration> told_waits;

  World() {
    auto opened = Frontier::open(folder / "frontier.db", clock);
    REQUIRE_OK(opened);
    frontier.emplace(std::move(*opened));
  }
  Explanation explained(const std::string& url) {
    auto explanation =
        explain(url, *frontier, site, clock, rules, 5s, {}, [this](Duration wait) { told_waits.push_back(wait); });
    REQUIRE_OK(explanation);
    return std::move(*explanation);
  }
};

}  // namespace

TEST_CASE("explain: a page that is read, with what robots.txt says of it") {
  World world;
  world.site.pages[kHome + "robots.txt"].body = "User-agent: *\nAllow: /t\nDisallow: /\nCrawl-delay: 9\n";
  world.site.pages[kHome + "t1"].body = "post\n";
  const Explanation told = world.explained(kHome + "t1#p3");
  REQUIRE(told.steps.size() == 2);
  CHECK(told.steps[0].what == ExplainedStep::What::robots);
  CHECK(told.steps[0].outcome == "read");
  CHECK(told.steps[1].url == kHome + "t1");
  CHECK(told.steps[1].robots == "robots.txt, line 2: Allow: /t");
  CHECK(told.steps[1].sent);
  CHECK(told.steps[1].status == 200);
  CHECK(told.steps[1].waited >= 4s);
  CHECK(world.told_waits == std::vector<Duration>{told.steps[1].waited});
  CHECK(told.delay == 9s);
  REQUIRE(told.document.has_value());
  CHECK(told.document->body == "post\n");
}

TEST_CASE("explain: robots.txt forbids, with the rule; the page is not sent") {
  World world;
  world.site.pages[kHome + "robots.txt"].body = "User-agent: *\nDisallow: /\n";
  const Explanation told = world.explained(kHome + "t1");
  REQUIRE(told.steps.size() == 2);
  CHECK_FALSE(told.steps[1].sent);
  CHECK(told.steps[1].outcome == "forbidden: robots.txt, line 2: Disallow: /");
  CHECK_FALSE(told.document.has_value());
  CHECK(world.site.log.size() == 1);
  world.explained(kHome + "t2");
  CHECK(world.site.log.size() == 1);  // robots.txt is known for a day
}

TEST_CASE("explain: silence for robots.txt means no, and puts the host into backoff") {
  World world;
  world.site.pages[kHome + "robots.txt"].error = Error{ErrorCode::network, "too slow or silent"};
  const Explanation told = world.explained(kHome + "t1");
  REQUIRE(told.steps.size() == 2);
  CHECK(told.steps[0].outcome == "too slow or silent");
  CHECK_FALSE(told.steps[1].sent);
  auto state = world.frontier->host("forum.test");
  REQUIRE_OK(state);
  CHECK(state->failures == 1);
}

TEST_CASE("explain: a host that asked to be left alone is not asked") {
  World world;
  HostState state;
  state.blocked_until = world.clock.now() + 1h;
  REQUIRE_OK(world.frontier->save_host("forum.test", state));
  const Explanation told = world.explained(kHome);
  CHECK(told.steps.front().outcome == "not sent: the host is to be left alone until 2026-11-22T11:00:00Z");
  CHECK(world.site.log.empty());
}

TEST_CASE("explain: redirects are hops, each judged") {
  World world;
  world.site.pages[kHome + "a"] = Answer{301, "", {{"Location", "/b"}}, 10ms, {}};
  world.site.pages[kHome + "b"] = Answer{302, "", {{"Location", "http://127.0.0.1/"}}, 10ms, {}};
  const Explanation told = world.explained(kHome + "a");
  REQUIRE(told.steps.size() == 3);
  CHECK(told.steps[1].outcome == "a redirect to " + kHome + "b");
  CHECK(told.steps[2].outcome.starts_with("a redirect to another host"));
  CHECK_FALSE(told.document.has_value());
}

TEST_CASE("explain: the guard and the gate are told, by the real fetcher") {
  World world;
  const test::RawServer server([](test::Connection& connection, const std::string& head) {
    if (head.starts_with("GET /robots.txt"))
      return static_cast<void>(connection.send(test::answer("404 Not Found", "", "")));
    connection.send(test::answer("200 OK", "Content-Type: image/png\r\n", "x"));
  });
  SystemClock clock;
  auto closed = make_curl_fetcher(world.rules);
  REQUIRE_OK(closed);
  auto refused = explain(server.url("/x"), *world.frontier, **closed, clock, world.rules, 0s);
  REQUIRE_OK(refused);
  CHECK(refused->steps.front().outcome.starts_with("it leads to a loopback address"));
  world.rules.network_allow = {"127.0.0.0/8"};
  auto open = make_curl_fetcher(world.rules);
  REQUIRE_OK(open);
  auto told = explain(server.url("/x"), *world.frontier, **open, clock, world.rules, 5s);
  REQUIRE_OK(told);
  REQUIRE(told->steps.size() == 2);
  CHECK(told->delay == 0s);
  CHECK(told->steps[1].robots == "robots.txt answers 404");
  CHECK(told->steps[1].status == 200);
  CHECK(told->steps[1].outcome == "its type is image/png, only text is read");
  CHECK(told->steps[1].remote_address == "127.0.0.1");
}

TEST_CASE("explain: an address that cannot be read is an error") {
  World world;
  for (const char* url : {"", "ftp://forum.test/", "http://a:b@forum.test/"})
    CHECK_FALSE(explain(url, *world.frontier, world.site, world.clock, world.rules, 5s).has_value());
}
