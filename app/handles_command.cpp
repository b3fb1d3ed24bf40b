#include <functional>
#include <memory>
#include <optional>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/commands.h"
#include "app/handles_export.h"
#include "app/handles_lookup.h"
#include "app/hit_view.h"
#include "app/listing.h"
#include "app/reading.h"
#include "app/terminal.h"
#include "common/text.h"
#include "db/audit.h"
#include "db/handles.h"

namespace hw::app {
namespace {

constexpr std::size_t kRowsAtATime = 500;

struct ListOptions {
  std::string state;
  std::string platform;
  std::optional<std::size_t> limit;
  Format format = Format::automatic;
};

std::vector<Cell> cells_of(const db::HandleRow& row) {
  return {row.handle,
          std::string(to_string(row.band)),
          std::string(to_string(row.state)),
          static_cast<std::int64_t>(row.confirmations),
          static_cast<std::int64_t>(row.hits),
          static_cast<std::int64_t>(row.accounts),
          row.platforms,
          row.first_day,
          row.last_day,
          mark_words(row.marks),
          ban_words(row.bans)};
}

Result<int> list(Session& session, const ListOptions& options) {
  auto store = open_store(session);
  if (!store) return tl::unexpected(store.error());
  const Format format = resolved(options.format, session);
  const std::size_t limit = resolved_limit(options.limit, format);
  const std::size_t wanted = limit == 0 ? SIZE_MAX : limit;
  Listing listing({"handle_row", "band", "state", "confirmations", "hits", "accounts", "platforms", "first_seen",
                   "last_seen", "marks", "bans"},
                  format, *session.out);
  db::RowFilter filter;
  if (!options.state.empty()) filter.state = db::parse_hit_state(options.state);
  filter.platform = options.platform;
  while (listing.rows() < wanted) {
    filter.limit = std::min(kRowsAtATime, wanted - listing.rows());
    const auto rows = db::list_handles(**store, filter);
    if (!rows) return tl::unexpected(rows.error());
    for (const db::HandleRow& row : *rows) listing.add(cells_of(row));
    if (rows->size() < filter.limit) break;
    filter.before = rows->back().handle;
  }
  listing.finish();
  say_more_may_be_held(session);
  return kDone;
}

void add_list(CLI::App& parent, Session& session) {
  auto options = std::make_shared<ListOptions>();
  CLI::App* command = parent.add_subcommand("list", "Advertised handles as row numbers, without a key");
  command->add_option("--state", options->state, "new, confirmed, seed, rejected or disputed")
      ->check(CLI::IsMember({"new", "confirmed", "seed", "rejected", "disputed"}).description(""))
      ->type_name("STATE");
  command->add_option("--platform", options->platform, "Advertised on this platform");
  command->add_option("--limit", options->limit, "At most so many rows, 0 for all (50 in a table, else all)");
  add_format_option(*command, options->format);
  command->footer("Example:\n  handlewatch handles list --state confirmed");
  command->callback([&session, options] { session.action = [&session, options] { return list(session, *options); }; });
}

void print_handle(std::ostream& out, const db::HandleRow& row, const db::OpenedHandle& name) {
  out << style(out, Style::bold)
      << escape_for_terminal(
             fmt::format("handle {}: {} {}", row.handle, name.messenger, without_live_links(name.handle)))
      << style(out, Style::plain)
      << fmt::format("\n  {}, {}, confirmed by {} reviewers\n  {} adverts by {} accounts on {}, {} to {}\n",
                     to_string(row.band), to_string(row.state), row.confirmations, row.hits, row.accounts,
                     escape_for_terminal(fmt::format("{}", fmt::join(row.platforms, ", "))), row.first_day,
                     row.last_day);
  if (!row.marks.empty()) out << "  marks: " << mark_words(row.marks) << '\n';
  if (!row.bans.empty()) out << "  bans: " << escape_for_terminal(ban_words(row.bans)) << '\n';
  out << "Who posted it may not be its owner, and names are reassigned.\nWhere it leads: handlewatch links --handle "
      << row.handle << '\n';
}

Result<int> show(Session& session, std::int64_t handle) {
  if (!is_terminal(*session.out))
    return fail(ErrorCode::refused,
                "a handle is shown on a terminal alone; handlewatch handles export writes those that were confirmed");
  auto reading = open_reading(session);
  if (!reading) return tl::unexpected(reading.error());
  auto& [store, person, opener] = *reading;
  const auto row = db::find_handle(*store, handle);
  if (!row) say_more_may_be_held(session);
  if (!row) return tl::unexpected(row.error());
  if (auto noted = db::note_reveal(*store, person, "handle", handle); !noted) return tl::unexpected(noted.error());
  const auto name = db::open_handle(*store, opener, handle);
  if (!name) return tl::unexpected(name.error());
  print_handle(*session.out, *row, *name);
  say_more_may_be_held(session);
  return kDone;
}

void add_show(CLI::App& parent, Session& session) {
  auto row = std::make_shared<std::int64_t>(0);
  CLI::App* command = parent.add_subcommand("show", "One handle in clear, on a terminal, with the reader's key");
  command->add_option("ROW", *row, "Its number in handles list")->required();
  command->footer("Example:\n  handlewatch handles show 3\nThat it was shown goes to the audit log.");
  command->callback([&session, row] { session.action = [&session, row] { return show(session, *row); }; });
}

}  // namespace

void add_handles(CLI::App& root, Session& session) {
  CLI::App* command =
      root.add_subcommand("handles", "Advertised handles: list, show one, export those that were confirmed");
  command->require_subcommand(1);
  add_list(*command, session);
  add_show(*command, session);
  add_handles_export(*command, session);
  add_handles_lookup(*command, session);
  add_handles_exempt(*command, session);
}

}  // namespace hw::app
