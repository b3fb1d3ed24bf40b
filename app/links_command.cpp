#include <memory>
#include <optional>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/commands.h"
#include "app/listing.h"
#include "app/reading.h"
#include "db/links.h"

namespace hw::app {
namespace {

struct Options {
  std::optional<std::int64_t> handle;
  std::optional<std::int64_t> account;
  int depth = 2;
  Format format = Format::automatic;
};

Result<int> links(Session& session, const Options& options) {
  auto store = open_store(session);
  if (!store) return tl::unexpected(store.error());
  const bool from_handle = options.handle.has_value();
  const auto graph = db::links(**store, from_handle ? db::NodeKind::handle : db::NodeKind::account,
                               from_handle ? *options.handle : *options.account, options.depth);
  if (!graph) say_more_may_be_held(session);
  if (!graph) return tl::unexpected(graph.error());
  Listing listing({"account_row", "handle_row", "adverts", "first_seen", "last_seen", "hits"}, options.format,
                  *session.out);
  for (const db::Edge& edge : graph->edges)
    listing.add({edge.account, edge.handle, static_cast<std::int64_t>(edge.adverts), edge.first_day, edge.last_day,
                 numbers(edge.hits)});
  listing.finish();
  if (graph->cut) *session.err << "There is more; what is nearest is shown.\n";
  say_more_may_be_held(session);
  return kDone;
}

}  // namespace

void add_links(CLI::App& root, Session& session) {
  auto options = std::make_shared<Options>();
  CLI::App* command = root.add_subcommand(
      "links", "Which accounts advertised which handles, walked from one row, with the hits that show it");
  CLI::Option_group* start = command->add_option_group("start");
  start->add_option("--handle", options->handle, "Start from this row of handles list")->type_name("ROW");
  start->add_option("--account", options->account, "Start from this row of accounts list")->type_name("ROW");
  start->require_option(1);
  command->add_option("--depth", options->depth, "How many links away")
      ->check(CLI::Range(1, 10).description(""))
      ->capture_default_str();
  add_format_option(*command, options->format);
  command->footer("Example:\n  handlewatch links --handle 3 --depth 3");
  command->callback([&session, options] { session.action = [&session, options] { return links(session, *options); }; });
}

}  // namespace hw::app
