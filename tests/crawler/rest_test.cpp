// When a source rests: paused by a person, outside its hours, or put off because the network was away.
#include <doctest/doctest.h>

#include "tests/crawler/fake_site.h"

using namespace hw;
using namespace hw::crawler;
using namespace std::chrono_literals;

namespace {

const std::string kHome = "http://forum.test/";

// A board whose entry leads to so many threads, on a clock that only the crawl moves. It starts at 10:00 UTC.
struct Board {
  test::TemporaryFolder folder;
  test::FakeClock clock;
  test::FakeSite site{clock};
  config::SourceSpec source = test::source_at(kHome);
  std::optional<Frontier> frontier;
  std::function<void(int)> on_page;  // with how many were read
  int read = 0;

  explicit Board(int threads) {
    std::string links;
    for (int i = 0; i < threads; ++i) {
      const std::string url = kHome + "t" + std::to_string(i);
      links += test::link_line({url, PageRole::thread, "s"});
      site.pages[url].body = "post " + std::to_string(i) + "\n";
    }
    site.pages[kHome].body = links;
    open();
  }
  void open() {
    frontier.reset();
    auto opened = Frontier::open(folder / "frontier.db", clock);
    REQUIRE_OK(opened);
    frontier.emplace(std::move(*opened));
  }
  RunReport run(AtHours hours = AtHours::own) {
    CrawlerOptions options;
    options.jitter = [] { return 0.0; };
    Crawler crawler(*frontier, site, clock, options);
    const PageHandler handler = [this](const config::SourceSpec&, const Document& document) -> Result<PageOutcome> {
      if (on_page) on_page(++read);
      return test::read_lines(document);
    };
    const auto report = crawler.run({{&source, {{source.url, PageRole::entry, ""}}, {}, {}, hours}}, handler, {}, {});
    REQUIRE_OK(report);
    return *report;
  }
  SourceHealth health() {
    const auto all = frontier->health();
    REQUIRE_OK(all);
    REQUIRE(all->size() == 1);
    return all->front();
  }
};

}  // namespace

TEST_CASE("a pause is kept over a restart, also of a source that was never read, and is shown") {
  Board board(1);
  CHECK_FALSE(board.frontier->standing("garden").paused);
  REQUIRE_OK(board.frontier->pause("garden"));
  board.open();
  CHECK(board.frontier->standing("garden").paused);
  CHECK(board.health().paused);
  REQUIRE_OK(board.frontier->resume("garden"));
  board.open();
  CHECK_FALSE(board.frontier->standing("garden").paused);
  CHECK(board.run().pages == 2);
}

TEST_CASE("a source that is paused while it is read is cut short, and goes on where it was") {
  Board board(10);
  board.on_page = [&](int read) {
    if (read == 4) REQUIRE_OK(board.frontier->pause("garden"));
  };
  CHECK(board.run().pages == 4);
  CHECK(board.health().queued == 7);
  CHECK_FALSE(board.frontier->standing("garden").well);
  REQUIRE_OK(board.frontier->resume("garden"));
  CHECK(board.run().pages == 7);
  CHECK(board.site.asked(kHome) == 1);
  CHECK(board.frontier->standing("garden").well);
}

TEST_CASE("when its hours are over a source is cut short, and goes on when they come again") {
  Board board(30);
  board.source.timetable.only = {{600, 601}};  // 10:00 to 10:01: twelve requests, five seconds apart
  const RunReport report = board.run();
  CHECK(report.pages == 11);  // and robots.txt
  CHECK(*board.health().next_run == *parse_rfc3339("2026-11-23T10:00:00Z"));
  CHECK(board.health().trouble.empty());
  board.clock.set(*board.health().next_run);
  CHECK(board.run().pages == 11);  // robots.txt is asked for anew each day
  CHECK(board.site.asked(kHome) == 1);
  SUBCASE("but a person who names it reads it at any hour") {
    CHECK(board.run(AtHours::any).pages == 9);
    CHECK(board.frontier->standing("garden").well);
  }
}

TEST_CASE("a source with a cron expression is read next when that says so") {
  Board board(1);
  const auto cron = config::parse_cron("0 3 * * *");
  REQUIRE_OK(cron);
  board.source.timetable.cron = *cron;
  board.run();
  CHECK(*board.health().next_run == *parse_rfc3339("2026-11-23T03:00:00Z"));
}

TEST_CASE("runs that end in trouble are counted until one ends well") {
  Board board(0);
  board.site.pages[kHome].body = "trouble login wall\n";
  for (int i = 1; i <= 3; ++i) {
    board.run();
    CHECK(board.health().bad_runs == i);
    board.clock.advance(1h);
  }
  REQUIRE_OK(board.frontier->note_told("garden", true));
  CHECK(board.health().told_broken.has_value());
  board.site.pages[kHome].body = "post a\n";
  board.run();
  CHECK(board.health().bad_runs == 0);
  CHECK(board.health().told_broken.has_value());
  REQUIRE_OK(board.frontier->note_told("garden", false));
  CHECK_FALSE(board.health().told_broken.has_value());
}

TEST_CASE("what the network's absence held against a host is taken back; what the host asked for is not") {
  Board board(0);
  const Time since = board.clock.now();
  board.site.pages[kHome + "robots.txt"].error = Error{ErrorCode::network, "no connection"};
  board.run();
  CHECK(board.health().trouble.find("no connection") != std::string::npos);
  CHECK(*board.health().next_run > board.clock.now());
  HostState asked_for_it{
      .blocked_until = board.clock.now() + 2h, .failures = 1, .overloaded = true, .last_failure = board.clock.now()};
  REQUIRE_OK(board.frontier->save_host("busy.test", asked_for_it));
  HostState before{.blocked_until = board.clock.now() + 2h, .failures = 3, .last_failure = since - 1h};
  REQUIRE_OK(board.frontier->save_host("down.test", before));

  REQUIRE_OK(board.frontier->forgive(since));
  CHECK(*board.health().next_run <= board.clock.now());
  CHECK_FALSE(blocked(*board.frontier->host("forum.test"), board.clock.now()));
  CHECK(*board.frontier->host("busy.test") == asked_for_it);
  CHECK(*board.frontier->host("down.test") == before);
  board.site.pages.erase(kHome + "robots.txt");
  CHECK(board.run().pages == 1);
}

TEST_CASE("the loop has a pulse, also while a host holds it off") {
  Board board(3);
  int beats = 0;
  CrawlerOptions options;
  options.jitter = [] { return 0.0; };
  Time last = board.clock.now();
  Duration longest{0};
  options.pulse = [&] {
    ++beats;
    longest = std::max(longest, board.clock.now() - last);
    last = board.clock.now();
  };
  Crawler crawler(*board.frontier, board.site, board.clock, options);
  const PageHandler handler = [](const config::SourceSpec&, const Document& document) -> Result<PageOutcome> {
    return test::read_lines(document);
  };
  REQUIRE_OK(crawler.run({{&board.source, {{board.source.url, PageRole::entry, ""}}}}, handler, {}, {}));
  CHECK(beats > 20);
  CHECK(longest <= 1s);
}
