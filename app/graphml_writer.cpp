// GraphML: the confirmed handles and the accounts that posted them, for who draws graphs. Handles and accounts are
// nodes, "advertised" is an edge between the two with the days for which it holds. Nodes and edges come as they are
// met, which the format allows, so that a list of any length needs the memory of one handle and a bit for each account.
#include <array>
#include <map>

#include <fmt/format.h>

#include "app/caution.h"
#include "app/handle_writer.h"
#include "db/graph_writer.h"

namespace hw::app {
namespace {

// What a node, an edge or the graph carries: name and type.
struct Key {
  std::string_view of;
  std::string_view name;
  std::string_view type;
};

constexpr std::array kKeys{
    Key{"graph", "marking", "string"},   Key{"graph", "caution", "string"},    Key{"graph", "case", "string"},
    Key{"graph", "export", "long"},      Key{"graph", "checkpoint", "string"}, Key{"graph", "made", "string"},
    Key{"node", "kind", "string"},       Key{"node", "label", "string"},       Key{"node", "messenger", "string"},
    Key{"node", "platform", "string"},   Key{"node", "account_id", "string"},  Key{"node", "adverts", "long"},
    Key{"node", "first_seen", "string"}, Key{"node", "last_seen", "string"},   Key{"node", "band", "string"},
    Key{"node", "review", "string"},     Key{"edge", "link", "string"},        Key{"edge", "adverts", "long"},
    Key{"edge", "first_seen", "string"}, Key{"edge", "last_seen", "string"}};

std::string data(std::string_view of, std::string_view name, std::string_view value) {
  return value.empty() ? "" : fmt::format("<data key=\"{}_{}\">{}</data>", of, name, db::xml_text(value));
}

// The posts of one account that advertise the handle.
struct Adverts {
  const db::Judged* newest = nullptr;
  std::size_t number = 0;
  Time first{};
  Time last{};
};

class GraphmlWriter final : public HandleWriter {
 public:
  GraphmlWriter(ExportContext context, std::ostream& out) : context_(std::move(context)), out_(out) {}

  bool wants_adverts() const override { return true; }

  void begin() override {
    out_ << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n";
    for (const Key& key : kKeys)
      out_ << fmt::format("  <key id=\"{0}_{1}\" for=\"{0}\" attr.name=\"{1}\" attr.type=\"{2}\"/>\n", key.of, key.name,
                          key.type);
    out_ << "  <graph id=\"handles\" edgedefault=\"undirected\">\n    " << data("graph", "marking", kMarking)
         << data("graph", "caution", kCaution) << data("graph", "case", context_.case_name)
         << data("graph", "export", std::to_string(context_.made.id))
         << data("graph", "checkpoint", context_.made.checkpoint.text())
         << data("graph", "made", to_rfc3339(context_.now)) << '\n';
  }

  Status add(const db::ExportedHandle& handle) override {
    const db::HandleRow& row = handle.row;
    out_ << fmt::format("    <node id=\"h{}\">", row.handle) << data("node", "kind", "handle")
         << data("node", "label", handle.name.handle) << data("node", "messenger", handle.name.messenger)
         << data("node", "adverts", std::to_string(row.hits)) << data("node", "first_seen", row.first_day)
         << data("node", "last_seen", row.last_day) << data("node", "band", to_string(row.band))
         << data("node", "review", review_words(row)) << "</node>\n";
    for (const auto& [account, adverts] : by_account(handle)) {
      if (is_first(account)) put_account(account, adverts.newest->post);
      put_edge(account, row.handle, adverts);
    }
    return {};
  }

  Status finish() override {
    out_ << "  </graph>\n</graphml>\n";
    return {};
  }

 private:
  static std::map<std::int64_t, Adverts> by_account(const db::ExportedHandle& handle) {
    std::map<std::int64_t, Adverts> accounts;
    for (std::size_t i = 0; i < handle.adverts.size(); ++i) {
      const db::Judged& advert = handle.adverts[i];
      if (handle.accounts[i] == 0) continue;
      Adverts& adverts = accounts[handle.accounts[i]];
      if (adverts.number++ == 0) adverts = {&advert, 1, advert.seen_at, advert.seen_at};
      adverts.first = std::min(adverts.first, advert.post.created_at.value_or(advert.seen_at));
      adverts.last = std::max(adverts.last, advert.seen_at);
    }
    return accounts;
  }

  bool is_first(std::int64_t account) {
    const auto at = static_cast<std::size_t>(account);
    if (at >= met_.size()) met_.resize(at + 1);
    const bool first = !met_[at];
    met_[at] = true;
    return first;
  }

  void put_account(std::int64_t account, const Post& post) {
    out_ << fmt::format("    <node id=\"a{}\">", account) << data("node", "kind", "account")
         << data("node", "label", post.author) << data("node", "platform", post.platform)
         << data("node", "account_id", post.author_id) << "</node>\n";
  }

  void put_edge(std::int64_t account, std::int64_t handle, const Adverts& adverts) {
    out_ << fmt::format("    <edge id=\"e{}\" source=\"a{}\" target=\"h{}\">", ++edges_, account, handle)
         << data("edge", "link", "advertised") << data("edge", "adverts", std::to_string(adverts.number))
         << data("edge", "first_seen", to_day(adverts.first)) << data("edge", "last_seen", to_day(adverts.last))
         << "</edge>\n";
  }

  ExportContext context_;
  std::ostream& out_;
  std::vector<bool> met_;  // accounts that are nodes already, by row
  std::size_t edges_ = 0;
};

}  // namespace

std::unique_ptr<HandleWriter> make_graphml_writer(const ExportContext& context, std::ostream& out) {
  return std::make_unique<GraphmlWriter>(context, out);
}

}  // namespace hw::app
