// `handles lookup` and `handles exempt`: commands that are told handles, on standard input alone.
#pragma once

namespace CLI {
class App;
}

namespace hw::app {

struct Session;
void add_handles_lookup(CLI::App& handles, Session& session);
void add_handles_exempt(CLI::App& handles, Session& session);

}  // namespace hw::app
