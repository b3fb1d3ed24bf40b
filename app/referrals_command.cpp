#include <CLI/CLI.hpp>

#include "app/commands.h"
#include "app/referrals_export.h"

namespace hw::app {

void add_referrals(CLI::App& root, Session& session) {
  CLI::App* command = root.add_subcommand("referrals", "What is held for safeguarding, for that role alone");
  command->require_subcommand(1);
  add_referrals_export(*command, session);
}

}  // namespace hw::app
