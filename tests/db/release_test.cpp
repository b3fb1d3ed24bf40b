// How something leaves safeguarding's queue, and the alarm of what nobody reads.
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
using db::Released;

namespace {

const Advert kMinor{.id = "m1", .author = "Young", .handle = "hwdemo_young", .flags = {Flag::possible_minor}};

const db::Person& guard(TestStore& test, const char* name) { return test.person(name, {db::Role::safeguarding}); }

db::Release release(TestStore& test, std::int64_t held, const char* by) {
  const db::Opener opener = test.opener(db::KeyClass::safeguarding);
  const auto released =
      db::release_referral(*test.store, opener, guard(test, by), {held, "an adult, by the company page"});
  REQUIRE_OK(released);
  return *released;
}

std::vector<db::Referral> queue(TestStore& test) {
  auto referrals = db::list_referrals(*test.store, test.opener(db::KeyClass::safeguarding));
  REQUIRE_OK(referrals);
  return std::move(*referrals);
}

std::size_t hits(TestStore& test) { return *db::count_hits(*test.store, {}); }

bool overdue(TestStore& test) {
  const auto answer = db::referrals_overdue(*test.store);
  REQUIRE_OK(answer);
  return *answer;
}

void read(TestStore& test, std::int64_t held) {
  REQUIRE_OK(db::read_referral(*test.store, test.opener(db::KeyClass::safeguarding), guard(test, "dana"), held));
}

}  // namespace

TEST_CASE("one person cannot release, two different people can") {
  TestStore test;
  test.record(judged(kMinor));
  CHECK(release(test, 1, "dana").outcome == Released::needs_another);
  CHECK(hits(test) == 0);
  CHECK(queue(test).front().releases == std::vector<std::string>{"dana"});
  const db::Opener opener = test.opener(db::KeyClass::safeguarding);
  const auto again = db::release_referral(*test.store, opener, guard(test, "dana"), {1, "sure"});
  CHECK(again.error().code == ErrorCode::refused);
  CHECK(hits(test) == 0);
  CHECK(db::release_referral(*test.store, opener, guard(test, "erin"), {1, "  "}).error().code == ErrorCode::usage);
  CHECK(db::release_referral(*test.store, opener, guard(test, "erin"), {9, "sure"}).error().code ==
        ErrorCode::not_found);
  CHECK(db::release_referral(*test.store, test.opener(), guard(test, "erin"), {1, "sure"}).error().code ==
        ErrorCode::no_key);
  CHECK(release(test, 1, "erin").outcome == Released::done);
  CHECK(queue(test).empty());
  REQUIRE(hits(test) == 1);
  const auto row = db::list_hits(*test.store, {});
  const auto opened = db::open_hit(*test.store, test.opener(), row->front().hit);
  REQUIRE_OK(opened);
  CHECK(opened->post.author == "Young");
  CHECK(row->front().state == db::HitState::fresh);
}

TEST_CASE("nobody escapes by typing an age: a release frees handle, account and what they had drawn in") {
  TestStore test;
  test.record({judged({.id = "before", .author = "Other", .handle = "hwdemo_young"}), judged(kMinor),
               judged({.id = "after", .author = "Young", .handle = "hwdemo_else"})});
  SUBCASE("after a reviewer unlocked") { test.opener(); }
  SUBCASE("before") {}
  std::int64_t number = 0;
  for (const db::Referral& referral : queue(test))
    if (referral.judged->post.id == "m1") number = referral.held;
  release(test, number, "dana");
  CHECK(release(test, number, "erin").outcome == Released::done);
  test.opener();
  CHECK(queue(test).empty());
  CHECK(hits(test) == 3);
  CHECK(test.record(judged(kMinor)).held == 0);  // the very post that was released
  CHECK(test.record(judged({.id = "next", .author = "Young", .handle = "hwdemo_young"})).fresh == 1);
  // Words that nobody has judged yet hold again.
  Advert edited = kMinor;
  edited.text = "new words, my wickr is hwdemo_young";
  CHECK(test.record(judged(edited)).held == 1);
}

TEST_CASE("a hold that two posts ask for ends with the second") {
  TestStore test;
  Advert other = kMinor;
  other.id = "m2";
  test.record({judged(kMinor), judged(other), judged({.id = "drawn", .author = "Other", .handle = "hwdemo_young"})});
  release(test, 1, "dana");
  CHECK(release(test, 1, "erin").outcome == Released::still_held);
  CHECK(hits(test) == 0);
  CHECK(test.record(judged({.id = "next", .author = "Young", .handle = "hwdemo_x"})).held == 1);
  release(test, 2, "dana");
  const db::Release last = release(test, 2, "erin");
  CHECK(last.outcome == Released::done);
  CHECK(last.with_it == 3);
  CHECK(hits(test) == 4);
  CHECK(queue(test).empty());
}

TEST_CASE("what a reviewer sent can be released too, and bans come back with it") {
  TestStore test;
  const std::string ban =
      R"({"event_id":"e1","platform":"forum.example","subject":{"type":"account","login":"gardener"},"action":"ban","decided_at":"2026-11-20T10:00:00Z","decided_by":"human"})";
  test.record(judged({}));
  REQUIRE_OK(db::import_bans(*test.store, ban, test.owner(), {}, [](std::size_t, const std::string&) {}));
  REQUIRE_OK(db::review(*test.store, test.person("carol"), {1, {}, db::ReviewVerdict::safeguarding, {}}));
  CHECK(db::list_bans(*test.store)->empty());
  test.opener();
  std::int64_t post = 0;
  for (const db::Referral& referral : queue(test))
    if (referral.judged) post = referral.held;
  release(test, post, "dana");
  CHECK(release(test, post, "erin").outcome == Released::done);
  CHECK(hits(test) == 1);
  REQUIRE(db::list_bans(*test.store)->size() == 1);
  CHECK(db::list_bans(*test.store)->front().standing);
  CHECK(queue(test).empty());
}

TEST_CASE("a held hit nobody reads alarms after 24 hours and never expires") {
  TestStore test;
  CHECK_FALSE(overdue(test));
  test.record(judged(kMinor));
  test.clock.advance(std::chrono::hours(24) - std::chrono::seconds(1));
  CHECK_FALSE(overdue(test));
  test.clock.advance(std::chrono::seconds(2));
  CHECK(overdue(test));
  test.clock.advance(std::chrono::days(4000));
  REQUIRE_OK(db::expire(*test.store, {}, db::Expiry::erase, test.store->host()));
  CHECK(overdue(test));
  CHECK(queue(test).size() == 1);
  read(test, 1);
  CHECK_FALSE(overdue(test));
  Advert edited = kMinor;
  edited.text = "more words, my wickr is hwdemo_young";
  test.record(judged(edited));
  CHECK_FALSE(overdue(test));
  test.clock.advance(std::chrono::hours(25));
  CHECK(overdue(test));
}

TEST_CASE("what was drawn out of the lists and not sealed anew yet alarms too, with the time since it was drawn") {
  TestStore test;
  test.record(judged({.id = "before", .author = "Other", .handle = "hwdemo_young"}));
  test.record(judged(kMinor));
  read(test, 1);
  test.clock.advance(std::chrono::hours(23));
  test.opener();  // sealed anew: the clock of the referral goes on
  CHECK_FALSE(overdue(test));
  test.clock.advance(std::chrono::hours(2));
  CHECK(overdue(test));
  read(test, 2);
  CHECK_FALSE(overdue(test));
}

TEST_CASE("child_risk first, then the longest waiting") {
  TestStore test;
  const auto post = [&](const char* id, std::vector<Flag> flags) {
    test.record(judged({.id = id, .author = id, .handle = std::string("hwdemo_") + id, .flags = std::move(flags)}));
    test.clock.advance(std::chrono::minutes(1));
  };
  post("a", {Flag::possible_minor});
  post("b", {Flag::child_risk});
  post("c", {Flag::possible_minor});
  post("d", {Flag::child_risk, Flag::possible_minor});
  std::vector<std::string> order;
  for (const db::Referral& referral : queue(test)) order.push_back(referral.judged->post.id);
  CHECK(order == std::vector<std::string>{"b", "d", "a", "c"});
}

TEST_CASE("closing erases the record from the disk and keeps the hold; unread it cannot be closed") {
  TestStore test;
  test.record(judged(kMinor));
  const db::Opener opener = test.opener(db::KeyClass::safeguarding);
  CHECK(db::close_referral(*test.store, opener, guard(test, "dana"), {1, "done"}).error().code == ErrorCode::refused);
  read(test, 1);
  CHECK(db::close_referral(*test.store, test.opener(), guard(test, "dana"), {1, "done"}).error().code ==
        ErrorCode::no_key);
  REQUIRE_OK(db::close_referral(*test.store, opener, guard(test, "dana"), {1, "report 2026-31 was sent"}));
  CHECK(queue(test).empty());
  CHECK(db::close_referral(*test.store, opener, guard(test, "dana"), {1, "done"}).error().code == ErrorCode::not_found);
  CHECK(test.record(judged({.id = "next", .author = "Other", .handle = "hwdemo_young"})).held == 1);
}

TEST_CASE("what safeguarding does is noted for safeguarding alone; the audit log has only a digest of it") {
  TestStore test;
  test.record(judged(kMinor));
  read(test, 1);
  release(test, 1, "dana");
  const auto notes = db::referral_notes(*test.store, test.opener(db::KeyClass::safeguarding));
  REQUIRE_OK(notes);
  REQUIRE(notes->size() == 2);
  CHECK((*notes)[0].action == "show");
  CHECK((*notes)[0].by == "dana");
  CHECK((*notes)[1].action == "release");
  CHECK((*notes)[1].reason == "an adult, by the company page");
  CHECK((*notes)[1].at == test.clock.now());
  CHECK(db::referral_notes(*test.store, test.opener()).error().code == ErrorCode::no_key);
  const auto log = db::audit_log(*test.store);
  REQUIRE_OK(log);
  REQUIRE(log->size() == 5);
  for (const db::AuditEntry& entry : *log) {
    CHECK(entry.record.find("release") == std::string::npos);
    CHECK(entry.record.find("adult") == std::string::npos);
    CHECK(entry.record.find("referral") == std::string::npos);
  }
  CHECK(db::verify_audit(*test.store, {})->problems.empty());
}
