// People: enrolled, removed, with fresh keys; and a collector, which has none.
#include "db/people.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "common/sqlite.h"
#include "db/audit.h"
#include "db/handles.h"
#include "db/hex.h"
#include "db/hits.h"
#include "tests/db/helpers.h"

using namespace hw;
using namespace hw::test;
using db::KeyClass;
using db::Role;

namespace {

bool opens(TestStore& test, const db::Person& person, std::int64_t hit) {
  const auto opener = person.opener(KeyClass::review);
  REQUIRE_OK(opener);
  return db::open_hit(*test.store, *opener, hit).has_value();
}

bool is_whole(TestStore& test) {
  const auto report = db::verify_audit(*test.store, {});
  REQUIRE_OK(report);
  for (const std::string& problem : report->problems) MESSAGE(problem);
  return report->problems.empty();
}

db::Judged a_held_post() {
  return judged({.id = "held", .author = "Y", .handle = "hwdemo_y", .flags = {Flag::possible_minor}});
}

}  // namespace

TEST_CASE("who joins reads what was there before and what comes after; who leaves reads neither") {
  TestStore test;
  test.record(judged({}));
  const db::Person& alice = test.person("alice");
  CHECK(opens(test, alice, 1));
  test.record(judged({.id = "p2", .author = "B", .handle = "hwdemo_b"}));
  CHECK(opens(test, alice, 2));
  CHECK(is_whole(test));
  REQUIRE_OK(db::remove_person(*test.store, test.owner(), "alice"));
  test.record(judged({.id = "p3", .author = "C", .handle = "hwdemo_c"}));
  for (const std::int64_t hit : {1, 2, 3}) CHECK_FALSE(opens(test, alice, hit));
  CHECK(opens(test, test.owner(), 3));
  CHECK(is_whole(test));
  // The name is free again, and another key.
  const auto again = db::Person::make("alice", {Role::reviewer});
  REQUIRE_OK(db::enroll(*test.store, test.owner(), again->face()));
  CHECK(opens(test, *again, 1));
  CHECK_FALSE(opens(test, alice, 1));
}

TEST_CASE("a role reads its class alone") {
  TestStore test;
  test.record(std::vector{judged({}), a_held_post()});
  const auto tried = [&](const char* name, Role role) { return *db::try_key(*test.store, test.person(name, {role})); };
  CHECK(tried("rev", Role::reviewer).review == 3);
  CHECK(tried("rev", Role::reviewer).safeguarding == 0);
  CHECK(tried("saf", Role::safeguarding).review == 0);
  CHECK(tried("saf", Role::safeguarding).safeguarding == 1);
  CHECK(tried("aud", Role::auditor).review + tried("aud", Role::auditor).safeguarding == 0);
  CHECK(tried("exp", Role::exporter).review == 3);
  CHECK(tried("safe-in-the-safe", Role::recovery).review == 3);
  CHECK(tried("safe-in-the-safe", Role::recovery).safeguarding == 1);
}

TEST_CASE("nobody gives what they have not") {
  TestStore test;
  const auto newcomer = [](Role role) { return db::Person::make("new", {role})->face(); };
  const db::Person& reviewer = test.person("rev");
  CHECK(db::enroll(*test.store, reviewer, newcomer(Role::safeguarding)).error().code == ErrorCode::no_key);
  CHECK(db::enroll(*test.store, reviewer, newcomer(Role::recovery)).error().code == ErrorCode::no_key);
  CHECK(db::enroll(*test.store, test.exporter(), newcomer(Role::reviewer)).error().code == ErrorCode::refused);
  CHECK(db::enroll(*test.store, test.person("aud", {Role::auditor}), newcomer(Role::auditor)).error().code ==
        ErrorCode::refused);
  CHECK(db::enroll(*test.store, test.store->host(), newcomer(Role::auditor)).error().code == ErrorCode::refused);
  CHECK(db::enroll(*test.store, reviewer, reviewer.face()).error().code == ErrorCode::refused);
  const auto himself = db::Person::make("mallory", {Role::reviewer});
  CHECK(db::enroll_first(*test.store, *himself).error().code == ErrorCode::refused);
  CHECK(is_whole(test));
}

TEST_CASE("the last reader of a class stays") {
  TestStore test;
  CHECK(db::remove_person(*test.store, test.owner(), "owner").error().code == ErrorCode::refused);
  CHECK(db::remove_person(*test.store, test.owner(), "nobody").error().code == ErrorCode::not_found);
}

TEST_CASE("a rotated key opens everything, and the old one nothing, not in an old copy of the store either") {
  TestStore test;
  test.record(std::vector{judged({}), a_held_post()});
  const db::Person before = test.owner().with_roles(test.owner().roles());
  const std::filesystem::path copy = test.parent / "copy";
  test.store.reset();
  std::filesystem::copy(test.folder, copy, std::filesystem::copy_options::recursive);
  std::filesystem::remove_all(copy / "keys/people");
  test.reopen();
  const auto fresh = before.with_fresh_box();
  REQUIRE_OK(fresh);
  REQUIRE_OK(db::rotate_key(*test.store, before, *fresh, {}));
  const auto loaded = db::unlock_person(*test.store, "owner", {});
  REQUIRE_OK(loaded);
  CHECK(loaded->face().sign_key == before.face().sign_key);
  CHECK(loaded->face().box_key == fresh->face().box_key);
  CHECK(db::try_key(*test.store, *loaded)->review == 3);
  CHECK_FALSE(opens(test, before, 1));
  CHECK(is_whole(test));
  CHECK_FALSE(std::filesystem::exists(test.folder / "keys/people/owner.key.next"));
  // What lies in the copy was sealed to the key that is destroyed: whoever has the copy and today's keys opens nothing.
  auto old = db::Store::open(copy, test.clock);
  REQUIRE_OK(old);
  const auto opener = loaded->opener(KeyClass::review);
  CHECK(db::open_hit(**old, *opener, 1).error().code == ErrorCode::no_key);
}

TEST_CASE("a collector writes for its readers, and nothing on its disk opens any record") {
  TestStore reader;
  const db::Person& alice = reader.person("alice");
  db::Roster roster;
  const auto everybody = db::list_people(*reader.store);
  REQUIRE_OK(everybody);
  for (const auto& enrolled : *everybody)
    if (enrolled.person.roles != db::Roles{Role::collector}) roster.people.push_back(enrolled.person);
  roster.hosts.push_back(reader.store->host().face());
  roster.token_key = *db::token_key_bytes(reader.folder);
  const auto handed_over = db::read_roster(db::write_roster(roster));
  REQUIRE_OK(handed_over);
  const std::filesystem::path folder = reader.parent / "collector";
  REQUIRE_OK(db::Store::create_collector(folder, reader.clock, *handed_over));
  CHECK(db::Store::create_collector(folder, reader.clock, *handed_over).error().code == ErrorCode::refused);
  auto store = db::Store::open(folder, reader.clock);
  REQUIRE_OK(store);
  REQUIRE_OK((*store)->record(std::vector{judged({}), a_held_post()}));
  CHECK(db::verify_audit(**store, {})->problems.empty());
  CHECK(db::people_here(folder).empty());
  CHECK(db::unlock_person(**store, "alice", {}).error().code == ErrorCode::no_key);
  CHECK(db::open_hit(**store, *alice.opener(KeyClass::review), 1)->post.id == "p1");  // elsewhere it opens

  // Every 32 bytes of every file, taken as a private key of either class.
  std::size_t tried = 0;
  std::vector<std::string> candidates;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    const std::string bytes = read_file(entry.path());
    const bool key = entry.path().extension() == ".key";
    for (std::size_t at = 0; at + 32 <= bytes.size(); at += key ? 1 : 512) candidates.push_back(bytes.substr(at, 32));
    if (!key) continue;
    // Key files are written in hex.
    for (std::size_t at = 0; at + 64 <= bytes.size(); ++at)
      if (const auto secret = db::from_hex(bytes.substr(at, 64))) candidates.push_back(*secret);
  }
  for (const std::string& bytes : candidates)
    for (const KeyClass key_class : {KeyClass::review, KeyClass::safeguarding}) {
      const auto opener = db::Opener::create(key_class, bytes);
      REQUIRE_OK(opener);
      ++tried;
      if (key_class == KeyClass::review) {
        CHECK_FALSE(db::open_hit(**store, *opener, 1).has_value());
      } else {
        CHECK_FALSE(db::open_referral(**store, *opener, 1).has_value());
      }
    }
  CHECK(tried > 500);
}

TEST_CASE("a roster without a token key or without readers makes no collector") {
  const TemporaryFolder parent;
  const FakeClock clock;
  db::Roster roster;
  roster.people.push_back(db::Person::make("alice", {Role::reviewer})->face());
  CHECK(db::Store::create_collector(parent / "c", clock, roster).error().code == ErrorCode::usage);
  roster.token_key = std::string(32, 't');
  CHECK(db::Store::create_collector(parent / "c", clock, roster).error().code == ErrorCode::usage);
  CHECK_FALSE(std::filesystem::exists(parent / "c"));
}

TEST_CASE("a roster is read strictly") {
  const db::PublicPerson alice = db::Person::make("alice", {Role::reviewer})->face();
  const std::string good = db::write_roster({{alice}, {}, std::string(32, 't')});
  const auto read = db::read_roster(good);
  REQUIRE_OK(read);
  CHECK(read->people.front().box_key == alice.box_key);
  CHECK(read->token_key == std::string(32, 't'));
  for (const std::string& bad :
       {std::string(), std::string("person alice"), "x" + good, good + "nonsense\n", good + "token 00\n",
        good + "host alice reviewer " + std::string(64, '0') + " " + std::string(64, '0') + "\n",
        good + "person ../x reviewer " + std::string(64, '0') + " " + std::string(64, '0') + "\n"})
    CHECK(db::read_roster(bad).error().code == ErrorCode::malformed);
}

TEST_CASE("nobody is called as the host is, and the host is not removed") {
  CHECK(db::newcomer_name("kim").value() == "kim");
  CHECK(db::newcomer_name(" Host ").error().code == ErrorCode::usage);
  const TemporaryFolder folder;
  const FakeClock clock;
  CHECK(db::Store::create(folder / "d", clock, {}, {"host", db::Roles::everything()}).error().code == ErrorCode::usage);
  TestStore test;
  CHECK(db::remove_person(*test.store, test.owner(), "host").error().code == ErrorCode::refused);
}
