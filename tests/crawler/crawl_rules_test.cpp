// What a crawl may ask, and when: robots.txt, delays, Retry-After, redirects, budgets.
#include <algorithm>

#include <doctest/doctest.h>

#include "tests/crawler/crawl_world.h"

using namespace hw;
using namespace hw::crawler;
using namespace std::chrono_literals;
using test::Answer;
using test::kHome;
using test::thread;
using World = test::CrawlWorld;

TEST_CASE("robots.txt forbids without a request, and says which rule") {
  World world;
  world.page("robots.txt", "User-agent: *\nDisallow: /t1\n");
  world.page("", test::link_line(thread(1)) + test::link_line(thread(2)));
  world.page("t2", "post\n");
  const RunReport report = world.run();
  CHECK(report.refused == 1);
  CHECK(world.site.asked(kHome + "t1") == 0);
  CHECK(world.site.asked(kHome + "t2") == 1);
  const auto told = std::find_if(world.events.begin(), world.events.end(),
                                 [](const Event& e) { return e.kind == EventKind::refused; });
  REQUIRE(told != world.events.end());
  CHECK(told->what == "robots.txt, line 2: Disallow: /t1");
}

TEST_CASE("an entry page that robots.txt forbids is the source's trouble") {
  World world;
  world.page("robots.txt", "User-agent: handlewatch\nDisallow: /\n");
  world.page("", "post\n");
  CHECK(world.run().requests == 1);
  CHECK(world.health().trouble == "its entry page is forbidden: robots.txt, line 2: Disallow: /");
  CHECK(world.handed.empty());
}

TEST_CASE("robots.txt is asked again after a day, across restarts, and not before") {
  World world;
  world.page("", "post\n");
  world.run();
  world.open();
  world.clock.advance(23h);
  world.run();
  CHECK(world.site.asked(kHome + "robots.txt") == 1);
  world.open();
  world.clock.advance(1h);
  world.run();
  CHECK(world.site.asked(kHome + "robots.txt") == 2);
}

TEST_CASE("no page is asked for while robots.txt answers 5xx, 429 or nothing") {
  for (const int status : {500, 503, 429, 0}) {
    CAPTURE(status);
    World world;
    world.page("", "post\n");
    Answer& robots = world.site.pages[kHome + "robots.txt"];
    robots.status = status;
    if (status == 0) robots.error = Error{ErrorCode::network, "too slow or silent"};
    const Time begun = world.clock.now();
    world.run();
    CHECK(world.handed.empty());
    CHECK(world.site.asked(kHome) == 0);
    CHECK(world.health().trouble.starts_with("robots.txt: "));
    CHECK(world.health().next_run >= begun + 1min);
    CHECK(world.health().queued == 1);
    robots = Answer{404, "", {}, 50ms, {}};
    world.clock.set(*world.health().next_run);
    world.run();
    CHECK(world.handed.size() == 1);
  }
}

TEST_CASE("401, 403 and 451 for robots.txt forbid; other 4xx allow") {
  for (const int status : {401, 403, 451, 404, 410}) {
    CAPTURE(status);
    World world;
    world.page("", "post\n");
    world.site.pages[kHome + "robots.txt"].status = status;
    world.run();
    CHECK(world.handed.size() == (status == 404 || status == 410 ? 1 : 0));
  }
}

TEST_CASE("robots.txt may redirect within the site, five times; elsewhere nothing is asked") {
  World world;
  world.page("", "post\n");
  for (int i = 0; i < 5; ++i) {
    const std::string from = i == 0 ? "robots.txt" : "r" + std::to_string(i);
    world.site.pages[kHome + from] = Answer{301, "", {{"Location", "/r" + std::to_string(i + 1)}}, 10ms, {}};
  }
  world.page("r5", "User-agent: *\nDisallow: /x\n");
  const RunReport report = world.run();
  CHECK(report.requests == 7);
  CHECK(report.pages == 1);
  World away;
  away.page("", "post\n");
  away.site.pages[kHome + "robots.txt"] = Answer{301, "", {{"Location", "http://other.test/robots.txt"}}, 10ms, {}};
  away.run();
  CHECK(away.handed.empty());
  CHECK(away.health().trouble.find("robots.txt: a redirect to another host") == 0);
  CHECK(away.site.log.size() == 1);
}

TEST_CASE("Retry-After is waited for when it is short; a long one puts the source off and others go on") {
  World world;
  int asked = 0;
  std::string wait = "30";
  world.site.serve = [&](const std::string& url) -> std::optional<Answer> {
    if (url != kHome || asked++ > 0) return std::nullopt;
    return Answer{429, "", {{"Retry-After", wait}}, 50ms, {}};
  };
  world.page("", "post\n");
  world.run();
  REQUIRE(world.site.log.size() == 3);
  CHECK(world.site.log[2].started >= world.site.log[1].finished + 30s);
  CHECK(world.handed.size() == 1);

  asked = 0;
  wait = "3600";
  world.page("", "post two\n");
  config::SourceSpec other = test::source_at("http://other.test/", "other");
  world.site.pages["http://other.test/"].body = "post\n";
  const Time begun = world.clock.now();
  Crawler crawler(*world.frontier, world.site, world.clock, world.options);
  const auto report =
      crawler.run({{&world.source, {{kHome, PageRole::entry, ""}}}, {&other, {{other.url, PageRole::entry, ""}}}},
                  world.handler, {}, {});
  REQUIRE_OK(report);
  CHECK(world.clock.now() < begun + 2min);
  CHECK(world.handed.back() == "http://other.test/");
  CHECK(world.health().trouble == "the server answers 429");
  CHECK(*world.health().next_run >= begun + 1h);
  CHECK(world.health().queued == 1);
  world.open();
  world.run();  // too early: the block survived the restart, nothing is asked
  CHECK(world.site.log.back().host == "other.test");
  world.clock.set(*world.health().next_run);
  world.run();
  CHECK(world.site.log.back().url == kHome);
}

TEST_CASE("a redirect is a hop under the same rules, and its target is read once") {
  World world;
  world.page("", test::link_line(thread(1)) + test::link_line(thread(2)));
  world.site.pages[kHome + "t1"] = Answer{301, "", {{"Location", "/t2"}}, 50ms, {}};
  world.site.pages[kHome + "t2"].body = "post\n";
  const RunReport queued_itself = world.run();
  CHECK(queued_itself.pages == 2);
  CHECK(world.site.asked(kHome + "t2") == 1);

  World only_the_alias;
  only_the_alias.page("", test::link_line(thread(1)));
  only_the_alias.site.pages[kHome + "t1"] = Answer{308, "", {{"Location", "/t2"}}, 50ms, {}};
  only_the_alias.page("t2", test::link_line({kHome + "t2", PageRole::thread, ""}) + "post\n");
  const RunReport report = only_the_alias.run();
  CHECK(report.pages == 2);
  CHECK(report.requests == 4);
  CHECK(report.skipped == 1);
  CHECK(only_the_alias.handed.back() == kHome + "t2");
  CHECK(only_the_alias.site.log[3].started >= only_the_alias.site.log[2].started + 5s);
}

TEST_CASE("redirects that leave the site or run in a circle are refused and told") {
  for (const std::string location : {"http://other.test/", "http://127.0.0.1:9/", "file:///etc/passwd",
                                     "http://forum.test:81/", "http://forum.test/"}) {
    CAPTURE(location);
    World world;
    world.site.pages[kHome] = Answer{302, "", {{"Location", location}}, 50ms, {}};
    const RunReport report = world.run();
    CHECK(report.requests == 2);
    CHECK(report.refused == 1);
    CHECK(world.health().trouble.starts_with("a redirect"));
  }
}

TEST_CASE("a redirect to https asks that origin's robots.txt first") {
  World world;
  const std::string secure = "https://forum.test/";
  world.site.pages[kHome] = Answer{301, "", {{"Location", secure}}, 50ms, {}};
  world.site.pages[secure + "robots.txt"].body = "User-agent: *\nDisallow: /t\n";
  world.site.pages[secure].body = test::link_line({secure + "t1", PageRole::thread, "s"});
  const RunReport report = world.run();
  CHECK(report.pages == 1);
  CHECK(report.refused == 1);
  std::vector<std::string> urls;
  for (const auto& access : world.site.log) urls.push_back(access.url);
  CHECK(urls == std::vector<std::string>{kHome + "robots.txt", kHome, secure + "robots.txt", secure});
}

TEST_CASE("links to other hosts are refused and counted; plain links of a secure site are asked for by https") {
  World world;
  world.page("", test::link_line({"http://other.test/x", PageRole::thread, "s"}) +
                     test::link_line({"http://forum.test:8080/x", PageRole::thread, "s"}) +
                     test::link_line({"ftp://forum.test/x", PageRole::thread, "s"}) +
                     test::link_line({kHome + "t1#p3", PageRole::thread, "s"}));
  world.page("t1", "post\n");
  const RunReport report = world.run();
  CHECK(report.refused == 3);
  CHECK(report.pages == 2);

  World secure;
  secure.source.url = "https://forum.test/";
  secure.site.pages["https://forum.test/"].body = test::link_line(thread(1));
  secure.site.pages["https://forum.test/t1"].body = "post\n";
  CHECK(secure.run().pages == 2);
  CHECK(secure.site.log.back().url == "https://forum.test/t1");
}

TEST_CASE("an address that the guard refuses ends the source's run with its pages queued") {
  World world;
  world.page("", "post\n");
  Answer refused;
  refused.status = 0;
  refused.error = Error{ErrorCode::refused, "it leads to a loopback address"};
  world.site.pages[kHome + "robots.txt"] = refused;
  const RunReport report = world.run();
  CHECK(report.requests == 1);
  CHECK(world.health().trouble == "robots.txt: it leads to a loopback address");
  CHECK(world.health().queued == 1);
}

TEST_CASE(
    "delays: the source's own, robots' longer one, a second at least, none only where the operator lists the address") {
  const auto gap = [](Duration delay, const std::string& robots, const std::string& home, const std::string& remote) {
    World world;
    world.options.rules.network_allow = {"127.0.0.0/8"};
    world.source.url = home;
    world.source.delay = delay;
    world.site.remote_address = remote;
    world.site.pages[home + "robots.txt"].body = robots;
    world.site.pages[home].body =
        test::link_line({home + "t1", PageRole::thread, "s"}) + test::link_line({home + "t2", PageRole::thread, "s"});
    for (const char* path : {"t1", "t2"}) world.site.pages[home + path].body = std::string("post ") + path;
    CHECK(world.run().pages == 3);
    return world.site.log.back().started - world.site.log[world.site.log.size() - 2].started;
  };
  const std::string named = "http://forum.test/";
  CHECK(gap(5s, "", named, "1.1.1.1") == 5s);
  CHECK(gap(5s, "user-agent: *\ncrawl-delay: 17\n", named, "1.1.1.1") == 17s);
  CHECK(gap(0s, "", named, "1.1.1.1") == 1s);
  CHECK(gap(0s, "", named, "127.0.0.1") == 50ms);  // as long as the request before it takes
  CHECK(gap(0s, "", "http://127.0.0.1:8080/", "127.0.0.1") == 50ms);
  CHECK(gap(0s, "", "http://10.0.0.1/", "10.0.0.1") == 1s);
}

TEST_CASE("a delay holds over a restart") {
  World world;
  world.source.delay = 60s;
  world.page("", test::link_line(thread(1)));
  world.page("t1", "post\n");
  const PageHandler good = world.handler;
  world.handler = [](const config::SourceSpec&, const Document&) -> Result<PageOutcome> {
    return fail(ErrorCode::io, "pulled plug");
  };
  REQUIRE_FALSE(world.try_run().has_value());
  const Time asked = world.site.log.back().started;
  world.handler = good;
  world.open();
  world.run();
  CHECK(world.site.log[2].started >= asked + 60s);
}

TEST_CASE("a host is asked so many requests a day, whatever its sources and restarts; that is no trouble") {
  World world;
  world.options.requests_a_day = 10;
  world.source.max_pages = 1000;
  std::string links;
  for (int i = 1; i <= 30; ++i) links += test::link_line(thread(i));
  world.page("", links);
  for (int i = 1; i <= 30; ++i) world.page("t" + std::to_string(i), "post\n");
  world.clock.set(*parse_rfc3339("2026-11-22T20:00:00Z"));
  CHECK(world.run().requests == 10);
  CHECK(world.health().trouble == "");
  CHECK(world.health().queued == 22);
  CHECK(*world.health().next_run == *parse_rfc3339("2026-11-23T00:00:00Z"));
  CHECK(world.events.back().what == "10 requests were sent to its host today, it goes on tomorrow");
  world.open();
  CHECK(world.run().requests == 0);  // the same day, after a restart
  world.clock.set(*parse_rfc3339("2026-11-23T00:00:00Z"));
  CHECK(world.run().requests == 10);
  world.options.requests_a_day = 0;
  world.run();
  CHECK(world.health().queued == 0);
}

TEST_CASE("the operator's own machines have no budget") {
  World world;
  world.options.rules.network_allow = {"127.0.0.0/8"};
  world.options.requests_a_day = 3;
  world.source.url = "http://127.0.0.1:8080/";
  std::string links;
  for (int i = 1; i <= 9; ++i) links += test::link_line({world.source.url + std::to_string(i), PageRole::thread, "s"});
  world.site.remote_address = "127.0.0.1";
  world.site.serve = [&](const std::string& url) -> std::optional<Answer> {
    Answer answer;
    answer.body = url == world.source.url ? links : "post " + url + "\n";
    return answer;
  };
  CHECK(world.run().pages == 10);
}
