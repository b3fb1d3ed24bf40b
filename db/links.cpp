#include "db/links.h"

#include <set>

#include <fmt/format.h>

#include "db/work.h"

namespace hw::db {
namespace {

class Walk {
 public:
  Walk(Work& work, int depth, std::size_t most_nodes) : work_(work), depth_(depth), most_nodes_(most_nodes) {}

  Graph from(NodeKind kind, std::int64_t row) {
    visit(kind, row, 0);
    for (std::size_t next = 0; next < graph_.nodes.size(); ++next) expand(Node(graph_.nodes[next]));
    return std::move(graph_);
  }

 private:
  void visit(NodeKind kind, std::int64_t row, int depth) {
    if (!seen_.emplace(kind, row).second) return;
    if (graph_.nodes.size() >= most_nodes_) {
      graph_.cut = true;
      return;
    }
    graph_.nodes.push_back({kind, row, depth});
  }

  void expand(const Node& node) {
    if (node.depth >= depth_ || work_.failed()) return;
    const bool handle = node.kind == NodeKind::handle;
    // An account may have posted a hundred thousand adverts: no more neighbours are read than have a place.
    Query query(work_, handle ? "SELECT DISTINCT account FROM advert WHERE handle = ? AND account IS NOT NULL LIMIT ?"
                              : "SELECT DISTINCT handle FROM advert WHERE account = ? LIMIT ?");
    query.number(node.row).number(static_cast<std::int64_t>(most_nodes_) + 1);
    while (query.next()) {
      const std::int64_t other = query.number_at(0);
      visit(handle ? NodeKind::account : NodeKind::handle, other, node.depth + 1);
      add_edge(handle ? other : node.row, handle ? node.row : other);
    }
  }

  bool shown(NodeKind kind, std::int64_t row) const {
    for (const Node& node : graph_.nodes)
      if (node.kind == kind && node.row == row) return true;
    return false;
  }

  void add_edge(std::int64_t account, std::int64_t handle) {
    if (!edges_.emplace(account, handle).second) return;
    if (graph_.cut && !(shown(NodeKind::account, account) && shown(NodeKind::handle, handle))) return;
    Edge edge{account, handle, 0, {}, {}, {}};
    Query count(work_, R"(SELECT COUNT(*), MIN(h.day), MAX(h.last_day) FROM advert a JOIN hit h USING (hit)
        WHERE a.account = ? AND a.handle = ?)");
    if (count.number(account).number(handle).next()) {
      edge.adverts = static_cast<std::size_t>(count.number_at(0));
      edge.first_day = day_text(count.number_at(1));
      edge.last_day = day_text(count.number_at(2));
    }
    Query hits(work_, "SELECT hit FROM advert WHERE account = ? AND handle = ? ORDER BY hit LIMIT ?");
    hits.number(account).number(handle).number(static_cast<std::int64_t>(Graph::kShownHits));
    while (hits.next()) edge.hits.push_back(hits.number_at(0));
    graph_.edges.push_back(std::move(edge));
  }

  Work& work_;
  int depth_;
  std::size_t most_nodes_;
  Graph graph_;
  std::set<std::pair<NodeKind, std::int64_t>> seen_;
  std::set<std::pair<std::int64_t, std::int64_t>> edges_;
};

bool exists(Work& work, NodeKind kind, std::int64_t row) {
  Query query(work, kind == NodeKind::handle ? "SELECT 1 FROM handle WHERE handle = ?"
                                             : "SELECT 1 FROM account WHERE account = ?");
  return query.number(row).next();
}

}  // namespace

Result<Graph> links(Store& store, NodeKind kind, std::int64_t row, int depth, std::size_t most_nodes) {
  Work work(store.core(), Work::Access::read);
  if (!exists(work, kind, row)) {
    const std::string_view name = kind == NodeKind::handle ? "handle" : "account";
    work.fail({ErrorCode::not_found,
               fmt::format("there is no {0} {1}; handlewatch {0}s list shows those there are", name, row)});
  }
  Graph graph = Walk(work, depth, most_nodes).from(kind, row);
  return work.finish(std::move(graph));
}

}  // namespace hw::db
