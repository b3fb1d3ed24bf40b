#include "crawler/frontier.h"

#include <array>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "common/sqlite.h"
#include "crawler/frontier_store.h"
#include "tests/support/support.h"

using namespace hw;
using namespace hw::crawler;
using namespace std::chrono_literals;

namespace {

struct World {
  test::TemporaryFolder folder;
  test::FakeClock clock;
  std::optional<Frontier> frontier;

  World() { open(); }
  void open() {
    frontier.reset();
    auto opened = Frontier::open(folder / "frontier.db", clock);
    REQUIRE_OK(opened);
    frontier.emplace(std::move(*opened));
  }
  Added begin(const std::vector<Request>& entry, Duration every = 30min) {
    auto added = frontier->begin_run("garden", entry, every);
    REQUIRE_OK(added);
    return *added;
  }
  // What comes next, put back.
  std::optional<QueuedPage> next(const std::string& source = "garden") {
    auto page = frontier->next(source);
    REQUIRE_OK(page);
    if (*page) frontier->put_back(source, **page);
    return *page;
  }
  Added done(const PageDone& outcome = {}) {
    auto added = frontier->done("garden", *next(), outcome);
    REQUIRE_OK(added);
    return *added;
  }
  void end(RunEnd how = RunEnd::finished, std::string_view trouble = "") {
    REQUIRE_OK(frontier->end_run("garden", how, trouble, clock.now() + 30min));
  }
  SourceHealth health() {
    auto all = frontier->health();
    REQUIRE_OK(all);
    REQUIRE(all->size() == 1);
    return all->front();
  }
};

Request page(const std::string& path, const std::string& stamp = "") {
  return {"http://a.test/" + path, PageRole::thread, stamp};
}

std::vector<Request> pages(int count, const std::string& stamp = "s") {
  std::vector<Request> out;
  for (int i = 0; i < count; ++i) out.push_back(page(std::to_string(i), stamp));
  return out;
}

}  // namespace

TEST_CASE("frontier: an unknown source is due in the past and has no cursor") {
  World world;
  CHECK(world.frontier->due("nobody") == Time{});
  CHECK(world.frontier->cursor("nobody") == "");
  CHECK_FALSE(world.next("nobody").has_value());
}

TEST_CASE("frontier: pages come in the order in which they were queued") {
  World world;
  world.begin({page("entry")});
  CHECK(world.done({{}, {page("a", "1"), page("b", "1")}, "cursor", {}, 2, 1}).queued == 2);
  CHECK(world.next()->request == page("a", "1"));
  CHECK(world.done({{}, {page("c", "1"), page("b", "1"), page("a", "1")}, {}, {}, 1, 0}).skipped == 2);
  CHECK(world.next()->request.url == "http://a.test/b");
  world.done();
  CHECK(world.next()->request.url == "http://a.test/c");
  world.done();
  CHECK_FALSE(world.next().has_value());
  CHECK(world.frontier->cursor("garden") == "cursor");
  CHECK(world.health().pages == 4);
  CHECK(world.health().posts == 3);
  CHECK(world.health().new_posts == 1);
}

TEST_CASE("frontier: what is known of a page comes back with it, whatever bytes it is") {
  World world;
  const Validators known{"W/\"x\"", "Sun, 22 Nov 2026 10:00:00 GMT", std::string("\0\xFFz", 3)};
  world.begin({page("entry")});
  world.done({known, {}, {}, {}, 0, 0});
  world.end();
  world.open();
  world.begin({page("entry")});
  CHECK(world.next()->known == known);
}

TEST_CASE("frontier: a page that was not finished is still queued after a restart") {
  World world;
  world.begin({page("entry")});
  world.done({{}, pages(3), {}, {}, 0, 0});
  CHECK(world.next()->request.url == "http://a.test/0");
  world.open();
  CHECK(world.next()->request.url == "http://a.test/0");
  CHECK(world.health().queued == 3);
}

TEST_CASE("frontier: what is handed out is not handed out again until its outcome is recorded or its run ends") {
  World world;
  world.begin(pages(3));
  const QueuedPage first = **world.frontier->next("garden");
  const QueuedPage second = **world.frontier->next("garden");
  CHECK(first.request.url != second.request.url);
  REQUIRE_OK(world.frontier->retry("garden", first, world.clock.now() + 60s));
  const QueuedPage third = **world.frontier->next("garden");
  CHECK(third.request.url == "http://a.test/2");
  CHECK((*world.frontier->next("garden"))->id == first.id);
  CHECK_FALSE(world.frontier->next("garden")->has_value());
  world.end(RunEnd::cut_short);
  world.begin({});
  CHECK(world.next()->id == second.id);
}

TEST_CASE("frontier: a page that changed while it was being read is read again") {
  World world;
  world.begin({page("a", "1"), page("list")});
  const QueuedPage reading = **world.frontier->next("garden");
  PageDone listing;
  listing.follow = {page("a", "2")};
  REQUIRE_OK(world.frontier->done("garden", **world.frontier->next("garden"), listing));
  REQUIRE_OK(world.frontier->done("garden", reading, {}));
  CHECK(world.next()->request == page("a", "2"));
}

TEST_CASE("frontier: what is written together is written whole or not at all") {
  World world;
  world.begin(pages(2));
  const auto failed = world.frontier->together([&]() -> Status {
    REQUIRE_OK(world.frontier->done("garden", **world.frontier->next("garden"), {}));
    return fail(ErrorCode::disk_full, "no space left");
  });
  CHECK(failed.error().code == ErrorCode::disk_full);
  CHECK(world.health().queued == 2);
  REQUIRE_OK(world.frontier->together([&]() -> Status {
    for (int i = 0; i < 2; ++i) REQUIRE_OK(world.frontier->done("garden", **world.frontier->next("garden"), {}));
    return {};
  }));
  CHECK(world.health().queued == 0);
}

TEST_CASE("frontier: stamps decide what is read again") {
  World world;
  world.begin({page("entry")});
  world.done({{}, {page("a", "1")}, {}, {}, 0, 0});
  world.done();
  CHECK(world.begin({page("a", "2")}).queued == 1);  // changed within the run
  world.done();
  world.end();
  CHECK(world.begin({page("a", "2")}).skipped == 1);
  CHECK(world.begin({page("a", "3")}).queued == 1);
  world.done();
  world.end();
  CHECK(world.begin({page("a", "2")}).queued == 1);  // another stamp is another stamp, whichever came first
}

TEST_CASE("frontier: a queued page takes the stamp it is offered with last") {
  World world;
  world.begin({page("a", "1")});
  world.begin({page("a", "2")});
  CHECK(world.next()->request.stamp == "2");
  world.done();
  world.end();
  CHECK(world.begin({page("a", "2")}).skipped == 1);
}

TEST_CASE("frontier: without a stamp a page is read once a run, and a run that was cut short is still the same") {
  World world;
  world.begin({page("entry")});
  CHECK(world.done({{}, {page("entry"), page("next")}, {}, {}, 0, 0}).skipped == 1);
  world.end(RunEnd::cut_short);
  world.open();
  CHECK(world.begin({page("entry")}).skipped == 1);
  world.done();
  world.end();
  CHECK(world.begin({page("entry")}).queued == 1);
  world.done();
  world.open();  // killed: no end of the run was written
  CHECK(world.begin({page("entry")}).skipped == 1);
  world.clock.advance(30min);
  CHECK(world.begin({page("entry")}).queued == 1);
}

TEST_CASE("frontier: pages to be tried again come after those never tried, and when they are due") {
  World world;
  world.begin(pages(3));
  QueuedPage first = *world.next();
  first.attempts = 2;
  REQUIRE_OK(world.frontier->retry("garden", first, world.clock.now() + 60s));
  CHECK(world.next()->request.url == "http://a.test/1");
  world.done();
  world.done();
  CHECK(world.next()->id == first.id);
  CHECK(world.next()->attempts == 2);
  CHECK(world.next()->due == world.clock.now() + 60s);
  CHECK(world.health().errors == 1);
}

TEST_CASE("frontier: why a page was dropped decides when it is queued again") {
  World world;
  for (const Dropped why : {Dropped::gone, Dropped::unwanted, Dropped::forbidden, Dropped::exhausted}) {
    const std::string path = "p" + std::to_string(static_cast<int>(why));
    world.begin({page(path, "1")});
    REQUIRE_OK(world.frontier->drop("garden", *world.next(), why));
    CHECK_FALSE(world.next().has_value());
    CHECK(world.begin({page(path, "1")}).skipped == 1);  // not in the same run
    world.end();
    const bool for_good = why == Dropped::gone || why == Dropped::unwanted;
    CHECK(world.begin({page(path, "1")}).queued == (for_good ? 0 : 1));
    CHECK(world.begin({page(path, "2")}).queued == (for_good ? 1 : 0));
    world.done();
    world.end();
  }
  CHECK(world.health().errors == 2);
}

TEST_CASE("frontier: a page that was given up has one more attempt each time that it is offered") {
  World world;
  world.begin({page("a", "1")});
  QueuedPage tried = *world.next();
  tried.attempts = 5;
  REQUIRE_OK(world.frontier->drop("garden", tried, Dropped::exhausted));
  world.end();
  world.begin({page("a", "1")});
  CHECK(world.next()->attempts == 5);
  world.done();
  world.end();
  world.begin({page("a", "2")});
  CHECK(world.next()->attempts == 0);
}

TEST_CASE("frontier: where a page was redirected to is covered by it") {
  World world;
  world.begin({page("a"), page("queued")});
  world.done({{}, {}, {}, {"http://a.test/target"}, 0, 0});
  const auto covered = [&](const std::string& path) {
    return world.frontier->covered("garden", "http://a.test/" + path).value();
  };
  CHECK(covered("a"));
  CHECK(covered("target"));
  CHECK(covered("queued"));
  CHECK_FALSE(covered("other"));
  world.done();
  world.end();
  world.begin({});
  CHECK_FALSE(covered("target"));
  CHECK(world.begin({page("target")}).queued == 1);
}

TEST_CASE("frontier: two sources do not see each other's pages") {
  World world;
  world.begin({page("a", "1")});
  REQUIRE_OK(world.frontier->begin_run("other", {page("a", "1")}, 30min));
  CHECK(world.next("garden").has_value());
  CHECK(world.next("other").has_value());
  world.done();
  CHECK_FALSE(world.next("garden").has_value());
  CHECK(world.next("other").has_value());
}

TEST_CASE("frontier: health tells of runs, success and trouble") {
  World world;
  world.begin({page("a")});
  const Time begun = world.clock.now();
  world.clock.advance(10s);
  world.done();
  world.end(RunEnd::finished, "login wall");
  CHECK(world.health().last_run == begun);
  CHECK_FALSE(world.health().last_success.has_value());
  CHECK(world.health().trouble == "login wall");
  world.begin({page("a")});
  world.done();
  world.end();
  CHECK(world.health().trouble == "");
  CHECK(world.health().last_success == world.clock.now());
  CHECK(world.frontier->due("garden") == world.clock.now() + 30min);
}

TEST_CASE("frontier: hosts and robots.txt survive a restart") {
  World world;
  auto unknown = world.frontier->host("a.test");
  REQUIRE_OK(unknown);
  CHECK(*unknown == HostState{});
  const HostState state{world.clock.now() + 5s, world.clock.now() + 1h, 3, true, world.clock.now()};
  REQUIRE_OK(world.frontier->save_host("a.test", state));
  REQUIRE_OK(world.frontier->save_robots("http://a.test", {200, std::string("a\0b", 3), world.clock.now()}));
  REQUIRE_OK(world.frontier->save_robots("http://a.test:81", {404, "", world.clock.now()}));
  world.open();
  CHECK(world.frontier->host("a.test").value() == state);
  const auto robots = world.frontier->robots("http://a.test").value();
  REQUIRE(robots.has_value());
  CHECK(robots->body == std::string("a\0b", 3));
  CHECK(robots->fetched_at == world.clock.now());
  CHECK(world.frontier->robots("http://a.test:81").value()->status == 404);
  CHECK_FALSE(world.frontier->robots("https://a.test").value().has_value());
}

TEST_CASE("frontier: the file is private to its owner") {
  World world;
  struct stat info{};
  REQUIRE(::stat((world.folder / "frontier.db").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
}

TEST_CASE("frontier: a file from a newer version, a folder and a foreign file are refused in one line") {
  test::TemporaryFolder folder;
  test::FakeClock clock;
  {
    auto database = Database::open(folder / "future.db", Durability::normal);
    REQUIRE_OK(database);
    REQUIRE_OK(database->execute("PRAGMA user_version=999"));
  }
  const auto future = Frontier::open(folder / "future.db", clock);
  REQUIRE_FALSE(future.has_value());
  CHECK(future.error().code == ErrorCode::from_future);
  test::write_file(folder / "text.db", std::string(5000, 'x'));
  CHECK_FALSE(Frontier::open(folder / "text.db", clock).has_value());
  const auto none = Frontier::open(folder / "missing" / "frontier.db", clock);
  REQUIRE_FALSE(none.has_value());
  CHECK(none.error().message.starts_with("frontier: cannot open"));
  CHECK(none.error().message.find('\n') == std::string::npos);
}

TEST_CASE("frontier: a source whose first write failed is not remembered with a row that is gone") {
  World world;
  auto locker = Database::open(world.folder / "frontier.db", Durability::normal);
  REQUIRE_OK(locker);
  REQUIRE_OK(locker->execute("CREATE TRIGGER broken BEFORE INSERT ON page BEGIN SELECT RAISE(ABORT, 'no'); END"));
  CHECK_FALSE(world.frontier->begin_run("garden", {page("a")}, 30min).has_value());
  REQUIRE_OK(locker->execute("DROP TRIGGER broken"));
  CHECK(world.begin({page("a")}).queued == 1);
  world.done();
}

// Finished items never slow the queue down: every statement of the loop finds its rows by an index.
TEST_CASE("frontier: no statement of the crawl loop scans a table") {
  World world;
  auto database = Database::open(world.folder / "frontier.db", Durability::normal);
  REQUIRE_OK(database);
  for (const std::string_view text :
       {sql::kNextPages,     sql::kLastPlace,       sql::kFindPage,    sql::kRequeuePage, sql::kRestampPage,
        sql::kFinishPage,    sql::kInsertAlias,     sql::kUpdateAlias, sql::kRetryPage,   sql::kDropForGood,
        sql::kDropForNow,    sql::kFindSource,      sql::kBeginRun,    sql::kEndRun,      sql::kCountPages,
        sql::kCountError,    sql::kPagesWithoutKey, sql::kGiveKey,     sql::kCursor,      sql::kStanding,
        sql::kFindHost,      sql::kSaveHost,        sql::kFindRobots,  sql::kSaveRobots,  sql::kYields,
        sql::kForgiveYields, sql::kSaveYield}) {
    auto plan = database->prepare("EXPLAIN QUERY PLAN " + std::string(text));
    REQUIRE_OK(plan);
    for (auto row = plan->step(); row && *row; row = plan->step()) {
      const std::string detail(plan->text(3));
      CAPTURE(std::string(text));
      CHECK_MESSAGE((detail.find("SCAN") == std::string::npos || detail == "SCAN CONSTANT ROW"), detail);
      CHECK_MESSAGE(detail.find("TEMP B-TREE") == std::string::npos, detail);
    }
  }
  auto plan = database->prepare("EXPLAIN QUERY PLAN " + std::string(sql::kNextPages));
  REQUIRE_OK(plan);
  REQUIRE(plan->step().value());
  CHECK(plan->text(3).find("USING INDEX page_queue") != std::string_view::npos);
  auto found = database->prepare("EXPLAIN QUERY PLAN " + std::string(sql::kFindPage));
  REQUIRE_OK(found);
  REQUIRE(found->step().value());
  CHECK(found->text(3).find("USING INDEX page_key (source=? AND key=?)") != std::string_view::npos);
}

TEST_CASE("frontier: ten thousand finished pages do not slow the next one") {
  World world;
  const auto time_of_next = [&] {
    const auto begun = std::chrono::steady_clock::now();
    for (int i = 0; i < 200; ++i) CHECK(world.next().has_value());
    return std::chrono::steady_clock::now() - begun;
  };
  world.begin({page("entry"), page("last", "s")});
  const auto before = time_of_next();
  world.done({{}, pages(10000), {}, {}, 0, 0});
  auto database = Database::open(world.folder / "frontier.db", Durability::normal);
  REQUIRE_OK(database);
  REQUIRE_OK(database->execute("UPDATE page SET state=1, read_stamp=wanted_stamp WHERE url<>'http://a.test/last'"));
  CHECK(world.next()->request.url == "http://a.test/last");
  CHECK(time_of_next() < before * 20 + 50ms);
}

TEST_CASE("frontier: a file of the version before is taken over whole, and its addresses are found") {
  World world;
  world.frontier.reset();
  const auto file = world.folder / "old.db";
  {
    auto database = Database::open(file, Durability::normal);
    REQUIRE_OK(database);
    const std::array<std::string_view, 3> before{sql::kFirstMigration, sql::kPauses, sql::kYieldMigration};
    REQUIRE_OK(database->migrate(before));
    REQUIRE_OK(database->execute(
        "INSERT INTO source(name, run, last_run) VALUES('garden', 3, 1), ('other', 1, 1);"
        "INSERT INTO host VALUES('a.test', 5, 6, 1, 0, 2);"
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i+1 FROM n WHERE i<2499)"
        " INSERT INTO page(source, url, role, wanted_stamp, read_stamp, state, place, run, etag, digest)"
        " SELECT 1, 'http://a.test/'||i, 2, 's', iif(i<2400, 's', NULL), i<2400, i, 2, 'e'||i, x'01' FROM n;"
        "INSERT INTO page(source, url, role, wanted_stamp, place, run) VALUES(2, 'http://a.test/0', 2, 's', 1, 0);"));
  }
  for (int opening = 0; opening < 2; ++opening) {
    auto opened = Frontier::open(file, world.clock);
    REQUIRE_OK(opened);
    world.frontier.emplace(std::move(*opened));
  }
  CHECK(world.frontier->host("a.test")->failures == 1);
  const Added added = world.begin(pages(2500));
  CHECK(added.queued == 0);
  CHECK(added.skipped == 2500);
  auto next = world.frontier->next("garden");
  REQUIRE_OK(next);
  REQUIRE(next->has_value());
  CHECK((*next)->request == page("2400", "s"));
  CHECK((*next)->known.etag == "e2400");
  auto database = Database::open(file, Durability::normal);
  REQUIRE_OK(database);
  auto without_key = database->prepare("SELECT count(*) FROM page WHERE key=0");
  REQUIRE_OK(without_key);
  REQUIRE(without_key->step().value());
  CHECK(without_key->integer(0) == 0);
}

TEST_CASE("frontier: addresses that meet in one key are told apart by their text") {
  World world;
  world.begin({page("a", "1"), page("b", "1")});
  auto database = Database::open(world.folder / "frontier.db", Durability::normal);
  REQUIRE_OK(database);
  REQUIRE_OK(database->execute("UPDATE page SET key=(SELECT key FROM page WHERE url='http://a.test/b')"));
  world.open();
  const auto covered = [&](const std::string& path) { return *world.frontier->covered("garden", page(path).url); };
  CHECK(covered("b"));
  CHECK_FALSE(covered("c"));
}

TEST_CASE("frontier: when an alarm was told is known over a restart, until it is taken back") {
  World world;
  CHECK_FALSE(world.frontier->alarm_told("review_waits").has_value());
  REQUIRE_OK(world.frontier->note_alarm("review_waits", world.clock.now()));
  world.open();
  CHECK(world.frontier->alarm_told("review_waits") == world.clock.now());
  CHECK_FALSE(world.frontier->alarm_told("source_broken").has_value());
  REQUIRE_OK(world.frontier->note_alarm("review_waits", std::nullopt));
  CHECK_FALSE(world.frontier->alarm_told("review_waits").has_value());
}

TEST_CASE("frontier: the cursor that a page brought is not written over by one that was forgotten with it") {
  World world;
  world.begin({page("a"), page("b")});
  REQUIRE_OK(world.frontier->together([&]() -> Status {
    const auto next = world.frontier->next("garden");
    PageDone done;
    done.cursor = "old";
    if (const auto added = world.frontier->done("garden", **next, done); !added) return tl::unexpected(added.error());
    return world.frontier->forget_cursor("garden");
  }));
  CHECK(world.frontier->cursor("garden") == "");
}
