#include "db/links.h"

#include <array>
#include <bit>
#include <random>

#include <doctest/doctest.h>

#include "common/sqlite.h"
#include "db/handles.h"
#include "db/hits.h"
#include "db/link_sql.h"
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
  auto graph = db::links(*test.store, {kind, row}, {.depth = depth, .most_nodes = most});
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
                                 [](const db::Edge& e) { return e.from.row == 2 && e.to.row == 1; });
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
  CHECK(db::links(*test.store, {NodeKind::handle, 99}, {.depth = 2}).error().code == ErrorCode::not_found);
  CHECK(db::links(*test.store, {NodeKind::account, 99}, {.depth = 2}).error().code == ErrorCode::not_found);
  const db::Graph cut = walk(test, NodeKind::handle, 1, 10, 3);
  CHECK(cut.cut);
  CHECK(cut.nodes.size() == 3);
  for (const db::Edge& edge : cut.edges) CHECK((edge.to.row == 1 || edge.from.row <= 2));
}

TEST_CASE("what is held does not bridge") {
  TestStore test;
  fill(test);
  REQUIRE_OK(db::review(*test.store, test.person("alice"),
                        {2, {}, db::ReviewVerdict::safeguarding, {}}));  // account a2 and handle h1
  CHECK(db::links(*test.store, {NodeKind::handle, 1}, {.depth = 10}).error().code == ErrorCode::not_found);
  const db::Graph rest = walk(test, NodeKind::handle, 2, 10);
  CHECK(rest.edges.size() == 1);
  CHECK(rest.edges[0].from.row == 3);
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

namespace {

const db::Edge* edge_of(const db::Graph& graph, db::EdgeKind kind) {
  const auto found =
      std::find_if(graph.edges.begin(), graph.edges.end(), [&](const db::Edge& edge) { return edge.kind == kind; });
  return found == graph.edges.end() ? nullptr : &*found;
}

db::Judged with_likeness(const Advert& advert, std::uint64_t bits) {
  db::Judged out = judged(advert);
  out.likeness = bits;
  return out;
}

// One post that advertises two handles.
db::Judged both(const std::string& id, const std::string& author, const std::string& one, const std::string& other) {
  db::Judged out = judged({.id = id, .author = author, .handle = one});
  HandleFound second = out.verdict.handles[0];
  second.messenger = "kik";
  second.handle = second.raw = other;
  out.verdict.handles.push_back(second);
  return out;
}

constexpr std::uint64_t kBits = 0x0123456789abcdefU;

}  // namespace

TEST_CASE("handles advertised together, and the same name on another messenger, spelled otherwise") {
  TestStore test;
  test.record({both("1", "a1", "hwdemo_one", "hwdemo_two"),
               judged({.id = "2", .author = "a2", .handle = "HWdemo.one", .messenger = "telegram"}),
               judged({.id = "3", .author = "a3", .handle = "hwde", .messenger = "kik"}),
               judged({.id = "4", .author = "a4", .handle = "hw_de", .messenger = "wickr"})});
  const db::Graph graph = walk(test, NodeKind::handle, 1, 2);
  const db::Edge* together = edge_of(graph, db::EdgeKind::together);
  REQUIRE(together != nullptr);
  CHECK(together->hits == std::vector<std::int64_t>{1});
  CHECK_FALSE(db::is_weak(together->kind));
  const db::Edge* same = edge_of(graph, db::EdgeKind::same_name);
  REQUIRE(same != nullptr);
  CHECK(db::is_weak(same->kind));
  CHECK(same->hits == std::vector<std::int64_t>{1, 2});
  const auto strong =
      db::links(*test.store, {NodeKind::handle, 1}, {.depth = 5, .strength = db::Strength::strong_only});
  REQUIRE_OK(strong);
  CHECK(edge_of(*strong, db::EdgeKind::same_name) == nullptr);
  // Four letters meet by chance.
  const std::int64_t last = db::list_handles(*test.store, {})->front().handle;
  CHECK(edge_of(walk(test, NodeKind::handle, last, 3), db::EdgeKind::same_name) == nullptr);
}

TEST_CASE("texts that are nearly the same link their accounts, weakly, and no others") {
  TestStore test;
  test.record({with_likeness({.id = "1", .author = "a1", .handle = "hwdemo_1"}, kBits),
               with_likeness({.id = "2", .author = "a2", .handle = "hwdemo_2"}, kBits ^ 0b101U),
               with_likeness({.id = "3", .author = "a3", .handle = "hwdemo_3"}, kBits ^ 0x00000000ffU),
               with_likeness({.id = "4", .author = "a1", .handle = "hwdemo_1"}, kBits),
               with_likeness({.id = "5", .author = "a5", .handle = "hwdemo_5"}, ~kBits)});
  const db::Graph graph = walk(test, NodeKind::account, 1, 1);
  const db::Edge* alike = edge_of(graph, db::EdgeKind::alike_texts);
  REQUIRE(alike != nullptr);
  CHECK(alike->to == db::NodeName{NodeKind::account, 2});
  CHECK(alike->hits == std::vector<std::int64_t>{1, 2, 4});
  CHECK(std::count_if(graph.edges.begin(), graph.edges.end(),
                      [](const db::Edge& edge) { return edge.kind == db::EdgeKind::alike_texts; }) == 1);
  // An edit says something else, and what it said before links nothing any more.
  db::Judged edited = judged({.id = "2", .author = "a2", .handle = "hwdemo_2", .text = "other words, wickr hwdemo_2"});
  edited.likeness = ~kBits;
  test.record(edited);
  const db::Graph after = walk(test, NodeKind::account, 1, 1);
  CHECK(edge_of(after, db::EdgeKind::alike_texts) == nullptr);
  CHECK(edge_of(walk(test, NodeKind::account, 2, 1), db::EdgeKind::alike_texts)->to.row == 4);
}

TEST_CASE("every pair that differs in three bits is found, and a crowd hangs together") {
  std::uint64_t bits = 1;
  for (int i = 0; i < 40; ++i) {
    TestStore test;
    bits = bits * 6364136223846793005U + 1442695040888963407U;
    const std::uint64_t near = bits ^ (std::uint64_t{1} << (bits % 61)) ^ (std::uint64_t{1} << (bits / 64 % 61)) ^
                               (std::uint64_t{1} << (bits / 4096 % 61));
    test.record({with_likeness({.id = "1", .author = "a1"}, bits), with_likeness({.id = "2", .author = "a2"}, near)});
    CHECK(edge_of(walk(test, NodeKind::account, 1, 1), db::EdgeKind::alike_texts) != nullptr);
  }
  TestStore test;
  for (int i = 0; i < 60; ++i)
    test.record(with_likeness({.id = std::to_string(i),
                               .author = "a" + std::to_string(i),
                               .handle = "hwdemo_" + std::to_string(i) + "_" + std::to_string(i * 7)},
                              kBits));
  std::size_t accounts = 0;
  for (const db::Node& node : walk(test, NodeKind::account, 1, 10).nodes)
    accounts += node.name.kind == NodeKind::account ? 1 : 0;
  CHECK(accounts == 60);
}

TEST_CASE("how many pairs of texts are found, by how far they are apart") {
  // What four bands of sixteen bits come to by reckoning: 1, 1, 1, 1, 0.90, 0.74, 0.59; past six bits nothing counts.
  constexpr std::array kAtLeast{1.0, 1.0, 1.0, 1.0, 0.82, 0.64, 0.48, 0.0};
  constexpr std::size_t kPairs = 150;
  std::mt19937_64 random(11);
  for (std::size_t apart = 0; apart < kAtLeast.size(); ++apart) {
    TestStore test;
    std::vector<db::Judged> posts;
    for (std::size_t pair = 0; pair < kPairs; ++pair) {
      const std::uint64_t bits = random();
      std::uint64_t near = bits;
      while (static_cast<std::size_t>(std::popcount(bits ^ near)) < apart) near ^= std::uint64_t{1} << (random() % 64);
      for (const auto& [n, of] : {std::pair{2 * pair, bits}, {2 * pair + 1, near}})
        posts.push_back(with_likeness({.id = std::to_string(n),
                                       .author = "a" + std::to_string(n),
                                       .handle = "hwdemo_" + std::to_string(n * 7919)},
                                      of));
    }
    test.record(posts);
    std::size_t found = 0;
    for (std::size_t pair = 0; pair < kPairs; ++pair)
      found += edge_of(walk(test, NodeKind::account, static_cast<std::int64_t>(2 * pair + 1), 1),
                       db::EdgeKind::alike_texts) != nullptr
                   ? 1U
                   : 0U;
    const double recall = static_cast<double>(found) / kPairs;
    MESSAGE(apart << " bits apart: " << recall);
    CHECK(recall >= kAtLeast[apart]);
    if (apart > 6) CHECK(recall == 0);
  }
}

TEST_CASE("what is held leaves no weak link either") {
  TestStore test;
  test.record({with_likeness({.id = "1", .author = "a1", .handle = "hwdemo_same"}, kBits),
               with_likeness({.id = "2", .author = "a2", .handle = "hwdemo.same", .messenger = "kik"}, kBits),
               with_likeness({.id = "3", .author = "a3", .handle = "hwdemo_third"}, kBits)});
  REQUIRE_OK(db::review(*test.store, test.person("alice"), {2, {}, db::ReviewVerdict::safeguarding, {}}));
  for (const db::NodeName& start : {db::NodeName{NodeKind::handle, 1}, db::NodeName{NodeKind::account, 3}}) {
    const auto graph = db::links(*test.store, start, {.depth = 10});
    REQUIRE_OK(graph);
    for (const db::Node& node : graph->nodes) CHECK(node.name.row != 2);
    for (const db::Edge& edge : graph->edges)
      CHECK(std::find(edge.hits.begin(), edge.hits.end(), 2) == edge.hits.end());
  }
  CHECK(walk(test, NodeKind::account, 1, 10).nodes.size() == 4);  // a1 and a3 still say the same
}

TEST_CASE("clusters: what hangs together by strong links, the largest first, and nothing held") {
  TestStore test;
  fill(test);
  const auto all = db::clusters(*test.store, 2, 10);
  REQUIRE_OK(all);
  REQUIRE(all->size() == 2);
  CHECK((*all)[0].handles == std::vector<std::int64_t>{1, 2});
  CHECK((*all)[0].accounts == std::vector<std::int64_t>{1, 2, 3});
  CHECK((*all)[0].adverts == 5);
  CHECK((*all)[0].platforms == std::vector<std::string>{"forum.example"});
  CHECK(db::clusters(*test.store, 3, 10)->size() == 1);
  CHECK(db::clusters(*test.store, 2, 1)->size() == 1);
  REQUIRE_OK(db::review(*test.store, test.person("alice"), {2, {}, db::ReviewVerdict::safeguarding, {}}));  // a2 and h1
  const auto rest = db::clusters(*test.store, 2, 10);
  REQUIRE_OK(rest);
  REQUIRE(rest->size() == 2);
  for (const db::Cluster& cluster : *rest) CHECK(cluster.accounts.size() == 1);
}

TEST_CASE("one account over time: which messenger from when to when") {
  TestStore test;
  const auto day = [](const char* text) { return *parse_rfc3339(std::string(text) + "T10:00:00Z"); };
  test.record({judged({.id = "1", .author = "a1", .handle = "hwdemo_old1"}, day("2023-10-01")),
               judged({.id = "2", .author = "a1", .handle = "hwdemo_old1"}, day("2023-12-30")),
               judged({.id = "3", .author = "a1", .handle = "hwdemo_new1", .messenger = "session"}, day("2024-01-09")),
               judged({.id = "4", .author = "a2", .handle = "hwdemo_only"}, day("2024-01-09"))});
  const auto lines = db::timelines(*test.store, test.opener(), 0);
  REQUIRE_OK(lines);
  REQUIRE(lines->size() == 1);
  const auto& presences = lines->front().presences;
  REQUIRE(presences.size() == 2);
  CHECK(presences[0].messenger == "wickr");
  CHECK(presences[0].first_day == "2023-10-01");
  CHECK(presences[0].last_day == "2023-12-30");
  CHECK(presences[1].messenger == "session");
  CHECK(db::timelines(*test.store, test.opener(), 2)->size() == 1);
  CHECK_FALSE(db::timelines(*test.store, test.opener(db::KeyClass::safeguarding), 0).has_value());
}

TEST_CASE("no look-up of a walk scans a table, whatever the store holds") {
  TestStore test;
  fill(test);
  auto database = Database::open(test.folder / "store.db", Durability::normal);
  REQUIRE_OK(database);
  for (const std::string_view sql : db::sql::kLookups) {
    auto plan = database->prepare("EXPLAIN QUERY PLAN " + std::string(sql));
    REQUIRE_OK(plan);
    std::size_t steps = 0;
    for (auto row = plan->step(); row && *row; row = plan->step()) {
      ++steps;
      const std::string step(plan->text(3));
      CHECK_MESSAGE(step.find("SCAN") == std::string::npos, step << " in " << std::string(sql));
    }
    CHECK(steps > 0);
  }
}
