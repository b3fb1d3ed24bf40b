// What is kept beside a hit's text, and what became of its post later.
#include <doctest/doctest.h>

#include "db/exports.h"
#include "db/hits.h"
#include "db/payload.h"
#include "db/reviews.h"
#include "db/sightings.h"
#include "tests/db/helpers.h"

using namespace hw;
using namespace hw::test;

namespace {

db::Judged captured(const Advert& advert = {}) {
  db::Judged post = judged(advert);
  post.post.as_served = "<div>my wickr is hwdemo_rose</div>";
  post.capture = R"({"via":"crawl"})";
  post.page = "<html>all of it</html>";
  return post;
}

void confirm(TestStore& world, std::int64_t hit) {
  db::Review review;
  review.hit = hit;
  review.verdict = db::ReviewVerdict::confirmed;
  review.sign = db::Sign::profile;
  for (const char* who : {"alice", "bob"}) REQUIRE_OK(db::review(*world.store, world.person(who), review));
}

}  // namespace

TEST_CASE("capture, post as served and page are sealed with the hit and come back with it") {
  TestStore world;
  world.record(captured());
  const auto opened = db::open_hit(*world.store, world.opener(), 1);
  REQUIRE_OK(opened);
  CHECK(opened->post.as_served == captured().post.as_served);
  CHECK(opened->capture == captured().capture);
  CHECK(opened->page == captured().page);
  const std::string disk = read_file(world.folder / "store.db") + read_file(world.folder / "store.db-wal");
  for (const char* part : {"hwdemo_rose", "all of it", "crawl\"}"}) CHECK(disk.find(part) == std::string::npos);
}

TEST_CASE("media addresses in what was served are cut before it is sealed") {
  TestStore world;
  db::Judged post = captured();
  post.post.as_served = "<div>see https://example.org/a/secret.jpg</div>";
  world.record(post);
  CHECK(db::open_hit(*world.store, world.opener(), 1)->post.as_served == "<div>see [cut]</div>");
}

TEST_CASE("a hold takes the evidence along") {
  TestStore world;
  world.record(captured());
  world.record(captured({.id = "p2", .flags = {Flag::possible_minor}}));
  world.opener();  // a reader's unlocking seals the earlier hit anew
  const db::Opener safeguarding = world.opener(db::KeyClass::safeguarding);
  const auto referrals = db::list_referrals(*world.store, safeguarding);
  REQUIRE_OK(referrals);
  REQUIRE(referrals->size() == 2);
  for (const db::Referral& referral : *referrals) CHECK(referral.judged->capture == captured().capture);
}

TEST_CASE("records of a version without evidence still open, and what is longer or shorter does not") {
  const std::string packed = db::pack_judged(captured());
  REQUIRE_OK(db::unpack_judged(packed));
  const auto fields = db::unpack(packed, 7);
  REQUIRE_OK(fields);
  const auto early = db::unpack_judged(db::pack({(*fields)[0], (*fields)[1], (*fields)[2], (*fields)[3]}));
  REQUIRE_OK(early);
  CHECK(early->capture.empty());
  CHECK(early->post.text == captured().post.text);
  CHECK_FALSE(db::unpack_judged(packed + "1:x").has_value());
  CHECK_FALSE(db::unpack_judged(db::pack({(*fields)[0], (*fields)[1], (*fields)[2]})).has_value());
}

TEST_CASE("an account that is gone is noted on each of its hits, on its own platform alone") {
  TestStore world;
  world.record(captured({.author_id = "a1"}));
  world.record(captured({.id = "p2", .author_id = "a1"}));
  world.record(captured({.id = "p3", .author = "a1"}));
  const Post post = captured().post;
  const std::vector<std::string> gone{"a1", "nobody", ""};
  CHECK(db::note_accounts_gone(*world.store, "elsewhere", gone, world.clock.now()).value() == 0);
  CHECK(db::note_accounts_gone(*world.store, post.platform, gone, world.clock.now()).value() == 2);
  for (const int hit : {1, 2}) CHECK(db::sightings_of(*world.store, hit)->size() == 1);
}

TEST_CASE("a handle whose posts were all deleted since they were reviewed stays behind until somebody looks again") {
  TestStore world;
  world.record(captured());
  world.record(captured({.id = "p2", .author = "Other"}));
  world.record(captured({.id = "p3", .author = "Third", .handle = "hwdemo_iris"}));
  for (const int hit : {1, 2, 3}) confirm(world, hit);
  const auto exported = [&] {
    const auto made = db::begin_export(*world.store, world.exporter(), {"handles", "2026-17", "court request", "csv"});
    REQUIRE_OK(made);
    std::vector<std::string> handles;
    REQUIRE_OK(db::export_handles(*world.store, world.opener(), *made, [&](const db::ExportedHandle& handle) {
      handles.push_back(handle.name.handle);
      return Status();
    }));
    return handles;
  };
  const auto left_behind = [&] { return db::count_left_behind(*world.store).value(); };
  const auto to_review = [&] { return db::count_hits(*world.store, {.deleted = true}).value(); };
  const auto vanish = [&](const std::string& id) {
    Post gone = captured({.id = id}).post;
    gone.state = PostState::deleted;
    REQUIRE_OK(db::note_deleted(*world.store, std::vector<Post>{gone}, world.clock.now()));
  };
  using Handles = std::vector<std::string>;
  const std::string rose = captured().verdict.handles.front().handle;
  CHECK(exported() == Handles{rose, "hwdemo_iris"});
  world.clock.advance(std::chrono::hours(24));
  vanish(captured().post.id);
  CHECK(exported() == Handles{rose, "hwdemo_iris"});  // the other post stands
  CHECK(left_behind() == 0);
  CHECK(to_review() == 1);
  vanish("p2");
  CHECK(exported() == Handles{"hwdemo_iris"});
  CHECK(left_behind() == 1);
  CHECK(to_review() == 2);
  CHECK_FALSE(db::is_exportable(*world.store, 1).value());
  CHECK(db::list_recalls(*world.store)->empty());  // what left before was right when it left
  confirm(world, 2);
  CHECK(exported() == Handles{rose, "hwdemo_iris"});
  CHECK(left_behind() == 0);
  CHECK(to_review() == 1);
}

TEST_CASE("a post that is later seen edited or deleted is noted, day by day, and only added to") {
  TestStore world;
  world.record(captured());
  confirm(world, 1);
  CHECK(db::deleted_since_review(*world.store, 1).value() == false);
  world.clock.advance(std::chrono::hours(24));
  db::Judged edited = captured({.text = "now my wickr is hwdemo_rose, write"});
  edited.seen_at = world.clock.now();
  world.record(edited);
  Post gone = captured().post;
  gone.state = PostState::deleted;
  const Post other = judged({.id = "never a hit"}).post;
  for (int day = 0; day < 2; ++day) {
    const std::vector<Post> page{gone, other};
    CHECK(db::note_deleted(*world.store, page, world.clock.now()).value() == 1);
    CHECK(db::note_deleted(*world.store, page, world.clock.now()).value() == 1);
    world.clock.advance(std::chrono::hours(24));
  }
  const auto rows = db::sightings_of(*world.store, 1);
  REQUIRE_OK(rows);
  REQUIRE(rows->size() == 3);
  CHECK((*rows)[0].what == db::Sighting::edited);
  CHECK((*rows)[1].what == db::Sighting::deleted);
  CHECK((*rows)[1].day == "2026-11-23");
  CHECK((*rows)[2].day == "2026-11-24");
  CHECK(db::deleted_since_review(*world.store, 1).value());
  confirm(world, 1);
  CHECK_FALSE(db::deleted_since_review(*world.store, 1).value());
}
