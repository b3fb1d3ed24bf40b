// The subcommands of `handlewatch links`, one file each.
#pragma once

namespace CLI {
class App;
}

namespace hw::app {

struct Session;

void add_links_clusters(CLI::App& parent, Session& session);
void add_links_moves(CLI::App& parent, Session& session);

}  // namespace hw::app
