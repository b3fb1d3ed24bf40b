// The graph of handles and accounts: who advertised what, what was advertised together, and weaker links that are named
// as such.
//
// It is walked breadth first from one row; each step is a few index look-ups, however large the store is. What is held
// has no row in the tables that are walked, so it neither appears nor bridges.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"
#include "db/store.h"

namespace hw::db {

enum class NodeKind { handle, account };

struct NodeName {
  NodeKind kind = NodeKind::handle;
  std::int64_t row = 0;
  auto operator<=>(const NodeName&) const = default;
};
std::string_view to_string(NodeKind kind);
// "handle 3"
std::string to_string(const NodeName& node);

struct Node {
  NodeName name;
  int depth = 0;  // edges from the start
  std::size_t adverts = 0;
  std::vector<std::string> platforms;
  std::string first_day;
  std::string last_day;
};

enum class EdgeKind {
  advertised,   // the account advertised the handle
  together,     // one post advertised both handles
  same_name,    // weak: handles of two messengers, or two spellings, with the same letters and digits
  alike_texts,  // weak: posts of the two say nearly the same
};
std::string_view to_string(EdgeKind kind);  // "alike texts"
bool is_weak(EdgeKind kind);

struct Edge {
  EdgeKind kind = EdgeKind::advertised;
  NodeName from;
  NodeName to;
  std::size_t adverts = 0;
  std::vector<std::int64_t> hits;  // the evidence, oldest first; at most kShownHits
  std::string first_day;
  std::string last_day;
};

enum class Strength { strong_only, weak_too };

struct Graph {
  static constexpr std::size_t kShownHits = 20;
  std::vector<Node> nodes;  // nearest first
  std::vector<Edge> edges;  // each once, between nodes that are there
  bool cut = false;         // there is more within the depth than `most_nodes`
};

struct WalkLimits {
  int depth = 2;
  Strength strength = Strength::weak_too;
  std::size_t most_nodes = 1000;
};

// not_found where there is no such row.
Result<Graph> links(Store& store, const NodeName& from, const WalkLimits& limits);

// What hangs together by strong links, over the whole store: reads every advert once.
struct Cluster {
  std::vector<std::int64_t> handles;
  std::vector<std::int64_t> accounts;
  std::size_t adverts = 0;
  std::vector<std::string> platforms;
  std::string first_day;
  std::string last_day;
};
// The largest first; those alone with at least `least_nodes` handles and accounts.
Result<std::vector<Cluster>> clusters(Store& store, std::size_t least_nodes, std::size_t most_clusters);

// When an account advertised a handle of which messenger; takes the reader's key, since messengers are sealed.
struct Presence {
  std::int64_t handle = 0;
  std::string messenger;
  std::string first_day;
  std::string last_day;
};
struct Timeline {
  std::int64_t account = 0;
  std::vector<Presence> presences;  // by first day
};
// Of every account with several handles, or of one.
Result<std::vector<Timeline>> timelines(Store& store, const Opener& opener, std::int64_t account);

}  // namespace hw::db
