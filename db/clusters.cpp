// What hangs together over the whole store, and who used which messenger when.
#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <unordered_map>

#include "db/links.h"
#include "db/row_reader.h"
#include "db/work.h"

namespace hw::db {
namespace {

// Union-find over handles and accounts, by rank of size and with path halving.
class Forest {
 public:
  std::size_t node(const NodeName& name) {
    const std::int64_t key = name.row * 2 + (name.kind == NodeKind::account ? 1 : 0);
    const auto [found, fresh] = index_.emplace(key, parent_.size());
    if (fresh) {
      parent_.push_back(parent_.size());
      size_.push_back(1);
      names_.push_back(name);
    }
    return found->second;
  }

  std::size_t root(std::size_t at) {
    while (parent_[at] != at) at = parent_[at] = parent_[parent_[at]];
    return at;
  }

  void unite(std::size_t a, std::size_t b) {
    a = root(a);
    b = root(b);
    if (a == b) return;
    if (size_[a] < size_[b]) std::swap(a, b);
    parent_[b] = a;
    size_[a] += size_[b];
  }

  std::size_t nodes() const { return parent_.size(); }
  std::size_t size(std::size_t root) const { return size_[root]; }
  const NodeName& name(std::size_t at) const { return names_[at]; }

 private:
  std::unordered_map<std::int64_t, std::size_t> index_;
  std::vector<std::size_t> parent_;
  std::vector<std::size_t> size_;
  std::vector<NodeName> names_;
};

// Every handle with the account that advertised it and with what stands beside it in the same post.
void unite_all(Work& work, Forest& forest) {
  Query query(work, "SELECT hit, handle, account FROM advert ORDER BY hit, handle");
  std::int64_t hit = 0;
  std::size_t first = 0;
  while (query.next()) {
    const std::size_t handle = forest.node({NodeKind::handle, query.number_at(1)});
    if (const auto account = query.maybe_at(2)) forest.unite(handle, forest.node({NodeKind::account, *account}));
    if (query.number_at(0) == hit)
      forest.unite(handle, first);
    else
      first = handle;
    hit = query.number_at(0);
  }
}

struct Facts {
  Cluster cluster;
  std::set<std::string> platforms;
  std::int64_t first = INT64_MAX;
  std::int64_t last = 0;
};

void add_facts(Work& work, Facts& facts) {
  Query query(work,
              R"(SELECT a.platform, COUNT(*), MIN(h.day), MAX(h.last_day) FROM advert a JOIN hit h ON h.hit = a.hit
      WHERE a.handle = ? GROUP BY a.platform)");
  for (const std::int64_t handle : facts.cluster.handles) {
    query.number(handle);
    while (query.next()) {
      facts.platforms.insert(query.text_at(0));
      facts.cluster.adverts += static_cast<std::size_t>(query.number_at(1));
      facts.first = std::min(facts.first, query.number_at(2));
      facts.last = std::max(facts.last, query.number_at(3));
    }
    query.rewind();
  }
  facts.cluster.platforms.assign(facts.platforms.begin(), facts.platforms.end());
  facts.cluster.first_day = day_text(facts.first);
  facts.cluster.last_day = day_text(facts.last);
}

std::vector<std::size_t> largest_roots(Forest& forest, std::size_t least_nodes, std::size_t most_clusters) {
  std::vector<std::size_t> roots;
  for (std::size_t at = 0; at < forest.nodes(); ++at)
    if (forest.root(at) == at && forest.size(at) >= least_nodes) roots.push_back(at);
  std::stable_sort(roots.begin(), roots.end(),
                   [&](std::size_t a, std::size_t b) { return forest.size(a) > forest.size(b); });
  if (roots.size() > most_clusters) roots.resize(most_clusters);
  return roots;
}

}  // namespace

Result<std::vector<Cluster>> clusters(Store& store, std::size_t least_nodes, std::size_t most_clusters) {
  Work work(store.core(), Work::Access::read);
  Forest forest;
  unite_all(work, forest);
  const std::vector<std::size_t> roots = largest_roots(forest, least_nodes, most_clusters);
  std::map<std::size_t, Facts> by_root;
  for (const std::size_t root : roots) by_root[root];
  for (std::size_t at = 0; at < forest.nodes(); ++at) {
    const auto found = by_root.find(forest.root(at));
    if (found == by_root.end()) continue;
    Cluster& cluster = found->second.cluster;
    const NodeName& name = forest.name(at);
    (name.kind == NodeKind::handle ? cluster.handles : cluster.accounts).push_back(name.row);
  }
  std::vector<Cluster> all;
  for (const std::size_t root : roots) {
    Facts& facts = by_root[root];
    add_facts(work, facts);
    std::sort(facts.cluster.handles.begin(), facts.cluster.handles.end());
    std::sort(facts.cluster.accounts.begin(), facts.cluster.accounts.end());
    all.push_back(std::move(facts.cluster));
  }
  return work.finish(std::move(all));
}

Result<std::vector<Timeline>> timelines(Store& store, const Opener& opener, std::int64_t account) {
  Work work(store.core(), Work::Access::read);
  std::vector<Timeline> all;
  Query query(work, R"(SELECT a.account, a.handle, MIN(h.day), MAX(h.last_day) FROM advert a JOIN hit h ON h.hit = a.hit
      WHERE a.account = ?1 OR (?1 = 0 AND a.account IN
        (SELECT account FROM advert WHERE account IS NOT NULL GROUP BY account HAVING MIN(handle) <> MAX(handle)))
      GROUP BY a.account, a.handle ORDER BY a.account, 3, a.handle)");
  query.number(account);
  while (query.next()) {
    const auto name = read_handle_name(work, opener, query.number_at(1));
    if (!name) break;
    if (all.empty() || all.back().account != query.number_at(0)) all.push_back({query.number_at(0), {}});
    all.back().presences.push_back(
        {query.number_at(1), name->messenger, day_text(query.number_at(2)), day_text(query.number_at(3))});
  }
  return work.finish(std::move(all));
}

}  // namespace hw::db
