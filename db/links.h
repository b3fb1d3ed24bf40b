// The graph of handles and accounts: which account advertised which handle, with the hits that show it.
//
// It is walked breadth first from one row; each step is an index look-up. What is held neither appears nor bridges.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/error.h"
#include "db/store.h"

namespace hw::db {

enum class NodeKind { handle, account };

struct Node {
  NodeKind kind = NodeKind::handle;
  std::int64_t row = 0;
  int depth = 0;  // edges from the start
};

struct Edge {
  std::int64_t account = 0;
  std::int64_t handle = 0;
  std::size_t adverts = 0;
  std::vector<std::int64_t> hits;  // the evidence, oldest first; at most kShownHits
  std::string first_day;
  std::string last_day;
};

struct Graph {
  static constexpr std::size_t kShownHits = 20;
  std::vector<Node> nodes;  // nearest first
  std::vector<Edge> edges;
  bool cut = false;  // there is more within the depth than `most_nodes`
};

// not_found where there is no such row.
Result<Graph> links(Store& store, NodeKind kind, std::int64_t row, int depth, std::size_t most_nodes = 1000);

}  // namespace hw::db
