#include "db/audit.h"

#include <random>

#include <doctest/doctest.h>

#include "common/sqlite.h"
#include "db/bans.h"
#include "db/exports.h"
#include "db/reviews.h"
#include "tests/db/helpers.h"

using namespace hw;
using namespace hw::test;

namespace {

// A store with a log of some length.
struct Logged : TestStore {
  explicit Logged(int entries = 12) {
    for (int i = 0; i < entries; ++i) {
      clock.advance(std::chrono::minutes(1));
      REQUIRE_OK(db::note_reveal(*store, "alice", "hit", i + 1));
    }
  }

  std::vector<std::string> problems(std::vector<db::Checkpoint> kept = {}) {
    const auto report = db::verify_audit(*store, kept);
    REQUIRE_OK(report);
    return report->problems;
  }

  void tamper(const std::string& sql) {
    auto database = Database::open(folder / "store.db", Durability::normal);
    REQUIRE_OK(database);
    REQUIRE_OK(database->execute(sql));
  }
};

}  // namespace

TEST_CASE("the log tells who did what with which row, and never a name from a post") {
  TestStore test({.confirmations = 1});
  test.record(judged({}));
  REQUIRE_OK(db::note_reveal(*test.store, "alice", "hit", 1));
  REQUIRE_OK(db::review(*test.store, {1, {}, db::ReviewVerdict::confirmed, "Alice", db::Sign::profile}));
  const auto made = db::begin_export(*test.store, {"handles", "erin", "case 7", "court request", "csv"});
  REQUIRE_OK(made);
  REQUIRE_OK(db::finish_export(*test.store, *made, 1, std::string(64, 'a')));
  REQUIRE_OK(db::import_bans(*test.store, "", "mod", {}, [](std::size_t, const std::string&) {}));
  const auto log = db::audit_log(*test.store);
  REQUIRE_OK(log);
  std::vector<std::string> actions;
  for (const db::AuditEntry& entry : *log) {
    actions.push_back(entry.action);
    for (const char* secret : {"hwdemo", "Gardener", "gardener", "forum.example/", "nolimits swap"})
      CHECK(entry.record.find(secret) == std::string::npos);
  }
  CHECK(actions == std::vector<std::string>{"init", "reveal", "review", "export", "export-done", "bans"});
  CHECK((*log)[2].by == "alice");
  CHECK((*log)[2].record.find(R"("hit":1,"verdict":"confirmed","sign":"profile")") != std::string::npos);
  CHECK((*log)[3].record.find(R"("case":"case 7","purpose":"court request")") != std::string::npos);
  CHECK(made->checkpoint.size == 4);
  CHECK(db::verify_audit(*test.store, std::vector{made->checkpoint})->problems.empty());
  CHECK(db::audit_log(*test.store, 4)->size() == 2);
  CHECK(db::audit_log(*test.store, 0, 3)->size() == 3);
}

TEST_CASE("an untouched log is whole, with every checkpoint that was ever given") {
  TestStore test;
  std::vector<db::Checkpoint> kept{*db::audit_checkpoint(*test.store)};
  for (int i = 0; i < 20; ++i) {
    REQUIRE_OK(db::note_reveal(*test.store, "alice", "hit", i));
    kept.push_back(*db::audit_checkpoint(*test.store));
  }
  const auto report = db::verify_audit(*test.store, kept);
  REQUIRE_OK(report);
  CHECK(report->problems.empty());
  CHECK(report->checkpoint == kept.back());
}

TEST_CASE("each way of changing the log is noticed") {
  Logged test;
  const std::vector<db::Checkpoint> kept{*db::audit_checkpoint(*test.store)};
  SUBCASE("a record is edited") {
    test.tamper("UPDATE audit SET record = replace(record, 'alice', 'bob00') WHERE entry = 5");
  }
  SUBCASE("an entry is removed") { test.tamper("DELETE FROM audit WHERE entry = 5"); }
  SUBCASE("an entry is removed and the rest closed up") {
    test.tamper("DELETE FROM audit WHERE entry = 5; UPDATE audit SET entry = entry - 1 WHERE entry > 5");
  }
  SUBCASE("the last entries are cut off") { test.tamper("DELETE FROM audit WHERE entry > 9"); }
  SUBCASE("two entries are swapped") {
    test.tamper(
        "UPDATE audit SET entry = 1000 WHERE entry = 5; UPDATE audit SET entry = 5 WHERE entry = 6; UPDATE audit SET "
        "entry = 6 WHERE entry = 1000");
  }
  SUBCASE("an entry is back-dated") { test.tamper("UPDATE audit SET at = at - 86400000 WHERE entry = 8"); }
  SUBCASE("an entry is post-dated") { test.tamper("UPDATE audit SET at = at + 1000 WHERE entry = 8"); }
  SUBCASE("a salt is changed") { test.tamper("UPDATE audit SET salt = randomblob(16) WHERE entry = 3"); }
  SUBCASE("a leaf is changed") { test.tamper("UPDATE audit SET leaf = randomblob(32) WHERE entry = 3"); }
  SUBCASE("the head is put back") { test.tamper("UPDATE audit_head SET size = size - 1"); }
  SUBCASE("the head is gone") { test.tamper("DELETE FROM audit_head"); }
  SUBCASE("all of it is gone") { test.tamper("DELETE FROM audit; DELETE FROM audit_head"); }
  CHECK_FALSE(test.problems(kept).empty());
}

TEST_CASE("a log that was rewritten to fit itself is noticed by a checkpoint that was kept elsewhere") {
  Logged original;
  const std::vector<db::Checkpoint> kept{*db::audit_checkpoint(*original.store)};
  Logged rewritten;  // other salts, so another root
  CHECK(rewritten.problems().empty());
  CHECK(rewritten.problems(kept).size() == 1);
  Logged shorter(5);
  CHECK(shorter.problems().empty());
  CHECK(shorter.problems(kept).size() == 1);
}

TEST_CASE("a clock that is turned back shows; one that is corrected a little does not") {
  Logged test(2);
  test.clock.advance(-std::chrono::milliseconds(1500));
  REQUIRE_OK(db::note_reveal(*test.store, "alice", "hit", 1));
  CHECK(test.problems().empty());
  test.clock.advance(-std::chrono::hours(1));
  REQUIRE_OK(db::note_reveal(*test.store, "alice", "hit", 1));
  const auto problems = test.problems();
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].find("clock runs back") != std::string::npos);
}

TEST_CASE("a thousand random changes to the log are all noticed") {
  Logged test(15);
  const std::vector<db::Checkpoint> kept{*db::audit_checkpoint(*test.store)};
  std::mt19937 random(3);
  const std::vector<std::string> columns{"at", "salt", "record", "leaf"};
  for (int i = 0; i < 1000; ++i) {
    auto database = Database::open(test.folder / "store.db", Durability::normal);
    REQUIRE_OK(database);
    REQUIRE_OK(database->execute("CREATE TEMP TABLE before AS SELECT * FROM audit"));
    const std::string& column = columns[random() % columns.size()];
    const std::string entry = std::to_string(1 + random() % 16);
    const std::string value = column == "at"       ? "at + " + std::to_string(1 + random() % 100'000) + " - 50000.0"
                              : column == "record" ? "record || ' '"
                                                   : "randomblob(length(" + column + "))";
    REQUIRE_OK(database->execute("UPDATE audit SET " + column + " = CAST(" + value + " AS " +
                                 (column == "at"       ? "INTEGER"
                                  : column == "record" ? "TEXT"
                                                       : "BLOB") +
                                 ") WHERE entry = " + entry));
    const auto report = db::verify_audit(*test.store, kept);
    REQUIRE_OK(report);
    REQUIRE_FALSE(report->problems.empty());
    REQUIRE_OK(database->execute("DELETE FROM audit; INSERT INTO audit SELECT * FROM before"));
  }
  CHECK(test.problems(kept).empty());
}

TEST_CASE("checkpoints are read strictly") {
  const std::string root(64, 'a');
  CHECK(db::parse_checkpoint("5:" + root)->size == 5);
  for (const std::string& text : std::vector<std::string>{"", "5", "5:", ":" + root, "x:" + root, "5:" + root + "a",
                                                          "-1:" + root, "5:" + std::string(64, 'g')})
    CHECK_FALSE(db::parse_checkpoint(text).has_value());
}
