#include "app/referrals_command.h"

#include <CLI/CLI.hpp>

#include "app/commands.h"
#include "app/reading.h"
#include "app/referrals_export.h"
#include "app/terminal.h"
#include "db/referrals.h"

namespace hw::app {

Status require_terminal(const Session& session) {
  if (is_terminal(*session.out)) return {};
  return fail(ErrorCode::refused, "what is held is shown on a terminal only; run it there, without a pipe or a file");
}

void add_referrals(CLI::App& root, Session& session) {
  CLI::App* command = root.add_subcommand(
      "referrals", "Possible minors and children at risk, for the safeguarding role alone: list, show, release");
  command->require_subcommand(1);
  add_referrals_list(*command, session);
  add_referrals_show(*command, session);
  add_referrals_release(*command, session);
  add_referrals_export(*command, session);
  command->footer(
      "What stands here stands nowhere else: no list, count, graph, look-up or export has it, before or after.\n"
      "Every command here takes the safeguarding key and is noted in its own log (handlewatch referrals log).");
}

}  // namespace hw::app
