#include <memory>

#include <CLI/CLI.hpp>

#include "app/links_command.h"
#include "app/listing.h"
#include "app/reading.h"
#include "db/links.h"

namespace hw::app {
namespace {

struct Options {
  std::size_t least = 3;
  std::optional<std::size_t> limit;
  Format format = Format::automatic;
};

// A table counts them; for machines the rows follow.
Result<int> clusters(Session& session, const Options& options) {
  auto store = open_store(session);
  if (!store) return tl::unexpected(store.error());
  const Format format = resolved(options.format, session);
  const std::size_t limit = resolved_limit(options.limit, format);
  const auto all = db::clusters(**store, options.least, limit == 0 ? SIZE_MAX : limit);
  if (!all) return tl::unexpected(all.error());
  std::vector<std::string> columns{"cluster", "handles", "accounts", "adverts", "platforms", "first_seen", "last_seen"};
  columns.emplace_back(format == Format::table ? "begin_with" : "handle_rows");
  if (format != Format::table) columns.emplace_back("account_rows");
  Listing listing(columns, format, *session.out);
  for (std::size_t i = 0; i < all->size(); ++i) {
    const db::Cluster& cluster = (*all)[i];
    std::vector<Cell> row{static_cast<std::int64_t>(i + 1),
                          static_cast<std::int64_t>(cluster.handles.size()),
                          static_cast<std::int64_t>(cluster.accounts.size()),
                          static_cast<std::int64_t>(cluster.adverts),
                          cluster.platforms,
                          cluster.first_day,
                          cluster.last_day};
    if (format == Format::table) {
      row.emplace_back(to_string(db::NodeName{db::NodeKind::handle, cluster.handles.front()}));
    } else {
      row.emplace_back(cluster.handles);
      row.emplace_back(cluster.accounts);
    }
    listing.add(std::move(row));
  }
  listing.finish();
  say_more_may_be_held(session);
  return kDone;
}

}  // namespace

void add_links_clusters(CLI::App& parent, Session& session) {
  auto options = std::make_shared<Options>();
  CLI::App* command = parent.add_subcommand(
      "clusters", "What hangs together by strong links, the largest first; reads every advert once");
  command->add_option("--least", options->least, "Handles and accounts that a cluster has at least")
      ->check(CLI::Range(2, 1000000).description(""))
      ->capture_default_str();
  command->add_option("--limit", options->limit, "Clusters at most (50 in a table, else all; 0: all)")->type_name("N");
  add_format_option(*command, options->format);
  command->footer("Example:\n  handlewatch links clusters --least 5");
  command->callback(
      [&session, options] { session.action = [&session, options] { return clusters(session, *options); }; });
}

}  // namespace hw::app
