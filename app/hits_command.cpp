#include "app/hits_command.h"

#include <CLI/CLI.hpp>

#include "app/commands.h"

namespace hw::app {

void add_hits(CLI::App& root, Session& session) {
  CLI::App* command = root.add_subcommand("hits", "What was found: list, show one, review, hold for a case");
  command->require_subcommand(1);
  add_hits_list(*command, session);
  add_hits_show(*command, session);
  add_hits_review(*command, session);
  add_hits_hold(*command, session);
}

}  // namespace hw::app
