#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/commands.h"
#include "app/listing.h"
#include "app/reading.h"
#include "db/exports.h"

namespace hw::app {
namespace {

Result<int> list(Session& session, Format format) {
  auto store = open_store(session);
  if (!store) return tl::unexpected(store.error());
  const auto rows = db::list_exports(**store);
  if (!rows) return tl::unexpected(rows.error());
  Listing listing({"export", "what", "day", "count", "finished", "sha256"}, resolved(format, session), *session.out);
  for (const db::ExportRow& row : *rows)
    listing.add({row.id, row.what, row.day, row.count < 0 ? Cell() : Cell(row.count), row.count >= 0, row.sha256});
  listing.finish();
  *session.err << "Who took each, for which case and why: handlewatch audit log\n";
  return kDone;
}

Result<int> recall(Session& session, Format format) {
  auto store = open_store(session);
  if (!store) return tl::unexpected(store.error());
  const auto recalls = db::list_recalls(**store);
  if (!recalls) return tl::unexpected(recalls.error());
  Listing listing({"export", "what", "day", "handle_rows", "sha256"}, resolved(format, session), *session.out);
  for (const db::Recall& each : *recalls)
    listing.add({each.made.id, each.made.what, each.made.day, each.handles, each.made.sha256});
  listing.finish();
  *session.err << (recalls->empty() ? "Nothing to recall.\n"
                                    : "Tell whoever received them that these handles no longer stand.\n");
  say_more_may_be_held(session);
  return recalls->empty() ? kDone : kSomethingFailed;
}

}  // namespace

void add_exports(CLI::App& root, Session& session) {
  CLI::App* command = root.add_subcommand("exports", "What left the store: list it, see what to recall");
  command->require_subcommand(1);
  auto format = std::make_shared<Format>(Format::automatic);
  CLI::App* listed = command->add_subcommand("list", "Every export with its day, count and digest");
  add_format_option(*listed, *format);
  listed->footer("Example:\n  handlewatch exports list");
  listed->callback([&session, format] { session.action = [&session, format] { return list(session, *format); }; });
  CLI::App* recalled =
      command->add_subcommand("recall", "Exports that carry a handle whose confirmation was overturned");
  add_format_option(*recalled, *format);
  recalled->footer("Example:\n  handlewatch exports recall\nExit status 1: there is something to recall.");
  recalled->callback([&session, format] { session.action = [&session, format] { return recall(session, *format); }; });
}

}  // namespace hw::app
