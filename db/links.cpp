#include "db/links.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "db/link_sql.h"
#include "db/work.h"

namespace hw::db {
namespace {

constexpr std::array<std::string_view, 4> kEdgeKinds{"advertised", "together", "same name", "alike texts"};

struct Step {
  EdgeKind kind;
  NodeKind from;
  NodeKind to;
  std::string_view neighbours;
  std::string_view evidence;
};
constexpr std::array kSteps{
    Step{EdgeKind::advertised, NodeKind::handle, NodeKind::account, sql::kAccountsOfHandle, sql::kAdvertHits},
    Step{EdgeKind::advertised, NodeKind::account, NodeKind::handle, sql::kHandlesOfAccount, sql::kAdvertHits},
    Step{EdgeKind::together, NodeKind::handle, NodeKind::handle, sql::kTogetherWith, sql::kTogetherHits},
    Step{EdgeKind::same_name, NodeKind::handle, NodeKind::handle, sql::kSameName, sql::kSameNameHits},
    Step{EdgeKind::alike_texts, NodeKind::account, NodeKind::account, sql::kAlikeAccounts, sql::kAlikeHits},
};

class Walk {
 public:
  Walk(Work& work, const WalkLimits& limits) : work_(work), limits_(limits) {}

  Graph from(const NodeName& start) {
    visit(start, 0);
    for (std::size_t next = 0; next < graph_.nodes.size(); ++next)
      expand(graph_.nodes[next].name, graph_.nodes[next].depth);
    for (Node& node : graph_.nodes) learn(node);
    for (const auto& [key, step] : edges_) add_edge(key, *step);
    return std::move(graph_);
  }

 private:
  using Key = std::tuple<EdgeKind, NodeName, NodeName>;

  void visit(const NodeName& name, int depth) {
    if (seen_.contains(name)) return;
    if (graph_.nodes.size() >= limits_.most_nodes) {
      graph_.cut = true;
      return;
    }
    seen_.insert(name);
    graph_.nodes.push_back({name, depth, 0, {}, {}, {}});
  }

  // By value: what is expanded grows the list that it came from.
  void expand(NodeName name, int depth) {
    if (depth >= limits_.depth) return;
    for (const Step& step : kSteps) {
      if (step.from != name.kind || work_.failed()) continue;
      if (limits_.strength == Strength::strong_only && is_weak(step.kind)) continue;
      Query query(work_, step.neighbours);
      query.number(name.row).number(static_cast<std::int64_t>(limits_.most_nodes) + 1);
      while (query.next()) {
        const NodeName other{step.to, query.number_at(0)};
        visit(other, depth + 1);
        edges_.emplace(key_of(step.kind, name, other), &step);
      }
    }
  }

  // An edge has one direction: from the account to the handle, else from the lower row.
  static Key key_of(EdgeKind kind, const NodeName& a, const NodeName& b) {
    const bool swap = kind == EdgeKind::advertised ? a.kind == NodeKind::handle : b < a;
    return swap ? Key{kind, b, a} : Key{kind, a, b};
  }

  void learn(Node& node) {
    const bool handle = node.name.kind == NodeKind::handle;
    Query facts(work_, handle ? sql::kHandleFacts : sql::kAccountFacts);
    if (facts.number(node.name.row).next()) {
      node.adverts = static_cast<std::size_t>(facts.number_at(0));
      node.first_day = day_text(facts.number_at(1));
      node.last_day = day_text(facts.number_at(2));
    }
    Query platforms(work_, handle ? sql::kHandlePlatforms : sql::kAccountPlatforms);
    platforms.number(node.name.row);
    while (platforms.next()) node.platforms.push_back(platforms.text_at(0));
  }

  void add_edge(const Key& key, const Step& step) {
    const auto& [kind, from, to] = key;
    if (!seen_.contains(from) || !seen_.contains(to)) return;
    Edge edge{kind, from, to, 0, {}, {}, {}};
    std::int64_t first = INT64_MAX;
    std::int64_t last = 0;
    Query query(work_, step.evidence);
    query.number(from.row).number(to.row);
    while (query.next()) {
      ++edge.adverts;
      if (edge.hits.size() < Graph::kShownHits) edge.hits.push_back(query.number_at(0));
      first = std::min(first, query.number_at(1));
      last = std::max(last, query.number_at(2));
    }
    if (edge.adverts == 0) return;
    edge.first_day = day_text(first);
    edge.last_day = day_text(last);
    graph_.edges.push_back(std::move(edge));
  }

  Work& work_;
  WalkLimits limits_;
  Graph graph_;
  std::set<NodeName> seen_;
  std::map<Key, const Step*> edges_;
};

bool exists(Work& work, const NodeName& node) {
  Query query(work, node.kind == NodeKind::handle ? sql::kHandleExists : sql::kAccountExists);
  return query.number(node.row).next();
}

}  // namespace

std::string_view to_string(NodeKind kind) { return kind == NodeKind::handle ? "handle" : "account"; }
std::string to_string(const NodeName& node) { return fmt::format("{} {}", to_string(node.kind), node.row); }
std::string_view to_string(EdgeKind kind) { return kEdgeKinds[static_cast<std::size_t>(kind)]; }
bool is_weak(EdgeKind kind) { return kind == EdgeKind::same_name || kind == EdgeKind::alike_texts; }

Result<Graph> links(Store& store, const NodeName& from, const WalkLimits& limits) {
  Work work(store.core(), Work::Access::read);
  if (!exists(work, from))
    work.fail({ErrorCode::not_found, fmt::format("there is no {}; handlewatch {}s list shows those there are",
                                                 to_string(from), to_string(from.kind))});
  if (work.failed()) return tl::unexpected(*work.error());
  Graph graph = Walk(work, limits).from(from);
  return work.finish(std::move(graph));
}

}  // namespace hw::db
