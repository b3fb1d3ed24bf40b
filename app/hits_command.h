// The subcommands of `hits`, a file each.
#pragma once

namespace CLI {
class App;
}

namespace hw::app {

struct Session;

void add_hits_list(CLI::App& hits, Session& session);
void add_hits_show(CLI::App& hits, Session& session);
void add_hits_hold(CLI::App& parent, Session& session);
void add_hits_review(CLI::App& hits, Session& session);

}  // namespace hw::app
