// Bundles between a reader's machine and collectors.
#include "db/bundle.h"

#include <algorithm>
#include <random>
#include <sstream>

#include <doctest/doctest.h>

#include "common/sqlite.h"
#include "db/audit.h"
#include "db/bans.h"
#include "db/hits.h"
#include "db/releases.h"
#include "db/retention.h"
#include "db/reviews.h"
#include "tests/db/helpers.h"

using namespace hw;
using namespace hw::test;
using db::Role;

namespace {

// What the audit log's check finds, a line each.
std::string problems_of(db::Store& store) {
  const auto report = db::verify_audit(store, {});
  REQUIRE_OK(report);
  std::string lines;
  for (const std::string& problem : report->problems) lines += problem + "\n";
  return lines;
}

// A collector for a reader's store, each enrolled with the other.
struct Collector {
  Collector(TestStore& reader, const std::string& name) : folder(reader.parent / name) {
    db::Roster roster;
    const auto everybody = db::list_people(*reader.store);
    REQUIRE_OK(everybody);
    for (const auto& enrolled : *everybody)
      if (enrolled.person.roles != db::Roles{Role::collector}) roster.people.push_back(enrolled.person);
    roster.hosts.push_back(reader.store->host().face());
    roster.token_key = *db::token_key_bytes(reader.folder);
    REQUIRE_OK(db::Store::create_collector(folder, reader.clock, roster));
    auto opened = db::Store::open(folder, reader.clock);
    REQUIRE_OK(opened);
    store = std::move(*opened);
    db::PublicPerson host = store->host().face();
    host.name = name;
    REQUIRE_OK(db::enroll(*reader.store, reader.owner(), host));
  }

  std::filesystem::path folder;
  std::unique_ptr<db::Store> store;
};

std::string bundle_of(db::Store& store) {
  std::ostringstream out;
  REQUIRE_OK(db::export_sealed(store, out));
  return out.str();
}

db::BundleTaken take(db::Store& store, const std::string& bundle, const db::Person* reader = nullptr) {
  const auto taken = db::import_sealed(store, bundle, reader);
  REQUIRE_OK(taken);
  return *taken;
}

std::string texts_of(TestStore& reader) {
  std::string texts;
  const db::Opener opener = reader.opener();
  std::vector<std::string> lines;
  const auto rows = db::list_hits(*reader.store, {.limit = 0});
  for (const db::HitRow& row : *rows)
    lines.push_back(db::open_hit(*reader.store, opener, row.hit)->post.text + " " + std::string(to_string(row.state)));
  std::sort(lines.begin(), lines.end());
  for (const std::string& line : lines) texts += line + "\n";
  return texts;
}

// What a collector knows, in the clear.
std::string clear_part(db::Store& store) {
  auto database = Database::open(store.folder() / "store.db", Durability::normal);
  REQUIRE_OK(database);
  std::string all;
  for (const char* sql :
       {"SELECT hex(token) FROM hold_token ORDER BY 1", "SELECT hex(token) FROM do_not_raise ORDER BY 1",
        "SELECT hex(post) || ' ' || confirmed || ' ' || rejected FROM hit ORDER BY 1"}) {
    auto statement = database->prepare(sql);
    REQUIRE_OK(statement);
    while (*statement->step()) all += std::string(statement->text(0)) + "\n";
  }
  return all;
}

constexpr const char* kBan =
    R"({"event_id":"e1","platform":"forum.example","subject":{"type":"account","login":"A"},"action":"ban","decided_at":"2026-11-20T10:11:12Z"})";

}  // namespace

TEST_CASE("a collector's hits, bans and held posts come to the reader, verdicts and holds go back") {
  TestStore reader({.confirmations = 1});
  Collector attic(reader, "attic");
  REQUIRE_OK(attic.store->record(
      std::vector{judged({.id = "a", .author = "A", .handle = "hwdemo_a"}),
                  judged({.id = "b", .author = "B", .handle = "hwdemo_b"}),
                  judged({.id = "y", .author = "Y", .handle = "hwdemo_y", .flags = {Flag::possible_minor}})}));
  REQUIRE_OK(db::import_bans(*attic.store, kBan, attic.store->host(), {}, [](std::size_t, const std::string&) {}));
  const std::string bundle = bundle_of(*attic.store);
  for (const char* secret : {"hwdemo", "forum.example/", "nolimits swap", "\"A\""})
    CHECK(bundle.find(secret) == std::string::npos);
  const db::BundleTaken first = take(*reader.store, bundle, &reader.owner());
  CHECK(first.hits == 2);
  CHECK(first.bans == 1);
  CHECK(first.held == 1);
  CHECK(first.closed == 0);
  CHECK(db::list_referrals(*reader.store, reader.opener(db::KeyClass::safeguarding))->size() == 1);
  CHECK(db::count_hits(*reader.store, {}).value() == 2);
  const db::BundleTaken again = take(*reader.store, bundle, &reader.owner());
  CHECK(again.hits + again.bans + again.held + again.holds + again.marks + again.reviews == 0);

  REQUIRE_OK(db::review(*reader.store, reader.owner(), {1, {}, db::ReviewVerdict::rejected, {}}));
  REQUIRE_OK(db::review(*reader.store, reader.owner(), {2, {}, db::ReviewVerdict::safeguarding, {}}));
  const db::BundleTaken back = take(*attic.store, bundle_of(*reader.store));
  CHECK(back.reviews == 1);
  CHECK(back.marks == 1);
  CHECK(back.holds > 0);
  const auto rows = db::list_hits(*attic.store, {});
  REQUIRE(rows->size() == 1);  // the other is held now
  CHECK(rows->front().state == db::HitState::rejected);
  const auto log = db::audit_log(*attic.store);
  CHECK(std::count_if(log->begin(), log->end(), [](const auto& entry) { return entry.action == "review-taken"; }) == 1);
  for (db::Store* store : {reader.store.get(), attic.store.get()}) CHECK(problems_of(*store) == "");
}

TEST_CASE("who reads one class takes that; the rest waits for who reads the other") {
  TestStore reader;
  const db::Person& alice = reader.person("alice");
  const db::Person& gus = reader.person("gus", {Role::safeguarding});
  Collector attic(reader, "attic");
  REQUIRE_OK(attic.store->record(
      std::vector{judged({.id = "a", .author = "A", .handle = "hwdemo_a"}),
                  judged({.id = "y", .author = "Y", .handle = "hwdemo_y", .flags = {Flag::possible_minor}})}));
  const std::string bundle = bundle_of(*attic.store);
  const db::BundleTaken hers = take(*reader.store, bundle, &alice);
  CHECK(hers.hits == 1);
  CHECK(hers.held == 0);
  CHECK(hers.closed == 1);
  const db::BundleTaken his = take(*reader.store, bundle, &gus);
  CHECK(his.hits == 0);
  CHECK(his.held == 1);
}

TEST_CASE("a foreign, altered or cut bundle is refused and changes nothing") {
  TestStore reader;
  Collector attic(reader, "attic");
  REQUIRE_OK(attic.store->record(std::vector{judged({})}));
  const std::string bundle = bundle_of(*attic.store);
  const auto code = [&](const std::string& text) {
    return db::import_sealed(*reader.store, text, &reader.owner()).error().code;
  };
  CHECK(code("") == ErrorCode::malformed);
  CHECK(code("nonsense\n") == ErrorCode::malformed);
  CHECK(code(bundle.substr(0, bundle.size() - 1)) == ErrorCode::malformed);
  std::mt19937 random(5);
  for (int i = 0; i < 300; ++i) {
    std::string changed = bundle;
    char& byte = changed[random() % (changed.size() - 1)];
    byte = byte == '5' ? '6' : '5';
    if (changed == bundle) continue;
    CHECK_FALSE(db::import_sealed(*reader.store, changed, &reader.owner()).has_value());
  }
  const auto second = bundle.find('\n') + 1;
  std::string without_a_line = bundle;
  without_a_line.erase(second, bundle.find('\n', second) + 1 - second);
  CHECK(code(without_a_line) == ErrorCode::tampered);
  REQUIRE_OK(db::remove_person(*reader.store, reader.owner(), "attic"));
  CHECK(code(bundle) == ErrorCode::refused);
  TestStore stranger;
  CHECK(db::import_sealed(*stranger.store, bundle, &stranger.owner()).error().code == ErrorCode::refused);
  CHECK(db::count_hits(*reader.store, {}).value() == 0);
}

TEST_CASE("whatever order bundles come in, how often, and however old: all machines come to the same") {
  for (unsigned seed = 1; seed <= 6; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    TestStore reader({.confirmations = 1});
    Collector attic(reader, "attic");
    Collector cellar(reader, "cellar");
    const std::vector<db::Store*> collectors{attic.store.get(), cellar.store.get()};
    std::vector<std::string> to_reader;
    std::vector<std::string> to_collectors;
    for (int step = 0; step < 30; ++step) {
      reader.clock.advance(std::chrono::hours(1));
      const std::string n = std::to_string(random() % 8);
      switch (random() % 6) {
        case 0:
        case 1: {
          db::Judged post = judged({.id = "p" + n,
                                    .author = "A" + n,
                                    .handle = "hwdemo_" + n,
                                    .text = "version " + std::to_string(step) + ", wickr hwdemo_" + n},
                                   reader.clock.now());
          if (n == "7") post.verdict.flags = {Flag::possible_minor};
          REQUIRE_OK(collectors[random() % 2]->record(std::vector{post}));
          break;
        }
        case 2:
          to_reader.push_back(bundle_of(*collectors[random() % 2]));
          break;
        case 3:
          if (!to_reader.empty()) take(*reader.store, to_reader[random() % to_reader.size()], &reader.owner());
          to_collectors.push_back(bundle_of(*reader.store));
          break;
        case 4:
          if (!to_collectors.empty()) take(*collectors[random() % 2], to_collectors[random() % to_collectors.size()]);
          break;
        default: {
          const auto rows = db::list_hits(*reader.store, {.limit = 0});
          if (rows->empty()) break;
          const auto verdict = random() % 2 == 0 ? db::ReviewVerdict::rejected : db::ReviewVerdict::seed;
          REQUIRE_OK(
              db::review(*reader.store, reader.owner(), {(*rows)[random() % rows->size()].hit, {}, verdict, {}}));
        }
      }
    }
    // Everything that is still under way arrives, in two orders, then once more what is newest.
    for (db::Store* store : collectors) to_reader.push_back(bundle_of(*store));
    std::shuffle(to_reader.begin(), to_reader.end(), random);
    for (const std::string& bundle : to_reader) take(*reader.store, bundle, &reader.owner());
    reader.opener();
    const std::string once = texts_of(reader);
    std::shuffle(to_reader.begin(), to_reader.end(), random);
    for (const std::string& bundle : to_reader) take(*reader.store, bundle, &reader.owner());
    CHECK(texts_of(reader) == once);
    const std::string last = bundle_of(*reader.store);
    for (db::Store* store : collectors) {
      take(*store, last);
      const std::string before = clear_part(*store);
      for (const std::string& bundle : to_collectors) take(*store, bundle);
      CHECK(clear_part(*store) == before);
      CHECK(problems_of(*store) == "");
    }
    CHECK(problems_of(*reader.store) == "");
  }
}

TEST_CASE("what was erased comes back with no older bundle, and the next one erases it on the collector") {
  TestStore reader({.confirmations = 1});
  Collector attic(reader, "attic");
  REQUIRE_OK(attic.store->record(std::vector{judged({.id = "a", .author = "A", .handle = "hwdemo_a"}),
                                             judged({.id = "b", .author = "B", .handle = "hwdemo_b"}),
                                             judged({.id = "c", .author = "C", .handle = "hwdemo_c"})}));
  REQUIRE_OK(db::import_bans(*attic.store, kBan, attic.store->host(), {}, [](std::size_t, const std::string&) {}));
  const std::string old = bundle_of(*attic.store);
  REQUIRE(take(*reader.store, old, &reader.owner()).hits == 3);
  REQUIRE_OK(db::review(*reader.store, reader.owner(), {3, {}, db::ReviewVerdict::confirmed, db::Sign::profile}));
  reader.clock.advance(std::chrono::days(40));
  REQUIRE_OK(db::expire(*reader.store, {.bans = std::chrono::days(30)}, db::Expiry::erase, reader.store->host()));
  REQUIRE(texts_of(reader) == "my wickr is hwdemo_c confirmed\n");
  const db::BundleTaken again = take(*reader.store, old, &reader.owner());
  CHECK(again.hits == 0);
  CHECK(again.bans == 0);
  CHECK(texts_of(reader) == "my wickr is hwdemo_c confirmed\n");

  // There everything is still new; the confirmed one stays by that machine's own times.
  const db::BundleTaken there = take(*attic.store, bundle_of(*reader.store));
  CHECK(there.erased == 2);
  CHECK(db::count_hits(*attic.store, {}).value() == 1);
  CHECK(read_file(attic.folder / "erasures.log").size() > 100);
  CHECK(take(*attic.store, bundle_of(*reader.store)).erased == 0);
  for (db::Store* store : {reader.store.get(), attic.store.get()}) CHECK(problems_of(*store) == "");

  // Seen anew after that day, it is a new hit, here and there.
  REQUIRE_OK(
      attic.store->record(std::vector{judged({.id = "a", .author = "A", .handle = "hwdemo_a"}, reader.clock.now())}));
  CHECK(take(*reader.store, bundle_of(*attic.store), &reader.owner()).hits == 1);
  CHECK(take(*attic.store, bundle_of(*reader.store)).erased == 0);
  CHECK(db::count_hits(*attic.store, {}).value() == 2);
}

TEST_CASE("a collector erases what its readers' machine erased, but for what was seen since or is relied on") {
  TestStore reader({.confirmations = 1});
  Collector attic(reader, "attic");
  std::vector<db::Judged> posts;
  for (const std::string n : {"1", "2", "3", "4"})
    posts.push_back(judged({.id = "p" + n, .author = "A" + n, .handle = "hwdemo_" + n}));
  REQUIRE_OK(attic.store->record(posts));
  take(*reader.store, bundle_of(*attic.store), &reader.owner());
  REQUIRE_OK(db::review(*reader.store, reader.owner(), {1, {}, db::ReviewVerdict::confirmed, db::Sign::profile}));
  take(*attic.store, bundle_of(*reader.store));
  reader.clock.advance(std::chrono::days(95));
  db::Judged later = posts[2];
  later.seen_at = reader.clock.now();
  REQUIRE_OK(attic.store->record(std::vector{later}));
  REQUIRE_OK(reader.store->expire({}));
  REQUIRE(db::count_hits(*reader.store, {}).value() == 0);
  CHECK(take(*attic.store, bundle_of(*reader.store)).erased == 2);
  CHECK(db::count_hits(*attic.store, {}).value() == 2);
  CHECK(problems_of(*attic.store) == "");
}

TEST_CASE("a readers' machine erases nothing on a collector's word") {
  TestStore reader;
  Collector attic(reader, "attic");
  Collector cellar(reader, "cellar");
  const db::Judged post = judged({.id = "a", .author = "A", .handle = "hwdemo_a"});
  REQUIRE_OK(attic.store->record(std::vector{post}));
  take(*reader.store, bundle_of(*attic.store), &reader.owner());
  reader.clock.advance(std::chrono::days(35));
  REQUIRE_OK(attic.store->expire({}));
  const std::string bundle = bundle_of(*attic.store);
  REQUIRE(bundle.find("\"erased\"") != std::string::npos);
  CHECK(take(*reader.store, bundle, &reader.owner()).erased == 0);
  CHECK(db::count_hits(*reader.store, {}).value() == 1);
  // Nor does it let the word keep out what another one brings.
  REQUIRE_OK(cellar.store->record(std::vector{judged({.id = "b", .author = "B", .handle = "hwdemo_b"})}));
  CHECK(take(*reader.store, bundle_of(*cellar.store), &reader.owner()).hits == 1);
}

TEST_CASE("a referral that was closed stays closed, whatever bundle comes, and is closed on the collector") {
  TestStore reader;
  Collector attic(reader, "attic");
  REQUIRE_OK(attic.store->record(std::vector{
      judged({.id = "y", .author = "Y", .handle = "hwdemo_y", .flags = {Flag::possible_minor}}, reader.clock.now())}));
  const std::string bundle = bundle_of(*attic.store);
  REQUIRE(take(*reader.store, bundle, &reader.owner()).held == 1);
  const db::Opener opener = reader.opener(db::KeyClass::safeguarding);
  REQUIRE_OK(db::read_referral(*reader.store, opener, reader.owner(), 1));
  REQUIRE_OK(db::close_referral(*reader.store, opener, reader.owner(), {1, "report 2026-31 was sent"}));
  CHECK(take(*reader.store, bundle, &reader.owner()).held == 0);
  CHECK(db::list_referrals(*reader.store, opener)->empty());
  CHECK(take(*attic.store, bundle_of(*reader.store)).erased == 1);
  CHECK(take(*attic.store, bundle_of(*reader.store)).erased == 0);
  CHECK(problems_of(*attic.store) == "");
  CHECK(bundle_of(*attic.store).find("\"record\"") == std::string::npos);
  CHECK(bundle_of(*attic.store).find("\"hold\"") != std::string::npos);  // which outlives what asked for it
}

TEST_CASE("the hosts of other machines take no place of one's own, whoever signs next") {
  TestStore reader;
  reader.person("reader");  // the name under which a collector knows this machine, unless a person has it
  Collector attic(reader, "attic");
  Collector cellar(reader, "cellar");
  REQUIRE_OK(db::import_bans(*reader.store, kBan, reader.store->host(), {}, [](std::size_t, const std::string&) {}));
  REQUIRE_OK(db::remove_person(*reader.store, reader.owner(), "attic"));
  REQUIRE_OK(db::import_bans(*reader.store, kBan, reader.store->host(), {}, [](std::size_t, const std::string&) {}));
  for (db::Store* store : {reader.store.get(), attic.store.get(), cellar.store.get()}) CHECK(problems_of(*store) == "");
  const auto there = db::list_people(*attic.store);
  CHECK(std::ranges::any_of(*there, [&](const db::EnrolledPerson& enrolled) {
    return enrolled.person.name == "reader-2" && enrolled.person.id() == reader.store->host().face().id();
  }));
  CHECK(take(*cellar.store, bundle_of(*reader.store)).closed == 1);  // the ban; the host is known
}

TEST_CASE("a host that takes the place of this machine's signs for it, and nobody else is put out") {
  TestStore reader;
  Collector attic(reader, "attic");
  const std::string before = reader.store->host().face().id();
  reader.store.reset();
  std::filesystem::remove(reader.folder / "keys/host.key");
  reader.reopen();
  REQUIRE(reader.store->host().face().id() != before);
  CHECK(problems_of(*reader.store) == "");
  const auto people = db::list_people(*reader.store);
  for (const auto& enrolled : *people) CHECK(enrolled.removed == (enrolled.person.id() == before));
}
