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
