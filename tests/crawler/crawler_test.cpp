#include "crawler/crawler.h"

#include <algorithm>

#include <doctest/doctest.h>

#include "tests/crawler/fake_site.h"

using namespace hw;
using namespace hw::crawler;
using namespace std::chrono_literals;
using test::Answer;

namespace {

const std::string kHome = "http://forum.test/";

Request thread(int number, std::string stamp = "s1") {
  return {kHome + "t" + std::to_string(number), PageRole::thread, std::move(stamp)};
}

// One source on one fake host, with a frontier that can be closed and opened again.
struct World {
  test::TemporaryFolder folder;
  test::FakeClock clock;
  test::FakeSite site{clock};
  config::SourceSpec source = test::source_at(kHome);
  std::optional<Frontier> frontier;
  std::vector<std::string> handed;
  std::vector<Event> events;
  CrawlerOptions options;
  std::stop_source stop;
  PageHandler handler = [this](const config::SourceSpec&, const Document& document) -> Result<PageOutcome> {
    handed.push_back(document.url);
    return test::read_lines(document);
  };

  World() {
    options.jitter = [] { return 0.0; };
    open();
  }
  void open() {
    frontier.reset();
    auto opened = Frontier::open(folder / "frontier.db", clock);
    REQUIRE_OK(opened);
    frontier.emplace(std::move(*opened));
  }
  void page(const std::string& path, const std::string& body) { site.pages[kHome + path].body = body; }
  Result<RunReport> try_run() {
    Crawler crawler(*frontier, site, clock, options);
    return crawler.run(
        {{&source, {{source.url, PageRole::entry, ""}}}}, handler,
        [this](const Event& event) { events.push_back(event); }, stop.get_token());
  }
  RunReport run() {
    auto report = try_run();
    REQUIRE_OK(report);
    return *report;
  }
  SourceHealth health() {
    auto all = frontier->health();
    REQUIRE_OK(all);
    return all->front();
  }
};

}  // namespace

TEST_CASE("a run reads robots.txt, the entry and what it leads to, each once") {
  World world;
  world.page("", test::link_line(thread(1)) + test::link_line(thread(2)) + "cursor here\n");
  world.page("t1", "post a\npost b\n");
  world.page("t2", "post c\n" + test::link_line(thread(1)));
  const RunReport report = world.run();
  CHECK(report.requests == 4);
  CHECK(report.pages == 3);
  CHECK(report.posts == 3);
  CHECK(report.skipped == 1);
  CHECK(world.handed == std::vector<std::string>{kHome, kHome + "t1", kHome + "t2"});
  CHECK(world.site.log.front().url == kHome + "robots.txt");
  CHECK(world.frontier->cursor("garden") == "here");
  CHECK(world.health().queued == 0);
  CHECK(world.health().trouble == "");
  CHECK(world.health().last_success == world.clock.now());
}

TEST_CASE("a second run costs what changed: an unchanged stamp is not asked for") {
  World world;
  world.page("", test::link_line(thread(1)) + test::link_line(thread(2)));
  world.page("t1", "post a\n");
  world.page("t2", "post b\n");
  world.run();
  world.clock.advance(30min);
  const RunReport unchanged = world.run();
  CHECK(unchanged.requests == 1);  // the entry; robots.txt counts for a day
  CHECK(unchanged.not_modified == 1);
  CHECK(unchanged.pages == 0);
  world.page("", test::link_line(thread(1, "s2")) + test::link_line(thread(2)));
  world.page("t1", "post a\npost c\n");
  world.clock.advance(30min);
  const RunReport changed = world.run();
  CHECK(changed.requests == 2);
  CHECK(changed.skipped == 1);
  CHECK(world.site.asked(kHome + "t1") == 2);
  CHECK(world.site.asked(kHome + "t2") == 1);
}

TEST_CASE("what a server gave to recognise a page by is sent back, and 304 hands nothing on") {
  World world;
  world.page("", "post a\n");
  world.site.pages[kHome].headers.push_back({"ETag", "\"v1\""});
  world.run();
  world.clock.advance(30min);
  world.site.pages[kHome] = Answer{304, "", {}, 10ms, {}};
  const RunReport report = world.run();
  CHECK(world.site.log.back().etag == "\"v1\"");
  CHECK(report.not_modified == 1);
  CHECK(world.handed.size() == 1);
  world.clock.advance(30min);
  world.run();
  CHECK(world.site.log.back().etag == "\"v1\"");  // still known after a 304 without one
}

TEST_CASE("a page in trouble is handed on again though its bytes are the same") {
  World world;
  world.page("", "trouble login wall\n");
  world.run();
  CHECK(world.health().trouble == "login wall");
  CHECK_FALSE(world.health().last_success.has_value());
  world.clock.advance(30min);
  world.run();
  CHECK(world.handed.size() == 2);
  CHECK(world.health().trouble == "login wall");
}

TEST_CASE("an error from the handler leaves the page queued; the next run reads it and goes on from there") {
  World world;
  world.page("", test::link_line(thread(1)) + test::link_line(thread(2)));
  world.page("t1", "post a\n");
  world.page("t2", "post b\n");
  const PageHandler good = world.handler;
  world.handler = [&](const config::SourceSpec& source, const Document& document) -> Result<PageOutcome> {
    if (document.url == kHome + "t1") return fail(ErrorCode::disk_full, "no space left");
    return good(source, document);
  };
  const auto failed = world.try_run();
  REQUIRE_FALSE(failed.has_value());
  CHECK(failed.error().code == ErrorCode::disk_full);
  CHECK(world.health().queued == 2);
  world.handler = good;
  world.open();
  const RunReport report = world.run();
  CHECK(report.pages == 2);
  CHECK(world.site.asked(kHome) == 1);
  CHECK(world.site.asked(kHome + "t1") == 2);
  CHECK(world.site.asked(kHome + "t2") == 1);
  CHECK(world.health().queued == 0);
}

TEST_CASE("a stop finishes what is in flight and keeps the rest for the next run, which does not begin anew") {
  World world;
  std::string links;
  for (int i = 1; i <= 5; ++i) {
    links += test::link_line(thread(i));
    world.page("t" + std::to_string(i), "post\n");
  }
  world.page("", links);
  world.site.on_start = [&](const test::Access& access) {
    if (access.url == kHome + "t2") world.stop.request_stop();
  };
  const RunReport stopped = world.run();
  CHECK(stopped.stopped);
  CHECK(stopped.pages == 3);
  CHECK(world.health().queued == 3);
  CHECK(world.frontier->due("garden") <= world.clock.now());
  world.stop = std::stop_source();
  world.site.on_start = nullptr;
  world.open();
  const RunReport rest = world.run();
  CHECK_FALSE(rest.stopped);
  CHECK(rest.requests == 3);
  for (int i = 1; i <= 5; ++i) CHECK(world.site.asked(kHome + "t" + std::to_string(i)) == 1);
  CHECK(world.site.asked(kHome) == 1);
}

TEST_CASE("a run that is continued after a long break reads its entry again") {
  World world;
  world.page("", test::link_line(thread(1)));
  world.page("t1", "post\n");
  world.site.on_start = [&](const test::Access& access) {
    if (access.url == kHome) world.stop.request_stop();
  };
  world.run();
  world.stop = std::stop_source();
  world.site.on_start = nullptr;
  world.clock.advance(24h);
  world.page("", test::link_line(thread(1)) + test::link_line(thread(2)));
  world.page("t2", "post\n");
  world.run();
  CHECK(world.handed == std::vector<std::string>{kHome, kHome + "t1", kHome, kHome + "t2"});
}

TEST_CASE("the page limit ends a run; the pages left come first in the next") {
  World world;
  world.source.max_pages = 3;
  std::string links;
  for (int i = 1; i <= 5; ++i) links += test::link_line(thread(i));
  world.page("", links);
  for (int i = 1; i <= 5; ++i) world.page("t" + std::to_string(i), "post\n");
  const Time begun = world.clock.now();
  CHECK(world.run().pages == 3);
  CHECK(world.health().queued == 3);
  CHECK(world.health().next_run == begun + 30min);
  world.run();
  CHECK(world.handed ==
        std::vector<std::string>{kHome, kHome + "t1", kHome + "t2", kHome + "t3", kHome + "t4", kHome + "t5"});
}

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

TEST_CASE("the handler sees the request it planned and the address it came from") {
  World world;
  world.site.pages[kHome] = Answer{302, "", {{"Location", "/board/"}}, 50ms, {}};
  world.page("board/", "post\n");
  Document seen;
  world.handler = [&](const config::SourceSpec&, const Document& document) -> Result<PageOutcome> {
    seen = document;
    return PageOutcome{};
  };
  world.run();
  CHECK(seen.request.url == kHome);
  CHECK(seen.request.role == PageRole::entry);
  CHECK(seen.url == kHome + "board/");
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

TEST_CASE("a server in trouble is left alone for longer and longer, and its pages are kept") {
  World world;
  world.page("", "post\n");
  world.run();
  world.clock.advance(30min);
  world.site.serve = [](const std::string&) {
    return Answer{0, "", {}, 50ms, Error{ErrorCode::network, "no connection"}};
  };
  for (int outage = 0; outage < 14; ++outage) {
    world.run();
    CHECK(world.health().trouble.ends_with("no connection"));
    CHECK(world.health().queued == 1);
    world.clock.set(std::max(*world.health().next_run, world.clock.now()));
  }
  const Duration longest = world.site.log.back().started - world.site.log[world.site.log.size() - 2].finished;
  CHECK(longest == 24h);
  world.site.serve = nullptr;
  world.page("", "post two\n");
  world.run();
  CHECK(world.handed.size() == 2);
  CHECK(world.health().trouble == "");
}

TEST_CASE("one page that always fails does not hold up the others, and is given up") {
  World world;
  world.source.every = 1h;
  std::string links;
  for (int i = 1; i <= 40; ++i) links += test::link_line(thread(i));
  world.page("", links);
  for (int i = 1; i <= 40; ++i) world.page("t" + std::to_string(i), "post\n");
  world.site.pages[kHome + "t1"].status = 500;
  for (int hour = 0; hour < 30; ++hour) {
    world.page("", links + "post " + std::to_string(hour) + "\n" + test::link_line(thread(100 + hour)));
    world.page("t" + std::to_string(100 + hour), "post\n");
    world.run();
    world.clock.set(std::max(*world.health().next_run, world.clock.now()));
  }
  for (int i = 2; i <= 40; ++i) CHECK(world.site.asked(kHome + "t" + std::to_string(i)) == 1);
  for (int hour = 0; hour < 30; ++hour) CHECK(world.site.asked(kHome + "t" + std::to_string(100 + hour)) == 1);
  CHECK(world.site.asked(kHome + "t1") >= 5);
  CHECK(world.site.asked(kHome + "t1") <= 5 + 30);
  CHECK(world.health().queued == 0);
}

TEST_CASE("a page that is gone is not asked for again until its stamp changes") {
  World world;
  world.page("", test::link_line(thread(1)));
  CHECK(world.run().failed == 1);
  world.clock.advance(1h);
  world.page("", test::link_line(thread(1)) + "post new\n");
  world.run();
  CHECK(world.site.asked(kHome + "t1") == 1);
  world.clock.advance(1h);
  world.page("", test::link_line(thread(1, "s2")));
  world.run();
  CHECK(world.site.asked(kHome + "t1") == 2);
}

TEST_CASE("an entry page that is gone is the source's trouble") {
  World world;
  world.run();
  CHECK(world.health().trouble == "the entry page answers 404");
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

TEST_CASE("a page that is no text is refused alone") {
  World world;
  world.page("", test::link_line(thread(1)) + test::link_line(thread(2)));
  world.site.pages[kHome + "t1"].error = Error{ErrorCode::refused, "its type is image/png, only text is read"};
  world.page("t2", "post\n");
  const RunReport report = world.run();
  CHECK(report.refused == 1);
  CHECK(report.pages == 2);
}

TEST_CASE("links without a stamp are read once a run") {
  World world;
  const std::string next = test::link_line({kHome + "page2", PageRole::listing, ""});
  world.page("", next + "post 1\n");
  world.page("page2", next + test::link_line({kHome, PageRole::entry, ""}) + "post 2\n");
  CHECK(world.run().requests == 3);
  world.clock.advance(1h);
  world.page("", next + "post 3\n");
  CHECK(world.run().requests == 2);
}

TEST_CASE("stamps that change all the time are held by the page limit") {
  World world;
  world.source.max_pages = 20;
  int count = 0;
  world.site.serve = [&](const std::string& url) -> std::optional<Answer> {
    if (url.ends_with("robots.txt")) return std::nullopt;
    return Answer{200,
                  test::link_line(thread(1, "v" + std::to_string(++count))) +
                      test::link_line(thread(2, "v" + std::to_string(count))),
                  {},
                  5ms,
                  {}};
  };
  CHECK(world.run().pages == 20);
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

TEST_CASE("ranges that cannot be read fail the run") {
  World world;
  world.options.rules.network_allow = {"nonsense"};
  const auto report = world.try_run();
  REQUIRE_FALSE(report.has_value());
  CHECK(report.error().code == ErrorCode::configuration);
}
