// The subcommands of `handlewatch referrals`, one file each: the door to what is held, for the safeguarding role alone.
#pragma once

#include "app/session.h"

namespace CLI {
class App;
}

namespace hw::app {

void add_referrals_list(CLI::App& parent, Session& session);
void add_referrals_show(CLI::App& parent, Session& session);
void add_referrals_release(CLI::App& parent, Session& session);

// refused: what is held is shown on a terminal only.
Status require_terminal(const Session& session);

}  // namespace hw::app
