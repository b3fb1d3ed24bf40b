// Backups of a live store, and that restoring one brings back nothing that was erased or held since.
#include "db/backup.h"

#include <set>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "common/sqlite.h"
#include "db/bans.h"
#include "db/handles.h"
#include "db/hits.h"
#include "db/legal_holds.h"
#include "db/releases.h"
#include "db/retention.h"
#include "db/reviews.h"
#include "tests/db/helpers.h"

using namespace hw;
using namespace hw::test;
using std::chrono::days;

namespace {

db::Judged post(const std::string& n, std::vector<Flag> flags = {}) {
  return judged({.id = "p" + n, .author = "A" + n, .handle = "hwdemo_" + n, .flags = std::move(flags)});
}

std::filesystem::path back_up(TestStore& test, const char* name = "backup.db") {
  const std::filesystem::path file = test.parent / name;
  REQUIRE_OK(db::back_up(*test.store, file));
  return file;
}

db::Restored restore(TestStore& test, const std::filesystem::path& file) {
  test.store.reset();
  const auto restored = db::restore(test.folder, file, test.clock);
  REQUIRE_OK(restored);
  test.reopen();
  return *restored;
}

std::set<std::string> ids(TestStore& test) {
  std::set<std::string> ids;
  const db::Opener opener = test.opener();
  const auto rows = db::list_hits(*test.store, {.limit = 0});
  REQUIRE_OK(rows);
  for (const db::HitRow& row : *rows) ids.insert(db::open_hit(*test.store, opener, row.hit)->post.id);
  return ids;
}

std::set<std::string> referred(TestStore& test) {
  std::set<std::string> ids;
  test.opener();
  const auto referrals = db::list_referrals(*test.store, test.opener(db::KeyClass::safeguarding));
  REQUIRE_OK(referrals);
  for (const db::Referral& referral : *referrals)
    ids.insert(referral.judged ? referral.judged->post.id : std::string("ban"));
  return ids;
}

void expire(TestStore& test) { REQUIRE_OK(db::expire(*test.store, {}, db::Expiry::erase, test.store->host())); }

using Ids = std::set<std::string>;

}  // namespace

TEST_CASE(
    "a backup is one private file of a live store, verified, without keys; restoring it gives the store of then") {
  TestStore test;
  test.record({post("1"), post("2")});
  auto other = db::Store::open(test.folder, test.clock);  // somebody else has it open
  REQUIRE_OK(other);
  const auto file = back_up(test);
  struct stat status{};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600);
  for (const char* suffix : {"-wal", "-shm", "-journal"}) CHECK_FALSE(std::filesystem::exists(file.string() + suffix));
  CHECK(db::back_up(*test.store, file).error().code == ErrorCode::refused);
  test.record(post("3"));
  other->reset();
  CHECK(restore(test, file).replayed == 0);
  CHECK(ids(test) == Ids{"p1", "p2"});
  const auto log = db::audit_log(*test.store);
  CHECK(log->back().action == "restore");
  CHECK(db::verify_audit(*test.store, {})->problems.empty());
  CHECK(db::problems_of(*test.store)->empty());
  CHECK(test.record(post("3")).fresh == 1);
}

TEST_CASE("restoring replays the erasures: nothing that expired comes back, and a rejected post stays away") {
  TestStore test;
  const std::string ban =
      R"({"event_id":"1","platform":"forum.example","subject":{"type":"account","login":"a1"},"action":"ban","decided_at":"2026-11-20T10:00:00Z"})";
  REQUIRE_OK(db::import_bans(*test.store, ban, test.owner(), {}, [](std::size_t, const std::string&) {}));
  test.record({post("1"), post("2")});
  const auto file = back_up(test);
  REQUIRE_OK(db::review(*test.store, test.person("alice"), {2, {}, db::ReviewVerdict::rejected, {}}));
  test.clock.advance(days(200));
  expire(test);
  test.record(post("3"));
  CHECK(ids(test) == Ids{"p3"});
  CHECK(restore(test, file).replayed == 3);
  CHECK(ids(test).empty());
  CHECK(db::list_handles(*test.store, {})->empty());
  CHECK(db::list_accounts(*test.store, {})->empty());
  CHECK(db::list_bans(*test.store)->empty());
  CHECK(test.record(post("2")).suppressed == 1);
  // What is erased from now on is numbered behind what the journal has.
  test.record(post("4"));
  const auto second = back_up(test, "second.db");
  test.clock.advance(days(40));
  expire(test);
  restore(test, second);
  CHECK(ids(test).empty());
  CHECK(restore(test, file).replayed == 3);
}

TEST_CASE("what came after an erasure and before the backup is not erased by restoring it") {
  TestStore test;
  test.record(post("1"));
  test.clock.advance(days(40));
  expire(test);
  test.record(post("1"));
  const auto file = back_up(test);
  CHECK(restore(test, file).replayed == 0);
  CHECK(ids(test) == Ids{"p1"});
}

TEST_CASE("what was held since the backup is held again, and what was released is not") {
  TestStore test;
  const std::string ban =
      R"({"event_id":"1","platform":"forum.example","subject":{"type":"account","login":"a1"},"action":"ban","decided_at":"2026-11-20T10:00:00Z"})";
  REQUIRE_OK(db::import_bans(*test.store, ban, test.owner(), {}, [](std::size_t, const std::string&) {}));
  test.record({post("1"), post("2"), post("3")});
  const auto file = back_up(test);
  test.record(judged({.id = "m", .author = "A1", .handle = "hwdemo_1", .flags = {Flag::possible_minor}}));
  REQUIRE_OK(db::review(*test.store, test.person("alice"), {2, {}, db::ReviewVerdict::safeguarding, {}}));
  CHECK(ids(test) == Ids{"p3"});
  SUBCASE("held") {
    CHECK(restore(test, file).replayed == 3);
    CHECK(ids(test) == Ids{"p3"});
    CHECK(referred(test) == Ids{"ban", "p1", "p2"});
    CHECK(test.record(judged({.id = "n", .author = "A1", .handle = "hwdemo_x"})).held == 1);
  }
  SUBCASE("released") {
    const db::Opener opener = test.opener(db::KeyClass::safeguarding);
    for (const char* who : {"dana", "erin"})
      REQUIRE_OK(db::release_referral(*test.store, opener, test.person(who, {db::Role::safeguarding}), {1, "adult"}));
    CHECK(ids(test) == Ids{"m", "p1", "p3"});
    restore(test, file);
    CHECK(ids(test) == Ids{"p1", "p3"});
  }
}

TEST_CASE("a referral that was closed since is closed again") {
  TestStore test;
  test.record(post("1", {Flag::possible_minor}));
  const auto file = back_up(test);
  const db::Opener opener = test.opener(db::KeyClass::safeguarding);
  REQUIRE_OK(db::read_referral(*test.store, opener, test.owner(), 1));
  REQUIRE_OK(db::close_referral(*test.store, opener, test.owner(), {1, "reported"}));
  restore(test, file);
  CHECK(referred(test).empty());
}

TEST_CASE("a backup that does not verify, of other keys, or older than the journal is refused and changes nothing") {
  TestStore test;
  test.record(post("1"));
  auto file = back_up(test);
  const auto refuse = [&](ErrorCode code) {
    test.store.reset();
    const auto restored = db::restore(test.folder, file, test.clock);
    REQUIRE_FALSE(restored.has_value());
    CHECK_MESSAGE(restored.error().code == code, restored.error().message);
    CHECK_FALSE(std::filesystem::exists(test.folder / "store.db.restored"));
    test.reopen();
    CHECK(ids(test) == Ids{"p1"});
  };
  SUBCASE("changed") {
    auto database = Database::open(file, Durability::normal);
    REQUIRE_OK(database);
    REQUIRE_OK(database->execute("UPDATE audit SET record = replace(record, 'backup', 'bakcup')"));
    REQUIRE_OK(database->checkpoint());
    refuse(ErrorCode::tampered);
  }
  SUBCASE("no store") {
    write_file(file, std::string(8192, 'x'));
    test.store.reset();
    CHECK_FALSE(db::restore(test.folder, file, test.clock).has_value());
    test.reopen();
    CHECK(ids(test) == Ids{"p1"});
  }
  SUBCASE("of other keys") {
    TestStore stranger;
    file = back_up(stranger);
    refuse(ErrorCode::no_key);
  }
  SUBCASE("from the future") {
    {
      auto database = Database::open(file, Durability::normal);
      REQUIRE_OK(database);
      REQUIRE_OK(database->execute("PRAGMA user_version = 999"));
    }
    refuse(ErrorCode::from_future);
  }
  SUBCASE("older than the journal reaches back") {
    test.record(post("2"));
    test.clock.advance(days(31));
    expire(test);
    test.record(post("1"));
    test.clock.advance(days(10));
    test.record(post("4"));
    test.clock.advance(days(21));
    expire(test);  // p1 again
    test.clock.advance(days(380));
    expire(test);  // forgets the first entries
    test.record(post("1"));
    refuse(ErrorCode::refused);
  }
  SUBCASE("without the journal") {
    test.store.reset();
    const std::string journal = read_file(test.folder / "erasures.log");
    write_file(test.folder / "erasures.log", "something else\n");
    CHECK(db::restore(test.folder, file, test.clock).error().code == ErrorCode::tampered);
    write_file(test.folder / "erasures.log", journal);
  }
}

TEST_CASE(
    "the journal survives a line that a crash cut off, and what was not written yet is written at the next opening") {
  TestStore test;
  test.record({post("1"), post("2")});
  const auto file = back_up(test);
  REQUIRE_OK(db::review(*test.store, test.person("alice"), {1, {}, db::ReviewVerdict::safeguarding, {}}));
  test.store.reset();
  write_file(test.folder / "erasures.log", read_file(test.folder / "erasures.log") + "7 1 204");
  test.reopen();
  restore(test, file);
  CHECK(ids(test) == Ids{"p2"});
}

TEST_CASE("the journal holds keyed tokens alone") {
  TestStore test;
  test.record({post("1"), post("2", {Flag::possible_minor})});
  test.clock.advance(days(40));
  expire(test);
  const std::string journal = read_file(test.folder / "erasures.log");
  CHECK(journal.size() > 100);
  CHECK(journal.find("hwdemo") == std::string::npos);
  struct stat status{};
  REQUIRE(::stat((test.folder / "erasures.log").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600);
}

TEST_CASE("a legal hold keeps a hit past its time, is logged, and falls due for review") {
  TestStore test;
  test.record({post("1"), post("2")});
  CHECK(db::place_legal_hold(*test.store, test.owner(), 1, " ", 90).error().code == ErrorCode::usage);
  CHECK(db::place_legal_hold(*test.store, test.owner(), 1, "court order 17", 0).error().code == ErrorCode::usage);
  CHECK(db::place_legal_hold(*test.store, test.owner(), 9, "court order 17", 90).error().code == ErrorCode::not_found);
  REQUIRE_OK(db::place_legal_hold(*test.store, test.owner(), 1, "court order 17", 90));
  CHECK(db::audit_log(*test.store)->back().record.find("court order 17") != std::string::npos);
  test.clock.advance(days(89));
  const auto preview = db::expire(*test.store, {}, db::Expiry::preview, test.store->host());
  REQUIRE_OK(preview);
  CHECK(preview->unreviewed == 1);
  CHECK(preview->legal_holds == 1);
  expire(test);
  CHECK(ids(test) == Ids{"p1"});
  CHECK_FALSE(db::legal_holds(*test.store)->front().due);
  test.clock.advance(days(1));
  REQUIRE(db::legal_holds(*test.store)->size() == 1);
  CHECK(db::legal_holds(*test.store)->front().due);
  CHECK(db::end_legal_hold(*test.store, test.owner(), 2, "over").error().code == ErrorCode::not_found);
  REQUIRE_OK(db::end_legal_hold(*test.store, test.owner(), 1, "the case is closed"));
  expire(test);
  CHECK(ids(test).empty());
}

TEST_CASE("safeguarding's hold is stronger than a legal one: the hit is out of sight") {
  TestStore test;
  test.record(post("1"));
  REQUIRE_OK(db::place_legal_hold(*test.store, test.owner(), 1, "court order 17", 90));
  REQUIRE_OK(db::review(*test.store, test.person("alice"), {1, {}, db::ReviewVerdict::safeguarding, {}}));
  CHECK(db::legal_holds(*test.store)->empty());
  CHECK(referred(test) == Ids{"p1"});
}
