#include "crawler/crawler.h"

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

TEST_CASE("ranges that cannot be read fail the run") {
  World world;
  world.options.rules.network_allow = {"nonsense"};
  const auto report = world.try_run();
  REQUIRE_FALSE(report.has_value());
  CHECK(report.error().code == ErrorCode::configuration);
}
