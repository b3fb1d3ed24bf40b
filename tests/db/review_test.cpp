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

db::Review says(std::string who, ReviewVerdict verdict, std::int64_t hit = 1, std::optional<std::int64_t> handle = {}) {
  return {hit, handle, verdict, std::move(who),
          verdict == ReviewVerdict::confirmed ? std::optional(Sign::profile) : std::nullopt};
}

HitState state_after(TestStore& test, const db::Review& review) {
  const auto reviewed = db::review(*test.store, review);
  REQUIRE_OK(reviewed);
  const auto row = db::find_hit(*test.store, review.hit);
  REQUIRE_OK(row);
  CHECK(row->state == reviewed->state);
  return reviewed->state;
}

std::vector<std::string> exported(TestStore& test, std::int64_t* id = nullptr) {
  const db::Opener opener = test.opener();
  const auto made = db::begin_export(*test.store, {"handles", "erin", "case 7", "test", "csv"});
  REQUIRE_OK(made);
  if (id != nullptr) *id = made->id;
  std::vector<std::string> handles;
  const auto count = db::export_handles(*test.store, opener, *made, [&](const db::ExportedHandle& handle) -> Status {
    handles.push_back(handle.name.messenger + ":" + handle.name.handle);
    return {};
  });
  REQUIRE_OK(count);
  CHECK(*count == handles.size());
  REQUIRE_OK(db::finish_export(*test.store, *made, *count, std::string(64, '0')));
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
  db::Review review = says("alice", ReviewVerdict::confirmed, 1, 1);
  review.sign.reset();
  CHECK(db::review(*test.store, review).error().code == ErrorCode::usage);
  CHECK(db::review(*test.store, says(" \t", ReviewVerdict::rejected)).error().code == ErrorCode::usage);
  CHECK(db::review(*test.store, says("al\nice", ReviewVerdict::rejected)).error().code == ErrorCode::usage);
  CHECK(db::review(*test.store, says("alice", ReviewVerdict::confirmed)).error().code == ErrorCode::usage);
  CHECK(db::review(*test.store, says("alice", ReviewVerdict::confirmed, 1, 99)).error().code == ErrorCode::not_found);
  CHECK(db::review(*test.store, says("alice", ReviewVerdict::confirmed, 99)).error().code == ErrorCode::not_found);
  CHECK(db::audit_log(*test.store)->size() == 1);  // init alone: nothing was said
}

TEST_CASE("each handle is confirmed on its own") {
  TestStore test;
  test.record(two_handles());
  for (const char* who : {"alice", "bob"})
    REQUIRE_OK(db::review(*test.store, says(who, ReviewVerdict::confirmed, 1, 1)));
  CHECK(exported(test).size() == 1);
  REQUIRE_OK(db::review(*test.store, says("alice", ReviewVerdict::rejected, 1, 2)));
  CHECK(exported(test).size() == 1);
  CHECK(db::find_handle(*test.store, 1)->state == HitState::confirmed);
  CHECK(db::find_handle(*test.store, 2)->state == HitState::rejected);
}

TEST_CASE("confirmed and rejected is disputed; a later verdict of the same person takes the place of the earlier") {
  TestStore test;
  test.record(judged({}));
  for (const char* who : {"alice", "bob"}) REQUIRE_OK(db::review(*test.store, says(who, ReviewVerdict::confirmed)));
  std::int64_t first_export = 0;
  CHECK(exported(test, &first_export).size() == 1);
  const auto overturned = db::review(*test.store, says("carol", ReviewVerdict::rejected));
  REQUIRE_OK(overturned);
  CHECK(overturned->state == HitState::disputed);
  CHECK(overturned->recall == std::vector<std::int64_t>{first_export});
  CHECK(exported(test).empty());
  CHECK(state_after(test, says("carol", ReviewVerdict::seed)) == HitState::confirmed);
  CHECK(exported(test).size() == 1);
  REQUIRE_OK(db::review(*test.store, says("alice", ReviewVerdict::rejected)));
  REQUIRE_OK(db::review(*test.store, says("bob", ReviewVerdict::rejected)));
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
  REQUIRE_OK(db::review(*test.store, says("alice", ReviewVerdict::seed)));
  CHECK(db::find_hit(*test.store, 1)->state == HitState::seed);
}

TEST_CASE("an edit does not wash away what reviewers relied on, and a rejection does not outlive its words") {
  TestStore test;
  test.record({judged({.id = "kept"}), judged({.id = "other", .author = "Two", .handle = "hwdemo_two"})});
  REQUIRE_OK(db::review(*test.store, says("alice", ReviewVerdict::confirmed, 1)));
  REQUIRE_OK(db::review(*test.store, says("alice", ReviewVerdict::rejected, 2)));
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

TEST_CASE("an export needs a name, a case and a purpose") {
  TestStore test;
  for (const db::ExportOrder& order :
       {db::ExportOrder{"handles", "", "c", "p", "csv"}, db::ExportOrder{"handles", "b", " ", "p", "csv"},
        db::ExportOrder{"handles", "b", "c", "", "csv"}})
    CHECK(db::begin_export(*test.store, order).error().code == ErrorCode::usage);
  CHECK(db::list_exports(*test.store)->empty());
}
