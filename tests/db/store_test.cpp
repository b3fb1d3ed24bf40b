#include "db/store.h"

#include <doctest/doctest.h>

#include "db/hits.h"
#include "tests/db/helpers.h"

using namespace hw;
using namespace hw::test;

TEST_CASE("a hit is recorded once, listed in clear and opened with the reader's key") {
  TestStore test;
  const db::Judged advert = judged({});
  CHECK(test.record(advert).fresh == 1);
  const auto rows = db::list_hits(*test.store, {});
  REQUIRE_OK(rows);
  REQUIRE(rows->size() == 1);
  const db::HitRow& row = rows->front();
  CHECK(row.platform == "forum.example");
  CHECK(row.source == "garden");
  CHECK(row.day == "2026-11-22");
  CHECK(row.band == Band::medium);
  CHECK(row.state == db::HitState::fresh);
  CHECK(row.rules == std::vector<std::string>{"term.nolimits"});
  CHECK(row.handles.size() == 1);
  CHECK(row.marks.empty());
  const auto opened = db::open_hit(*test.store, test.opener(), row.hit);
  REQUIRE_OK(opened);
  CHECK(opened->post == advert.post);
  CHECK(opened->verdict.handles == advert.verdict.handles);
  CHECK(opened->verdict.rules_hash == "rules-1");
  CHECK(opened->seen_at == advert.seen_at);
}

TEST_CASE("doing the same posts twice changes nothing") {
  TestStore test;
  const std::vector<db::Judged> posts{judged({}), judged({.id = "p2", .author = "Other"}),
                                      no_hit("p3", "fine weather")};
  const db::Recorded first = test.record(posts);
  CHECK(first.fresh == 2);
  const db::Recorded second = test.record(posts);
  CHECK(second.fresh == 0);
  CHECK(second.known == 2);
  CHECK(db::list_hits(*test.store, {})->size() == 2);
  const std::vector<Post> seen{posts[0].post, posts[2].post, judged({.id = "p9"}).post};
  const auto before = test.store->judged_before(seen, "rules-1");
  REQUIRE_OK(before);
  CHECK(*before == std::vector<bool>{true, true, false});
  CHECK(*test.store->judged_before(seen, "rules-2") == std::vector<bool>{false, false, false});
}

namespace {

// The same advert, in the profile that stands beside each post.
db::Judged beside_profile(const Advert& advert) {
  db::Judged post = judged(advert);
  post.post.author_bio = "nolimits, wickr: " + advert.handle;
  post.post.title.clear();
  post.post.text = "Good morning, post " + advert.id;
  for (HandleFound& found : post.verdict.handles) {
    found.field = "author_bio";
    found.span = {17, 17 + advert.handle.size()};
  }
  post.verdict.rules = {{"term.nolimits", "author_bio", {0, 8}, 1.2}};
  return post;
}

}  // namespace

TEST_CASE("a profile is raised once, not with each of its author's posts") {
  TestStore test;
  CHECK(test.record(beside_profile({.id = "p1"})).fresh == 1);
  const db::Recorded more = test.record({beside_profile({.id = "p2"}), beside_profile({.id = "p3"})});
  CHECK(more.fresh == 0);
  CHECK(more.known == 2);
  SUBCASE("somebody else with the same words is another lead") {
    CHECK(test.record(beside_profile({.id = "p4", .author = "Other"})).fresh == 1);
    CHECK(test.record(beside_profile({.id = "p4", .platform = "board.example"})).fresh == 1);
  }
  SUBCASE("so is another handle, and a stronger verdict") {
    CHECK(test.record(beside_profile({.id = "p5", .handle = "hwdemo_tulip"})).fresh == 1);
    CHECK(test.record(beside_profile({.id = "p6", .band = Band::high})).fresh == 1);
  }
  SUBCASE("what the author writes in a post is a lead of its own") {
    CHECK(test.record(judged({.id = "p7"})).fresh == 1);
    db::Judged partly = beside_profile({.id = "p8"});
    partly.verdict.rules.push_back({"term.taboo", "text", {0, 4}, 1.5});
    CHECK(test.record(partly).fresh == 1);
  }
  SUBCASE("one who states an age is held as ever, and what was raised with them") {
    CHECK(test.record(beside_profile({.id = "p9", .flags = {Flag::possible_minor}})).held == 1);
    CHECK(db::list_hits(*test.store, {})->empty());
  }
}
