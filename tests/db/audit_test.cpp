#include "db/audit.h"

#include <algorithm>
#include <array>
#include <optional>
#include <random>

#include <doctest/doctest.h>

#include "common/sqlite.h"
#include "db/bans.h"
#include "db/exports.h"
#include "db/merkle.h"
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
      REQUIRE_OK(db::note_reveal(*store, person("alice"), "hit", i + 1));
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

std::vector<db::Judged> two_posts() { return {judged({}), judged({.id = "p2", .author = "B", .handle = "hwdemo_b"})}; }

}  // namespace

TEST_CASE("the log tells who did what with which row, and never a name from a post") {
  TestStore test({.confirmations = 1});
  test.record(judged({}));
  REQUIRE_OK(db::note_reveal(*test.store, test.person("alice"), "hit", 1));
  REQUIRE_OK(db::review(*test.store, test.person("alice"), {1, {}, db::ReviewVerdict::confirmed, db::Sign::profile}));
  const auto made = db::begin_export(*test.store, test.exporter(), {"handles", "case 7", "court request", "csv"});
  REQUIRE_OK(made);
  REQUIRE_OK(db::finish_export(*test.store, test.exporter(), *made, 1, std::string(64, 'a')));
  REQUIRE_OK(db::import_bans(*test.store, "", test.store->host(), {}, [](std::size_t, const std::string&) {}));
  const auto log = db::audit_log(*test.store);
  REQUIRE_OK(log);
  std::vector<std::string> actions;
  for (const db::AuditEntry& entry : *log) {
    actions.push_back(entry.action);
    for (const char* secret : {"hwdemo", "Gardener", "gardener", "forum.example/", "nolimits swap"})
      CHECK(entry.record.find(secret) == std::string::npos);
  }
  // The host and the owner; alice reveals and judges; erin exports; the host imports.
  CHECK(actions == std::vector<std::string>{"key-add", "key-add", "key-add", "reveal", "review", "key-add", "export",
                                            "export-done", "bans"});
  CHECK((*log)[0].by == "host");
  CHECK((*log)[4].by == "alice");
  CHECK((*log)[4].record.find(R"("hit":1,"verdict":"confirmed","sign":"profile")") != std::string::npos);
  CHECK((*log)[6].by == "erin");
  CHECK((*log)[6].record.find(R"("case":"case 7","purpose":"court request")") != std::string::npos);
  CHECK((*log)[8].by == "host");
  CHECK(made->checkpoint.size == static_cast<std::uint64_t>((*log)[6].entry));
  CHECK(db::verify_audit(*test.store, std::vector{made->checkpoint})->problems.empty());
  CHECK(db::audit_log(*test.store, (*log)[6].entry)->size() == 2);
  CHECK(db::audit_log(*test.store, 0, 3)->size() == 3);
}

TEST_CASE("an untouched log is whole, with every checkpoint that was ever given") {
  TestStore test;
  std::vector<db::Checkpoint> kept{*db::audit_checkpoint(*test.store)};
  for (int i = 0; i < 20; ++i) {
    REQUIRE_OK(db::note_reveal(*test.store, test.person("alice"), "hit", i));
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
  REQUIRE_OK(db::note_reveal(*test.store, test.person("alice"), "hit", 1));
  CHECK(test.problems().empty());
  test.clock.advance(-std::chrono::hours(1));
  REQUIRE_OK(db::note_reveal(*test.store, test.person("alice"), "hit", 1));
  const auto problems = test.problems();
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].find("clock runs back") != std::string::npos);
}

namespace {

// A store with sealed records of both classes, edits, erasures, people and a log; and every way of touching its rows.
struct Tampered : TestStore {
  Tampered() : TestStore({.confirmations = 1}) {
    for (int i = 0; i < 6; ++i) {
      clock.advance(std::chrono::minutes(1));
      const std::string n = std::to_string(i);
      record(judged({.id = "p" + n, .author = "A" + n, .handle = "hwdemo_" + n}));
      REQUIRE_OK(db::note_reveal(*store, person("alice"), "hit", i + 1));
    }
    record(judged({.id = "p0", .author = "A0", .handle = "hwdemo_0", .text = "edited, wickr hwdemo_0"}));
    record(judged({.id = "young", .author = "Y", .handle = "hwdemo_y", .flags = {Flag::possible_minor}}));
    clock.advance(std::chrono::minutes(1));
    REQUIRE_OK(db::review(*store, person("bob"), {2, {}, db::ReviewVerdict::confirmed, db::Sign::profile}));
    kept = {*db::audit_checkpoint(*store)};
    auto opened = Database::open(folder / "store.db", Durability::normal);
    REQUIRE_OK(opened);
    database.emplace(std::move(*opened));
    for (const std::string& table : kTables)
      run("CREATE TEMP TABLE saved_" + table + " AS SELECT * FROM main." + table);
  }

  // As it was before.
  void restore() {
    run("BEGIN IMMEDIATE");
    for (const std::string& table : kTables)
      run("DELETE FROM main." + table + "; INSERT INTO main." + table + " SELECT * FROM saved_" + table);
    run("COMMIT");
  }

  void run(const std::string& sql) { REQUIRE_OK(database->execute(sql)); }

  std::int64_t number(const std::string& sql) {
    auto statement = database->prepare(sql);
    REQUIRE_OK(statement);
    REQUIRE_OK(statement->step());
    return statement->integer(0);
  }

  bool noticed() {
    const auto report = db::verify_audit(*store, kept);
    REQUIRE_OK(report);
    if (!report->problems.empty()) return true;
    // Whose keys were touched does not show without a key; it does when a reader opens.
    return !db::try_key(*store, owner()).has_value();
  }

  static inline const std::vector<std::string> kTables{"audit",      "audit_head", "seal_leaf",
                                                       "sealed_key", "sealed",     "person"};
  std::vector<db::Checkpoint> kept;
  std::optional<Database> database;
};

// The table's row at a random place, as a WHERE clause.
std::string some_row(Tampered& test, std::mt19937& random, const std::string& table) {
  const std::int64_t rows = test.number("SELECT COUNT(*) FROM " + table);
  return " WHERE rowid = (SELECT rowid FROM " + table + " ORDER BY rowid LIMIT 1 OFFSET " +
         std::to_string(random() % static_cast<unsigned>(rows)) + ")";
}

struct Column {
  const char* table;
  const char* name;
  bool blob;
};
constexpr std::array kColumns{
    Column{"audit", "salt", true},       Column{"audit", "leaf", true},      Column{"audit", "at", false},
    Column{"audit", "entry", false},     Column{"seal_leaf", "leaf", true},  Column{"seal_leaf", "entry", false},
    Column{"sealed", "nonce", true},     Column{"sealed", "body", true},     Column{"sealed", "owner", false},
    Column{"sealed", "revision", false}, Column{"sealed", "kind", false},    Column{"sealed", "class", false},
    Column{"sealed", "entry", false},    Column{"person", "sign_key", true}, Column{"person", "box_key", true},
    Column{"audit_head", "edge", true},  Column{"audit_head", "size", false}};

// One bit of a blob, or a number moved by a little; in the row itself.
std::string flip(Tampered& test, std::mt19937& random) {
  const Column& column = kColumns[random() % kColumns.size()];
  const std::string name = column.name;
  const std::string where = some_row(test, random, column.table);
  if (!column.blob)
    return "UPDATE OR IGNORE " + std::string(column.table) + " SET " + name + " = " + name + " + " +
           std::to_string(1 + random() % 5) + where;
  auto statement = test.database->prepare("SELECT " + name + " FROM " + column.table + where);
  REQUIRE_OK(statement);
  REQUIRE_OK(statement->step());
  std::string bytes(statement->blob(0));
  char& byte = bytes[random() % bytes.size()];
  byte = static_cast<char>(byte ^ (1 << (random() % 8)));
  return "UPDATE " + std::string(column.table) + " SET " + name + " = x'" + to_hex(bytes) + "'" + where;
}

std::string truncated(Tampered& test, std::mt19937& random) {
  constexpr std::array kBlobs{"sealed SET body = substr(body, 1, length(body) - 1)",
                              "sealed SET nonce = substr(nonce, 1, 10)", "audit SET leaf = substr(leaf, 1, 31)",
                              "audit SET record = substr(record, 1, length(record) - 1)", "seal_leaf SET leaf = x''"};
  const std::string what = kBlobs[random() % kBlobs.size()];
  return "UPDATE " + what + some_row(test, random, what.substr(0, what.find(' ')));
}

std::string removed(Tampered& test, std::mt19937& random) {
  constexpr std::array<const char*, 5> kTables{"audit", "seal_leaf", "sealed", "person", "audit_head"};
  const std::string table = kTables[random() % kTables.size()];
  return "DELETE FROM " + table + some_row(test, random, table);
}

// Two rows' contents, each under the other's number.
std::string swapped(Tampered& test, std::mt19937& random) {
  const auto pick = [&](const char* table, const char* column) {
    return std::to_string(
        test.number("SELECT " + std::string(column) + " FROM " + table + some_row(test, random, table)));
  };
  const bool entries = random() % 2 == 0;
  const char* table = entries ? "audit" : "sealed";
  const char* key = entries ? "entry" : "record";
  const std::string columns = entries ? "(at, salt, record, leaf)" : "(nonce, body)";
  const std::string list = columns.substr(1, columns.size() - 2);
  std::string a = pick(table, key);
  std::string b = a;
  while (b == a) b = pick(table, key);
  const std::string from = std::string("(SELECT ") + list + " FROM copy WHERE " + key + " = ";
  return "CREATE TEMP TABLE copy AS SELECT * FROM main." + std::string(table) + "; UPDATE " + table + " SET " +
         columns + " = " + from + b + ") WHERE " + key + " = " + a + "; UPDATE " + table + " SET " + columns + " = " +
         from + a + ") WHERE " + key + " = " + b + "; DROP TABLE copy";
}

std::string backdated(Tampered& test, std::mt19937& random) {
  const std::string back = std::to_string(1 + random() % 100'000);
  return "UPDATE audit SET at = at - " + back + some_row(test, random, "audit");
}

std::string cut_off(Tampered& test, std::mt19937& random) {
  const std::int64_t size = test.number("SELECT size FROM audit_head");
  const std::string from = std::to_string(1 + static_cast<std::int64_t>(random()) % (size - 1));
  return "DELETE FROM audit WHERE entry > " + from + "; DELETE FROM seal_leaf WHERE entry > " + from +
         "; UPDATE audit_head SET size = " + from;
}

// A record's key, or a whole record, of another row.
std::string replayed(Tampered&, std::mt19937& random) {
  if (random() % 2 == 0)
    return "UPDATE sealed_key SET box = (SELECT box FROM sealed_key ORDER BY record DESC LIMIT 1) WHERE record = "
           "(SELECT "
           "MIN(record) + " +
           std::to_string(random() % 5) + " FROM sealed)";
  return "UPDATE sealed SET (nonce, body) = (SELECT nonce, body FROM sealed ORDER BY record DESC LIMIT 1)"
         " WHERE record = (SELECT MIN(record) + " +
         std::to_string(random() % 5) + " FROM sealed)";
}

}  // namespace

TEST_CASE("ten thousand random changes to rows and leaves are all noticed") {
  Tampered test;
  REQUIRE(test.noticed() == false);
  constexpr std::array kWays{flip, truncated, removed, swapped, backdated, cut_off, replayed};
  std::mt19937 random(3);
  std::array<int, kWays.size()> tried{};
  for (int done = 0; done < 10'000;) {
    const std::size_t way = random() % kWays.size();
    test.run("PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE");
    const std::string sql = kWays[way](test, random);
    const std::int64_t before = test.number("SELECT total_changes()");
    test.run(sql);
    const bool changed = test.number("SELECT total_changes()") > before;
    test.run("COMMIT");
    if (changed) {
      CAPTURE(sql);
      REQUIRE(test.noticed());
      ++tried[way];
      ++done;
    }
    test.restore();
  }
  for (const int count : tried) CHECK(count > 1'000);
  CHECK(test.noticed() == false);
}

TEST_CASE(
    "an entry that nobody's key signed, or another's, is noticed, and so is a person whom the log does not know") {
  Logged test;
  const auto resign = [&](const std::string& change) {
    test.tamper(change);
    return test.problems();
  };
  SUBCASE("a name is changed and the leaf made to fit") {
    // Without a checkpoint the tree can be made to fit; the signature cannot.
    const auto log = db::audit_log(*test.store);
    std::string record = log->back().record;
    record.replace(record.find("\"by\":\"alice\""), 12, "\"by\":\"owner\"");
    const std::string salt(16, 's');
    const db::Digest leaf = db::leaf_hash(salt + record);
    auto database = Database::open(test.folder / "store.db", Durability::normal);
    REQUIRE_OK(database);
    REQUIRE_OK(database->execute("UPDATE audit SET record = '" + record + "', salt = x'" + to_hex(salt) +
                                 "', leaf = x'" + to_hex(leaf) +
                                 "' WHERE entry = " + std::to_string(log->back().entry)));
    bool said = false;
    for (const std::string& problem : test.problems())
      said = said || problem.find("not signed by") != std::string::npos;
    CHECK(said);
  }
  SUBCASE("somebody enrolls themself past the log") {
    CHECK_FALSE(resign("INSERT INTO person(name, roles, sign_key, box_key, reads) VALUES ('mallory', 'exporter', "
                       "randomblob(32), randomblob(32), 1)")
                    .empty());
  }
  SUBCASE("a role is added past the log") {
    CHECK_FALSE(resign("UPDATE person SET roles = 'reviewer,exporter' WHERE name = 'alice'").empty());
  }
  SUBCASE("somebody comes back past the log") {
    REQUIRE_OK(db::remove_person(*test.store, test.owner(), "alice"));
    CHECK(test.problems().empty());
    CHECK_FALSE(resign("UPDATE person SET removed = 0 WHERE name = 'alice'").empty());
  }
}

TEST_CASE("checkpoints are read strictly") {
  const std::string root(64, 'a');
  CHECK(db::parse_checkpoint("5:" + root)->size == 5);
  for (const std::string& text : std::vector<std::string>{"", "5", "5:", ":" + root, "x:" + root, "5:" + root + "a",
                                                          "-1:" + root, "5:" + std::string(64, 'g')})
    CHECK_FALSE(db::parse_checkpoint(text).has_value());
}

TEST_CASE("a verdict that nobody signed is noticed, and so is one that was changed or put back") {
  Logged test(1);
  test.record(two_posts());
  const auto say = [&](const char* who, std::int64_t hit, db::ReviewVerdict verdict) {
    REQUIRE_OK(db::review(*test.store, test.person(who), {hit, {}, verdict, db::Sign::profile}));
  };
  say("alice", 1, db::ReviewVerdict::seed);
  say("alice", 1, db::ReviewVerdict::confirmed);
  say("bob", 2, db::ReviewVerdict::rejected);
  REQUIRE(test.problems().empty());
  std::string whose = "mallory on hit 1";
  SUBCASE("a row of nobody") {
    test.tamper(
        "INSERT INTO review(hit, handle, reviewer, verdict, sign, day) SELECT hit, handle, 'mallory', verdict, "
        "sign, day FROM review WHERE hit = 1");
  }
  SUBCASE("a row of somebody who judged another hit") {
    whose = "bob on hit 1";
    test.tamper(
        "INSERT INTO review(hit, handle, reviewer, verdict, sign, day) SELECT hit, handle, 'bob', verdict, "
        "sign, day FROM review WHERE hit = 1");
  }
  SUBCASE("another verdict") {
    whose = "bob on hit 2";
    test.tamper("UPDATE review SET verdict = 'confirmed', sign = 'profile' WHERE reviewer = 'bob'");
  }
  SUBCASE("the verdict that stood before") {
    whose = "alice on hit 1";
    test.tamper("UPDATE review SET verdict = 'seed' WHERE reviewer = 'alice'");
  }
  SUBCASE("another sign") {
    whose = "alice on hit 1";
    test.tamper("UPDATE review SET sign = 'conversation' WHERE reviewer = 'alice'");
  }
  const auto problems = test.problems();  // where a count fits no more, of that too
  REQUIRE_FALSE(problems.empty());
  CHECK(problems[0] == "the verdict of " + whose + " is not one that the log says");
}

TEST_CASE("a count of verdicts that are not there is noticed: exports and lists go by it") {
  Logged test(1);
  test.record(two_posts());
  for (const char* who : {"alice", "bob"})
    REQUIRE_OK(db::review(*test.store, test.person(who), {1, {}, db::ReviewVerdict::confirmed, db::Sign::profile}));
  REQUIRE_OK(db::review(*test.store, test.person("carol"), {2, {}, db::ReviewVerdict::rejected, {}}));
  REQUIRE(test.problems().empty());
  for (const auto& [column, row] : {std::pair{"UPDATE handle SET confirmed = 2 WHERE handle = 2", "handle 2"},
                                    {"UPDATE handle SET rejected = 0 WHERE handle = 2", "handle 2"},
                                    {"UPDATE handle SET seeds = 1 WHERE handle = 1", "handle 1"},
                                    {"UPDATE advert SET rejected = 0 WHERE hit = 2", "the adverts of hit 2"},
                                    {"UPDATE hit SET confirmed = 5 WHERE hit = 2", "hit 2"},
                                    {"UPDATE hit SET disputed = 1 WHERE hit = 1", "hit 1"},
                                    {"UPDATE hit SET rejected = 1 WHERE hit = 1", "hit 1"}}) {
    test.tamper(std::string("BEGIN; CREATE TABLE was_handle AS SELECT * FROM handle; CREATE TABLE was_hit AS SELECT * "
                            "FROM hit; CREATE TABLE was_advert AS SELECT * FROM advert;") +
                column + "; COMMIT");
    const auto problems = test.problems();
    CHECK_MESSAGE(std::ranges::find(problems, std::string("the verdicts of ") + row +
                                                  " are not counted as they stand") != problems.end(),
                  column);
    test.tamper(
        "BEGIN; UPDATE handle SET (confirmed, rejected, seeds) = (SELECT confirmed, rejected, seeds FROM was_handle w "
        "WHERE w.handle = handle.handle); UPDATE hit SET (confirmed, rejected, disputed) = (SELECT confirmed, "
        "rejected, disputed FROM was_hit w WHERE w.hit = hit.hit); UPDATE advert SET rejected = (SELECT rejected FROM "
        "was_advert w WHERE w.hit = advert.hit AND w.handle = advert.handle); DROP TABLE was_handle; DROP TABLE "
        "was_hit; DROP TABLE was_advert; COMMIT");
    REQUIRE(test.problems().empty());
  }
}
