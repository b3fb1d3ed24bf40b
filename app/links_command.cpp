#include "app/links_command.h"

#include <map>
#include <memory>
#include <optional>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/commands.h"
#include "app/listing.h"
#include "app/reading.h"
#include "db/graph_writer.h"
#include "db/links.h"

namespace hw::app {
namespace {

enum class GraphFormat { automatic, table, jsonl, csv, graphml, gexf, dot };

struct Options {
  std::optional<std::int64_t> handle;
  std::optional<std::int64_t> account;
  int depth = 2;
  bool strong_only = false;
  GraphFormat format = GraphFormat::automatic;
};

void list_edges(Session& session, const db::Graph& graph, Format format) {
  Listing listing({"from", "link", "to", "adverts", "first_seen", "last_seen", "hits"}, format, *session.out);
  for (const db::Edge& edge : graph.edges)
    listing.add({to_string(edge.from), fmt::format("{}{}", to_string(edge.kind), is_weak(edge.kind) ? " (weak)" : ""),
                 to_string(edge.to), static_cast<std::int64_t>(edge.adverts), edge.first_day, edge.last_day,
                 edge.hits});
  listing.finish();
}

void write_graph(Session& session, const db::Graph& graph, GraphFormat format) {
  switch (format) {
    case GraphFormat::graphml:
      *session.out << db::to_graphml(graph);
      return;
    case GraphFormat::gexf:
      *session.out << db::to_gexf(graph);
      return;
    case GraphFormat::dot:
      *session.out << db::to_dot(graph);
      return;
    case GraphFormat::automatic:
      return list_edges(session, graph, Format::automatic);
    case GraphFormat::table:
      return list_edges(session, graph, Format::table);
    case GraphFormat::jsonl:
      return list_edges(session, graph, Format::jsonl);
    case GraphFormat::csv:
      return list_edges(session, graph, Format::csv);
  }
}

Result<int> links(Session& session, const Options& options) {
  if (!options.handle && !options.account)
    return fail(ErrorCode::usage, "links starts from --handle ROW or --account ROW; see handlewatch links --help");
  auto store = open_store(session);
  if (!store) return tl::unexpected(store.error());
  const db::NodeName start = options.handle ? db::NodeName{db::NodeKind::handle, *options.handle}
                                            : db::NodeName{db::NodeKind::account, *options.account};
  db::WalkLimits limits;
  limits.depth = options.depth;
  if (options.strong_only) limits.strength = db::Strength::strong_only;
  const auto graph = db::links(**store, start, limits);
  if (!graph) say_more_may_be_held(session);
  if (!graph) return tl::unexpected(graph.error());
  write_graph(session, *graph, options.format);
  if (graph->cut) *session.err << "There is more; what is nearest is shown.\n";
  say_more_may_be_held(session);
  return kDone;
}

void add_graph_format(CLI::App& command, GraphFormat& format) {
  static const std::map<std::string, GraphFormat> kFormats{
      {"table", GraphFormat::table},     {"jsonl", GraphFormat::jsonl}, {"csv", GraphFormat::csv},
      {"graphml", GraphFormat::graphml}, {"gexf", GraphFormat::gexf},   {"dot", GraphFormat::dot}};
  command
      .add_option("--format", format,
                  "table, jsonl, csv, graphml, gexf or dot (a table on a terminal, else jsonl); rows, never names")
      ->transform(CLI::CheckedTransformer(kFormats, CLI::ignore_case).description(""))
      ->type_name("FORMAT");
}

}  // namespace

void add_links(CLI::App& root, Session& session) {
  auto options = std::make_shared<Options>();
  CLI::App* command = root.add_subcommand(
      "links", "Which accounts advertised which handles, walked from one row, with the hits that show it");
  CLI::Option* handle = command->add_option("--handle", options->handle, "Start from this row of handles list");
  handle->type_name("ROW");
  command->add_option("--account", options->account, "Start from this row of accounts list")
      ->type_name("ROW")
      ->excludes(handle);
  command->add_option("--depth", options->depth, "How many links away")
      ->check(CLI::Range(1, 10).description(""))
      ->capture_default_str();
  command->add_flag("--strong-only", options->strong_only,
                    "Without the weak links: the same name elsewhere, texts that are nearly the same");
  add_graph_format(*command, options->format);
  command->require_subcommand(0, 1);
  add_links_clusters(*command, session);
  add_links_moves(*command, session);
  command->footer(
      "Examples:\n  handlewatch links --handle 3 --depth 3\n  handlewatch links --account 7 --format graphml > "
      "case.graphml\nA weak link is a reason to look, no more: names meet by chance and texts are copied.");
  command->callback([&session, options, command] {
    if (command->get_subcommands().empty()) session.action = [&session, options] { return links(session, *options); };
  });
}

}  // namespace hw::app
