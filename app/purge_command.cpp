#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/commands.h"
#include "app/reading.h"
#include "db/retention.h"

namespace hw::app {
namespace {

Result<int> purge(Session& session, bool dry_run) {
  const auto settings = session.settings();
  if (!settings) return tl::unexpected(settings.error());
  auto store = session.store(*settings);
  if (!store) return tl::unexpected(store.error());
  const auto expired =
      db::expire(**store, settings->retention, dry_run ? db::Expiry::preview : db::Expiry::erase, (*store)->host());
  if (!expired) return tl::unexpected(expired.error());
  *session.out << fmt::format(
      "{} {} unreviewed, {} rejected and {} confirmed hits, {} bans, {} fingerprints of other posts\n",
      dry_run ? "would erase" : "erased", expired->unreviewed, expired->rejected, expired->confirmed, expired->bans,
      expired->fingerprints);
  if (expired->legal_holds > 0)
    *session.out << fmt::format("{} hits past their time stay under a legal hold (handlewatch hits holds)\n",
                                expired->legal_holds);
  return kDone;
}

}  // namespace

void add_purge(CLI::App& root, Session& session) {
  auto dry_run = std::make_shared<bool>(false);
  CLI::App* command = root.add_subcommand("purge", "Erases what is past its time (the daemon does so by itself)");
  command->add_flag("--dry-run", *dry_run, "Only say how much it would be");
  command->footer("Example:\n  handlewatch purge --dry-run\nThe times stand under retention: in the configuration.");
  command->callback([&session, dry_run] { session.action = [&session, dry_run] { return purge(session, *dry_run); }; });
}

}  // namespace hw::app
