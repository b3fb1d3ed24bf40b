#include "db/links.h"

#include <doctest/doctest.h>

#include "db/handles.h"
#include "db/hits.h"
#include "db/reviews.h"
#include "tests/db/helpers.h"

using namespace hw;
using namespace hw::test;
using db::NodeKind;

namespace {

// a1 – h1 – a2 – h2 – a3, and a4 – h3 apart.
void fill(TestStore& test) {
  test.record({judged({.id = "1", .author = "a1", .handle = "hwdemo_h1"}),
               judged({.id = "2", .author = "a2", .handle = "hwdemo_h1"}),
               judged({.id = "3", .author = "a2", .handle = "hwdemo_h2"}),
               judged({.id = "4", .author = "a3", .handle = "hwdemo_h2"}),
               judged({.id = "5", .author = "a2", .handle = "hwdemo_h1"}),
               judged({.id = "6", .author = "a4", .handle = "hwdemo_h3"})});
}

db::Graph walk(TestStore& test, NodeKind kind, std::int64_t row, int depth, std::size_t most = 1000) {
  auto graph = db::links(*test.store, kind, row, depth, most);
  REQUIRE_OK(graph);
  return std::move(*graph);
}

}  // namespace

TEST_CASE("links are walked to a depth, each edge once, with the hits that show it") {
  TestStore test;
  fill(test);
  CHECK(walk(test, NodeKind::handle, 1, 1).edges.size() == 2);
  const db::Graph far = walk(test, NodeKind::handle, 1, 3);
  CHECK(far.nodes.size() == 5);
  REQUIRE(far.edges.size() == 4);
  CHECK_FALSE(far.cut);
  const auto edge = std::find_if(far.edges.begin(), far.edges.end(),
                                 [](const db::Edge& e) { return e.account == 2 && e.handle == 1; });
  REQUIRE(edge != far.edges.end());
  CHECK(edge->adverts == 2);
  CHECK(edge->hits == std::vector<std::int64_t>{2, 5});
  CHECK(edge->first_day == "2026-11-22");
  CHECK(walk(test, NodeKind::account, 1, 10).edges.size() == 4);
  CHECK(walk(test, NodeKind::account, 4, 10).edges.size() == 1);
  CHECK(far.nodes.front().depth == 0);
  CHECK(far.nodes.back().depth == 3);
}

TEST_CASE("a walk from nowhere fails, a large one is cut and says so") {
  TestStore test;
  fill(test);
  CHECK(db::links(*test.store, NodeKind::handle, 99, 2).error().code == ErrorCode::not_found);
  CHECK(db::links(*test.store, NodeKind::account, 99, 2).error().code == ErrorCode::not_found);
  const db::Graph cut = walk(test, NodeKind::handle, 1, 10, 3);
  CHECK(cut.cut);
  CHECK(cut.nodes.size() == 3);
  for (const db::Edge& edge : cut.edges) CHECK((edge.handle == 1 || edge.account <= 2));
}

TEST_CASE("what is held does not bridge") {
  TestStore test;
  fill(test);
  REQUIRE_OK(db::review(*test.store, test.person("alice"),
                        {2, {}, db::ReviewVerdict::safeguarding, {}}));  // account a2 and handle h1
  CHECK(db::links(*test.store, NodeKind::handle, 1, 10).error().code == ErrorCode::not_found);
  const db::Graph rest = walk(test, NodeKind::handle, 2, 10);
  CHECK(rest.edges.size() == 1);
  CHECK(rest.edges[0].account == 3);
}

TEST_CASE("the same handle under several accounts and platforms is an independent sign, unless it was rejected there") {
  TestStore test;
  test.record({judged({.id = "1", .author = "a1"}), judged({.id = "2", .author = "a2", .platform = "other.example"})});
  const auto row = db::find_hit(*test.store, 1);
  CHECK(row->marks == std::vector<db::Mark>{db::Mark::several_accounts, db::Mark::several_platforms});
  CHECK(row->band == Band::high);
  CHECK(row->judged == Band::medium);
  CHECK(db::list_hits(*test.store, {.at_least = Band::high})->size() == 2);
  CHECK(db::count_hits(*test.store, {.at_least = Band::high}).value() == 2);
  CHECK(db::find_handle(*test.store, 1)->band == Band::high);
  REQUIRE_OK(db::review(*test.store, test.person("alice"), {2, {}, db::ReviewVerdict::rejected, {}}));
  CHECK(db::find_hit(*test.store, 1)->band == Band::medium);
  CHECK(db::list_hits(*test.store, {.at_least = Band::high})->empty());
}

TEST_CASE("filters: state, band, platform, source, day, and paging by row") {
  TestStore test;
  test.record({judged({.id = "1", .author = "a", .handle = "hwdemo_1", .band = Band::low}),
               judged({.id = "2", .author = "b", .handle = "hwdemo_2", .platform = "other.example"}),
               judged({.id = "3", .author = "c", .handle = "hwdemo_3", .band = Band::high},
                      *parse_rfc3339("2026-11-25T00:00:00Z"))});
  const auto hits = [&](const db::HitFilter& filter) {
    const auto rows = db::list_hits(*test.store, filter);
    REQUIRE_OK(rows);
    std::vector<std::int64_t> numbers;
    for (const db::HitRow& row : *rows) numbers.push_back(row.hit);
    if (filter.limit == 0 && filter.before == 0) CHECK(db::count_hits(*test.store, filter).value() == numbers.size());
    return numbers;
  };
  using Rows = std::vector<std::int64_t>;
  CHECK(hits({.limit = 0}) == Rows{3, 2, 1});
  CHECK(hits({.at_least = Band::medium, .limit = 0}) == Rows{3, 2});
  CHECK(hits({.at_least = Band::high, .limit = 0}) == Rows{3});
  CHECK(hits({.platform = "other.example", .limit = 0}) == Rows{2});
  CHECK(hits({.source = "nowhere", .limit = 0}).empty());
  CHECK(hits({.since = parse_rfc3339("2026-11-24T13:00:00Z"), .limit = 0}) == Rows{3});
  CHECK(hits({.limit = 2}) == Rows{3, 2});
  CHECK(hits({.before = 2, .limit = 2}) == Rows{1});
  REQUIRE_OK(db::review(*test.store, test.person("alice"), {2, {}, db::ReviewVerdict::rejected, {}}));
  CHECK(hits({.state = db::HitState::rejected, .limit = 0}) == Rows{2});
  CHECK(hits({.state = db::HitState::fresh, .platform = "forum.example", .limit = 0}) == Rows{3, 1});
  CHECK(db::list_handles(*test.store, {.state = db::HitState::rejected})->size() == 1);
  CHECK(db::list_handles(*test.store, {.platform = "other.example"})->size() == 1);
  CHECK(db::list_accounts(*test.store, {.platform = "forum.example", .limit = 1})->front().account == 3);
  CHECK(db::find_hit(*test.store, 99).error().code == ErrorCode::not_found);
}
