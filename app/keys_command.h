// The parts of `keys`.
#pragma once

namespace CLI {
class App;
}

namespace hw::app {

struct Session;

void add_keys_list(CLI::App& keys, Session& session);
void add_keys_add(CLI::App& keys, Session& session);
void add_keys_change(CLI::App& keys, Session& session);  // rotate, remove
void add_keys_files(CLI::App& keys, Session& session);   // init, export-public, recover-test

}  // namespace hw::app
