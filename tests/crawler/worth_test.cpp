// What is worth asking, and when: yields, starving, revisits.
#include <doctest/doctest.h>

#include "crawler/revisit.h"
#include "crawler/yield.h"
#include "tests/crawler/fake_site.h"

using namespace hw;
using namespace hw::crawler;
using namespace std::chrono_literals;

namespace {

struct World {
  test::TemporaryFolder folder;
  test::FakeClock clock;
  Frontier frontier = [this] {
    auto opened = Frontier::open(folder / "frontier.db", clock);
    REQUIRE_OK(opened);
    return std::move(*opened);
  }();

  Added begin(const std::vector<Request>& entry) {
    auto added = frontier.begin_run("garden", entry, 30min);
    REQUIRE_OK(added);
    return *added;
  }
  std::optional<QueuedPage> next() {
    auto page = frontier.next("garden");
    REQUIRE_OK(page);
    return *page;
  }
  Added read(std::uint64_t new_posts, const std::vector<Request>& follow = {}, std::optional<Time> newest = {}) {
    PageDone done;
    done.validators.digest = "d";
    done.posts = done.new_posts = new_posts;
    done.follow = follow;
    done.newest_post = newest;
    auto added = frontier.done("garden", *next(), done);
    REQUIRE_OK(added);
    return *added;
  }
  void end() { REQUIRE_OK(frontier.end_run("garden", RunEnd::finished, "", clock.now())); }
};

Request thread(const std::string& path, const std::string& stamp = "s") {
  return {"http://a.test/" + path, PageRole::thread, stamp};
}
Request listing(const std::string& path) { return {"http://a.test/" + path, PageRole::listing, ""}; }

}  // namespace

TEST_CASE("yield: what brought posts is promising, what never does starves, and one new post makes up for it") {
  Yield yield;
  CHECK(rank_of(yield, 0) == Rank::ordinary);
  for (int i = 0; i < 10; ++i) note_first_reading(yield, 2, false);
  CHECK(rank_of(yield, 0) == Rank::promising);
  for (int i = 0; i < kStarving; ++i) note_first_reading(yield, 0, false);
  CHECK(rank_of(yield, 0) == Rank::starving);
  CHECK(rank_of(yield, 16) == Rank::promising);  // this very page brings a post a reading
  CHECK_FALSE(starved(yield));
  for (std::int64_t i = yield.barren; i < kStarved; ++i) note_first_reading(yield, 0, false);
  CHECK(starved(yield));
  note_first_reading(yield, 1, false);
  CHECK(yield.barren == 0);
}

TEST_CASE("yield: a listing that leads to new threads is not barren") {
  Yield yield;
  for (int i = 0; i < 100; ++i) note_first_reading(yield, 0, true);
  CHECK(yield.barren == 0);
  CHECK(rank_of(yield, 0) == Rank::ordinary);
}

TEST_CASE("frontier: promising pages are asked first, across a restart too") {
  World world;
  std::vector<Request> seeds;
  for (int i = 0; i < 12; ++i) seeds.push_back(thread("good/" + std::to_string(i)));
  world.begin(seeds);
  for (int i = 0; i < 12; ++i) world.read(3);
  world.end();
  world.clock.advance(1h);
  world.begin({thread("other/1"), thread("good/77"), thread("other/2")});
  CHECK(world.next()->request.url == "http://a.test/good/77");
  CHECK(world.next()->request.url == "http://a.test/other/1");
}

TEST_CASE(
    "frontier: a calendar without posts starves, other pages do not wait for it, and the next run tries it again") {
  World world;
  world.begin({listing("calendar?day=0")});
  int read = 0;
  for (; read < 1000; ++read) {
    const std::string next = std::to_string(read + 1);
    if (world.read(0, {listing("calendar?day=" + next)}).queued == 0) break;
  }
  CHECK(read == kStarved);
  CHECK_FALSE(world.next().has_value());
  world.end();
  world.clock.advance(1h);
  CHECK(world.begin({listing("calendar?day=5000"), thread("t1")}).queued == 2);
  CHECK(world.next()->request.url == "http://a.test/t1");
  CHECK(world.next()->request.url == "http://a.test/calendar?day=5000");
}

TEST_CASE("revisit: a pause grows while nothing changes, shrinks when something did, and stays in its bounds") {
  const Time now = *parse_rfc3339("2026-11-22T10:00:00Z");
  Duration pause{0};
  for (const Duration expected : {Duration(30min), Duration(60min), Duration(120min)})
    CHECK((pause = pause_after(Found::the_same, pause, 30min, {}, now)) == expected);
  CHECK(pause_after(Found::changed, pause, 30min, {}, now) == Duration(60min));
  CHECK(pause_after(Found::changed, 40min, 30min, {}, now) == Duration{0});
  for (int i = 0; i < 30; ++i) pause = pause_after(Found::the_same, pause, 30min, {}, now);
  CHECK(pause == kLongestPause);
}

TEST_CASE("revisit: how old the newest post is says how soon another may come") {
  const Time now = *parse_rfc3339("2026-11-22T10:00:00Z");
  CHECK(pause_after(Found::changed, Duration{0}, 30min, now - 1h, now) == Duration{0});
  CHECK(pause_after(Found::changed, Duration{0}, 30min, now - 16 * 24h, now) == Duration(24h));
  CHECK(pause_after(Found::changed, Duration{0}, 30min, now - 900 * 24h, now) == kLongestPause);
  CHECK(pause_after(Found::changed, Duration{0}, 30min, now + 900 * 24h, now) == Duration{0});
}

TEST_CASE("frontier: a page without a stamp that does not change is asked for less and less often") {
  World world;
  int asked = 0;
  for (int run = 0; run < 48; ++run) {
    world.begin({{"http://a.test/", PageRole::entry, ""}, thread("quiet", "")});
    while (const auto page = world.next()) {
      asked += page->request.url == "http://a.test/quiet" ? 1 : 0;
      REQUIRE_OK(world.frontier.unchanged("garden", *page, page->known));
    }
    world.end();
    world.clock.advance(30min);
  }
  CHECK(asked >= 5);
  CHECK(asked <= 8);  // of 48: in the runs 0, 1, 3, 7, 15 and 31
}

TEST_CASE("frontier: an entry is asked for in every run") {
  World world;
  for (int run = 0; run < 10; ++run) {
    CHECK(world.begin({{"http://a.test/", PageRole::entry, ""}}).queued == 1);
    REQUIRE_OK(world.frontier.unchanged("garden", *world.next(), {"e", "", "d"}));
    world.end();
    world.clock.advance(30min);
  }
}
