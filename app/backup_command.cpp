#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/commands.h"
#include "app/folder_lock.h"
#include "app/reading.h"
#include "db/backup.h"

namespace hw::app {
namespace {

struct Options {
  std::string file;
};

Result<int> backup(Session& session, const Options& options) {
  auto store = open_store(session);
  if (!store) return tl::unexpected(store.error());
  const auto made = db::back_up(**store, options.file);
  if (!made) return tl::unexpected(made.error());
  *session.out << fmt::format(
      "wrote and verified {} ({} kB)\ncheckpoint {}\nNo key is in it. Keep a newer copy of erasures.log beside it: "
      "without that it is not restored.\n",
      options.file, made->bytes >> 10U, made->checkpoint.text());
  return kDone;
}

Result<int> restore(Session& session, const Options& options) {
  const auto lock = FolderLock::take(session.data);
  if (!lock) return tl::unexpected(lock.error());
  const auto restored = db::restore(session.data, options.file, *session.clock);
  if (!restored) return tl::unexpected(restored.error());
  *session.out << fmt::format(
      "restored {}, verified; its audit log ended at checkpoint {}\n{} records that were erased or held since are so "
      "again\n",
      options.file, restored->checkpoint.text(), restored->replayed);
  return kDone;
}

void add(CLI::App& root, Session& session, const std::string& name, const std::string& what, const std::string& footer,
         Result<int> (*act)(Session&, const Options&)) {
  auto options = std::make_shared<Options>();
  CLI::App* command = root.add_subcommand(name, what);
  command->add_option("FILE", options->file, "The backup")->required();
  command->footer(footer);
  command->callback(
      [&session, options, act] { session.action = [&session, options, act] { return act(session, *options); }; });
}

}  // namespace

void add_backup(CLI::App& root, Session& session) {
  add(root, session, "backup", "Copies the sealed store while everything goes on, and verifies the copy",
      "Example:\n  handlewatch backup /mnt/backup/store-2026-11-24.db\nKeep the keys elsewhere, and copy erasures.log "
      "more often than "
      "you back up: what it names is erased again from whatever is restored.",
      backup);
}

void add_restore(CLI::App& root, Session& session) {
  add(root, session, "restore",
      "Puts a verified backup in the place of the store, and erases again what was erased since",
      "Example:\n  handlewatch restore /mnt/backup/store-2026-11-24.db\nThe data folder has to hold the keys and "
      "erasures.log. Stop the "
      "daemon, and let nobody else use the store meanwhile. A backup older than 400 days is not restored.",
      restore);
}

}  // namespace hw::app
