#include "db/retention.h"

#include <doctest/doctest.h>

#include "common/sqlite.h"
#include "db/audit.h"
#include "db/bans.h"
#include "db/handles.h"
#include "db/hits.h"
#include "db/reviews.h"
#include "tests/db/helpers.h"

using namespace hw;
using namespace hw::test;
using std::chrono::days;

namespace {

db::Expired expire(TestStore& test, db::Expiry expiry = db::Expiry::erase) {
  const auto expired = db::expire(*test.store, {}, expiry, test.store->host());
  REQUIRE_OK(expired);
  return *expired;
}

std::size_t hits(TestStore& test) { return *db::count_hits(*test.store, {}); }

std::string all_bytes(const std::filesystem::path& folder) {
  std::string bytes;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.is_regular_file()) bytes += read_file(entry.path());
  return bytes;
}

// A piece of the sealed body of a hit, straight from the file.
std::string sealed_piece(const TestStore& test, std::int64_t hit) {
  auto database = Database::open(test.folder / "store.db", Durability::normal);
  REQUIRE_OK(database);
  auto statement = database->prepare("SELECT substr(body, 1, 24) FROM sealed WHERE kind = 1 AND owner = ?");
  REQUIRE_OK(statement);
  const auto row = statement->bind(hit).step();
  REQUIRE_OK(row);
  REQUIRE(*row);
  return std::string(statement->blob(0));
}

void review(TestStore& test, std::int64_t hit, db::ReviewVerdict verdict, const char* who) {
  REQUIRE_OK(db::review(*test.store, test.person(who), {hit, {}, verdict, db::Sign::conversation}));
}

}  // namespace

TEST_CASE("each state has its time, and what is past it is gone with its links and names") {
  TestStore test;
  test.record({judged({.id = "new", .author = "A", .handle = "hwdemo_a"}),
               judged({.id = "no", .author = "B", .handle = "hwdemo_b"}),
               judged({.id = "yes", .author = "C", .handle = "hwdemo_c"})});
  review(test, 2, db::ReviewVerdict::rejected, "alice");
  review(test, 3, db::ReviewVerdict::confirmed, "alice");
  review(test, 3, db::ReviewVerdict::confirmed, "bob");
  test.clock.advance(days(14));
  CHECK(expire(test).rejected == 0);
  test.clock.advance(days(1));
  CHECK(expire(test).rejected == 1);
  test.clock.advance(days(15));
  CHECK(expire(test).unreviewed == 0);
  test.clock.advance(days(1));
  CHECK(expire(test).unreviewed == 1);
  CHECK(db::list_handles(*test.store, {})->size() == 1);
  CHECK(db::list_accounts(*test.store, {})->size() == 1);
  test.clock.advance(days(60));
  CHECK(expire(test).confirmed == 1);
  CHECK(hits(test) == 0);
  CHECK(db::list_handles(*test.store, {})->empty());
}

TEST_CASE("a review and an edit count anew, seeing the same post again does not") {
  TestStore test;
  const db::Judged post = judged({});
  test.record({post, judged({.id = "edited", .author = "B", .handle = "hwdemo_b"})});
  test.clock.advance(days(20));
  CHECK(test.record(post).known == 1);
  CHECK(test.record(judged({.id = "edited", .author = "B", .handle = "hwdemo_b", .text = "now my wickr is hwdemo_b"}))
            .updated == 1);
  test.clock.advance(days(20));
  CHECK(expire(test).unreviewed == 1);
  CHECK(db::list_hits(*test.store, {})->front().hit == 2);
}

TEST_CASE("one confirmation of two keeps a hit as long as an unreviewed one") {
  TestStore test;
  test.record(judged({}));
  review(test, 1, db::ReviewVerdict::confirmed, "alice");
  test.clock.advance(days(31));
  CHECK(expire(test).unreviewed == 1);
}

TEST_CASE("a rejected post stays away after it is erased, its edit does not") {
  TestStore test;
  const db::Judged post = judged({});
  test.record(post);
  review(test, 1, db::ReviewVerdict::rejected, "alice");
  test.clock.advance(days(40));
  CHECK(expire(test).rejected == 1);
  CHECK(test.record(post).suppressed == 1);
  CHECK(hits(test) == 0);
  CHECK(test.record(judged({.handle = "hwdemo_new"})).fresh == 1);
}

TEST_CASE("a rejection that was taken back leaves no mark") {
  TestStore test;
  const db::Judged post = judged({});
  test.record(post);
  review(test, 1, db::ReviewVerdict::rejected, "alice");
  review(test, 1, db::ReviewVerdict::seed, "alice");
  test.clock.advance(days(40));
  CHECK(expire(test).unreviewed == 1);
  CHECK(test.record(post).fresh == 1);
}

TEST_CASE("fingerprints live thirty days") {
  TestStore test;
  const db::Judged post = no_hit("p1", "weather");
  test.record(post);
  test.clock.advance(days(30));
  expire(test);
  CHECK(*test.store->judged_before(std::vector{post.post}, "rules-1") == std::vector<bool>{true});
  test.clock.advance(days(1));
  CHECK(expire(test).fingerprints == 1);
  CHECK(*test.store->judged_before(std::vector{post.post}, "rules-1") == std::vector<bool>{false});
}

TEST_CASE("bans expire, and what they marked is no longer marked") {
  TestStore test;
  const std::string ban =
      R"({"event_id":"1","platform":"forum.example","subject":{"type":"account","login":"gardener"},"action":"ban","decided_at":"2026-11-20T10:00:00Z"})";
  REQUIRE_OK(db::import_bans(*test.store, ban, test.store->host(), {}, [](std::size_t, const std::string&) {}));
  test.clock.advance(days(170));
  test.record({judged({}), judged({.id = "p2", .author = "Other", .platform = "other.example"})});
  CHECK(db::find_hit(*test.store, 2)->marks.size() == 3);
  test.clock.advance(days(11));
  CHECK(expire(test).bans == 1);
  CHECK(db::find_hit(*test.store, 2)->marks.size() == 2);
  CHECK(db::find_hit(*test.store, 1)->marks.size() == 2);
}

TEST_CASE("what is erased is gone from every file") {
  TestStore test;
  test.record(judged({}));
  const std::string piece = sealed_piece(test, 1);
  CHECK(all_bytes(test.folder).find(piece) != std::string::npos);
  test.clock.advance(days(31));
  CHECK(expire(test).unreviewed == 1);
  CHECK(all_bytes(test.folder).find(piece) == std::string::npos);
}

TEST_CASE("a preview changes nothing") {
  TestStore test;
  test.record({judged({}), no_hit("p2", "weather")});
  test.clock.advance(days(31));
  const std::size_t entries = db::audit_log(*test.store)->size();
  const db::Expired preview = expire(test, db::Expiry::preview);
  CHECK(preview.unreviewed == 1);
  CHECK(preview.fingerprints == 2);
  CHECK(hits(test) == 1);
  CHECK(db::audit_log(*test.store)->size() == entries);
  CHECK(expire(test).unreviewed == 1);
  const auto log = db::audit_log(*test.store);
  REQUIRE(log->size() == entries + 2);
  CHECK((*log)[entries].action == "purge");
  CHECK((*log)[entries + 1].action == "erase");  // the leaves of what went
}
