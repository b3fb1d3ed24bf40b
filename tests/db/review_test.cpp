#include <doctest/doctest.h>

#include "db/audit.h"
#include "db/exports.h"
#include "db/handles.h"
#include "db/hits.h"
#include "db/reviews.h"
#include "tests/db/helpers.h"

using namespace hw;
using namespace hw::test;
using db::HitState;
using db::ReviewVerdict;
using db::Sign;

namespace {

struct Said {
  std::string who;
  db::Review review;
};

Said says(std::string who, ReviewVerdict verdict, std::int64_t hit = 1, std::optional<std::int64_t> handle = {}) {
  return {std::move(who),
          {hit, handle, verdict, verdict == ReviewVerdict::confirmed ? std::optional(Sign::profile) : std::nullopt}};
}

Result<db::Reviewed> hear(TestStore& test, const Said& said) {
  return db::review(*test.store, test.person(said.who), said.review);
}

HitState state_after(TestStore& test, const Said& said) {
  const auto reviewed = hear(test, said);
  REQUIRE_OK(reviewed);
  const auto row = db::find_hit(*test.store, said.review.hit);
  REQUIRE_OK(row);
  CHECK(row->state == reviewed->state);
  return reviewed->state;
}

std::vector<std::string> exported(TestStore& test, std::int64_t* id = nullptr) {
  const db::Opener opener = test.opener();
  const auto made = db::begin_export(*test.store, test.exporter(), {"handles", "case 7", "test", "csv"});
  REQUIRE_OK(made);
  if (id != nullptr) *id = made->id;
  std::vector<std::string> handles;
  const auto count = db::export_handles(*test.store, opener, *made, [&](const db::ExportedHandle& handle) -> Status {
    handles.push_back(handle.name.messenger + ":" + handle.name.handle);
    return {};
  });
  REQUIRE_OK(count);
  CHECK(*count == handles.size());
  REQUIRE_OK(db::finish_export(*test.store, test.exporter(), *made, *count, std::string(64, '0')));
  return handles;
}

// A post that advertises two handles.
db::Judged two_handles() {
  db::Judged post = judged({.text = "my wickr is hwdemo_rose, my kik is hwdemo.thorn"});
  post.verdict.handles.push_back(
      {"kik", HandleType::user, "hwdemo.thorn", "hwdemo.thorn", "text", {35, 47}, Intent::advertised, 0.9});
  return post;
}

}  // namespace

TEST_CASE("two different reviewers confirm; one who says it twice is one") {
  TestStore test;
  test.record(judged({}));
  CHECK(state_after(test, says("Alice", ReviewVerdict::confirmed)) == HitState::fresh);
  CHECK(state_after(test, says(" ALICE ", ReviewVerdict::confirmed)) == HitState::fresh);
  CHECK(exported(test).empty());
  CHECK(state_after(test, says("bob", ReviewVerdict::confirmed)) == HitState::confirmed);
  CHECK(exported(test) == std::vector<std::string>{"wickr:hwdemo_rose"});
}

TEST_CASE("one confirmation is enough where the configuration says so") {
  TestStore test({.confirmations = 1});
  test.record(judged({}));
  CHECK(state_after(test, says("alice", ReviewVerdict::confirmed)) == HitState::confirmed);
  CHECK(exported(test).size() == 1);
  test.reopen({.confirmations = 2});
  CHECK(exported(test).empty());
}

TEST_CASE("to confirm takes a sign beyond the words, a name, and a handle") {
  TestStore test;
  test.record(two_handles());
  test.person("alice");
  const std::uint64_t before = db::audit_checkpoint(*test.store)->size;
  Said without_sign = says("alice", ReviewVerdict::confirmed, 1, 1);
  without_sign.review.sign.reset();
  CHECK(hear(test, without_sign).error().code == ErrorCode::usage);
  CHECK(hear(test, says("alice", ReviewVerdict::confirmed)).error().code == ErrorCode::usage);
  CHECK(hear(test, says("alice", ReviewVerdict::confirmed, 1, 99)).error().code == ErrorCode::not_found);
  CHECK(hear(test, says("alice", ReviewVerdict::confirmed, 99)).error().code == ErrorCode::not_found);
  CHECK(db::audit_checkpoint(*test.store)->size == before);  // nothing was said
}

TEST_CASE("each handle is confirmed on its own") {
  TestStore test;
  test.record(two_handles());
  for (const char* who : {"alice", "bob"}) REQUIRE_OK(hear(test, says(who, ReviewVerdict::confirmed, 1, 1)));
  CHECK(exported(test).size() == 1);
  REQUIRE_OK(hear(test, says("alice", ReviewVerdict::rejected, 1, 2)));
  CHECK(exported(test).size() == 1);
  CHECK(db::find_handle(*test.store, 1)->state == HitState::confirmed);
  CHECK(db::find_handle(*test.store, 2)->state == HitState::rejected);
}

TEST_CASE("confirmed and rejected is disputed; a later verdict of the same person takes the place of the earlier") {
  TestStore test;
  test.record(judged({}));
  for (const char* who : {"alice", "bob"}) REQUIRE_OK(hear(test, says(who, ReviewVerdict::confirmed)));
  std::int64_t first_export = 0;
  CHECK(exported(test, &first_export).size() == 1);
  const auto overturned = hear(test, says("carol", ReviewVerdict::rejected));
  REQUIRE_OK(overturned);
  CHECK(overturned->state == HitState::disputed);
  CHECK(overturned->recall == std::vector<std::int64_t>{first_export});
  CHECK(exported(test).empty());
  CHECK(state_after(test, says("carol", ReviewVerdict::seed)) == HitState::confirmed);
  CHECK(exported(test).size() == 1);
  REQUIRE_OK(hear(test, says("alice", ReviewVerdict::rejected)));
  REQUIRE_OK(hear(test, says("bob", ReviewVerdict::rejected)));
  CHECK(db::find_hit(*test.store, 1)->state == HitState::rejected);
  CHECK(db::reviews_of(*test.store, 1)->size() == 3);
}

TEST_CASE("a rejection of the whole post rejects each of its handles, and the post is not raised again") {
  TestStore test;
  const db::Judged post = two_handles();
  test.record(post);
  CHECK(state_after(test, says("alice", ReviewVerdict::rejected)) == HitState::rejected);
  CHECK(db::find_handle(*test.store, 2)->state == HitState::rejected);
  CHECK(test.record(post).known == 1);
  REQUIRE_OK(hear(test, says("alice", ReviewVerdict::seed)));
  CHECK(db::find_hit(*test.store, 1)->state == HitState::seed);
}

TEST_CASE("an edit does not wash away what reviewers relied on, and a rejection does not outlive its words") {
  TestStore test;
  test.record({judged({.id = "kept"}), judged({.id = "other", .author = "Two", .handle = "hwdemo_two"})});
  REQUIRE_OK(hear(test, says("alice", ReviewVerdict::confirmed, 1)));
  REQUIRE_OK(hear(test, says("alice", ReviewVerdict::rejected, 2)));
  CHECK(test.record({judged({.id = "kept", .handle = "hwdemo_new"}),
                     judged({.id = "other", .author = "Two", .handle = "hwdemo_three"})})
            .updated == 2);
  const auto kept = db::find_hit(*test.store, 1);
  CHECK(kept->handles.size() == 2);
  const db::Opener opener = test.opener();
  CHECK(db::open_hit(*test.store, opener, 1)->verdict.handles[0].handle == "hwdemo_new");
  const auto earlier = db::open_earlier(*test.store, opener, 1);
  REQUIRE_OK(earlier);
  REQUIRE(earlier->size() == 1);
  CHECK(earlier->front().verdict.handles[0].handle == "hwdemo_rose");
  const auto other = db::find_hit(*test.store, 2);
  CHECK(other->state == HitState::fresh);
  CHECK(other->handles.size() == 1);
  CHECK(db::open_earlier(*test.store, opener, 2)->empty());
  CHECK(db::list_handles(*test.store, {})->size() == 3);
}

TEST_CASE("an edit that keeps the handle keeps its row") {
  TestStore test;
  test.record({judged({}), judged({.id = "p2", .author = "B", .handle = "hwdemo_b"})});
  test.record(judged({.text = "still, my wickr is hwdemo_rose"}));
  const auto row = db::find_hit(*test.store, 1);
  CHECK(row->handles == std::vector<std::int64_t>{1});
  CHECK(row->account == 1);
}

TEST_CASE("an export needs a case and a purpose") {
  TestStore test;
  for (const db::ExportOrder& order :
       {db::ExportOrder{"handles", " ", "p", "csv"}, db::ExportOrder{"handles", "c", "", "csv"}})
    CHECK(db::begin_export(*test.store, test.exporter(), order).error().code == ErrorCode::usage);
  CHECK(db::list_exports(*test.store)->empty());
}

TEST_CASE("nobody does what their role does not allow, and nobody both judges and exports unless the policy says so") {
  TestStore test;
  test.record(judged({}));
  const db::Review rejection{1, {}, ReviewVerdict::rejected, {}};
  const db::ExportOrder order{"handles", "c", "p", "csv"};
  const db::Person& auditor = test.person("ann", {db::Role::auditor});
  CHECK(db::review(*test.store, auditor, rejection).error().code == ErrorCode::refused);
  CHECK(db::review(*test.store, test.exporter(), rejection).error().code == ErrorCode::refused);
  CHECK(db::review(*test.store, test.store->host(), rejection).error().code == ErrorCode::refused);
  CHECK(db::begin_export(*test.store, test.person("alice"), order).error().code == ErrorCode::refused);
  const db::Person& both = test.person("bob", {db::Role::reviewer, db::Role::exporter});
  CHECK(db::begin_export(*test.store, both, order).error().code == ErrorCode::refused);
  test.reopen({.one_person = true});
  CHECK(db::begin_export(*test.store, both, order).has_value());
  const db::Person& guard = test.person("gus", {db::Role::safeguarding});
  CHECK(db::review(*test.store, guard, rejection).error().code == ErrorCode::refused);
  CHECK(db::review(*test.store, guard, {1, {}, ReviewVerdict::safeguarding, {}}).has_value());
}
