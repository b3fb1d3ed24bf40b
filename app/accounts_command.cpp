#include <memory>
#include <optional>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/commands.h"
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
  std::string platform;
  std::optional<std::size_t> limit;
  Format format = Format::automatic;
};

Result<int> list(Session& session, const ListOptions& options) {
  auto store = open_store(session);
  if (!store) return tl::unexpected(store.error());
  const Format format = resolved(options.format, session);
  const std::size_t limit = resolved_limit(options.limit, format);
  const std::size_t wanted = limit == 0 ? SIZE_MAX : limit;
  Listing listing({"account_row", "platform", "hits", "handles", "first_seen", "last_seen", "bans"}, format,
                  *session.out);
  db::RowFilter filter;
  filter.platform = options.platform;
  while (listing.rows() < wanted) {
    filter.limit = std::min(kRowsAtATime, wanted - listing.rows());
    const auto rows = db::list_accounts(**store, filter);
    if (!rows) return tl::unexpected(rows.error());
    for (const db::AccountRow& row : *rows)
      listing.add({row.account, row.platform, static_cast<std::int64_t>(row.hits),
                   static_cast<std::int64_t>(row.handles), row.first_day, row.last_day, ban_words(row.bans)});
    if (rows->size() < filter.limit) break;
    filter.before = rows->back().account;
  }
  listing.finish();
  say_more_may_be_held(session);
  return kDone;
}

void add_list(CLI::App& parent, Session& session) {
  auto options = std::make_shared<ListOptions>();
  CLI::App* command = parent.add_subcommand("list", "Accounts that posted hits, as row numbers, without a key");
  command->add_option("--platform", options->platform, "Accounts of this platform");
  command->add_option("--limit", options->limit, "At most so many rows, 0 for all (50 in a table, else all)");
  add_format_option(*command, options->format);
  command->footer("Example:\n  handlewatch accounts list --platform forum.example");
  command->callback([&session, options] { session.action = [&session, options] { return list(session, *options); }; });
}

void print_account(std::ostream& out, const db::AccountRow& row, const db::OpenedAccount& opened) {
  std::string name = opened.name;
  if (!opened.display.empty() && opened.display != opened.name) name += fmt::format(" ({})", opened.display);
  if (!opened.id.empty()) name += fmt::format(", id {}", opened.id);
  out << style(out, Style::bold)
      << escape_for_terminal(fmt::format("account {}: {} on {}", row.account, name, opened.platform))
      << style(out, Style::plain)
      << fmt::format("\n  {} hits with {} handles, {} to {}\n", row.hits, row.handles, row.first_day, row.last_day);
  if (!row.bans.empty()) out << "  bans: " << escape_for_terminal(ban_words(row.bans)) << '\n';
  out << "Where it leads: handlewatch links --account " << row.account << '\n';
}

Result<int> show(Session& session, std::int64_t account) {
  if (!is_terminal(*session.out))
    return fail(ErrorCode::refused, "an account is shown on a terminal alone; accounts list shows rows anywhere");
  auto reading = open_reading(session);
  if (!reading) return tl::unexpected(reading.error());
  auto& [store, person, opener] = *reading;
  const auto row = db::find_account(*store, account);
  if (!row) say_more_may_be_held(session);
  if (!row) return tl::unexpected(row.error());
  if (auto noted = db::note_reveal(*store, person, "account", account); !noted) return tl::unexpected(noted.error());
  const auto opened = db::open_account(*store, opener, account);
  if (!opened) return tl::unexpected(opened.error());
  print_account(*session.out, *row, *opened);
  say_more_may_be_held(session);
  return kDone;
}

void add_show(CLI::App& parent, Session& session) {
  auto row = std::make_shared<std::int64_t>(0);
  CLI::App* command = parent.add_subcommand("show", "One account in clear, on a terminal, with the reader's key");
  command->add_option("ROW", *row, "Its number in accounts list")->required();
  command->footer("Example:\n  handlewatch accounts show 4\nThat it was shown goes to the audit log.");
  command->callback([&session, row] { session.action = [&session, row] { return show(session, *row); }; });
}

}  // namespace

void add_accounts(CLI::App& root, Session& session) {
  CLI::App* command = root.add_subcommand("accounts", "Accounts that advertise handles: list, show one");
  command->require_subcommand(1);
  add_list(*command, session);
  add_show(*command, session);
}

}  // namespace hw::app
