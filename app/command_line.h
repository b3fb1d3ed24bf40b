// The command line as a whole: the options that every command shares, and the commands.
#pragma once

#include <string>
#include <vector>

namespace hw::app {

struct Session;

// Parses `arguments` (without the program's name) and runs the command they name, printing to the session's streams.
// Returns the exit status. May be called again, also from inside a command: the demo shows the others that way.
int run_command_line(Session& session, const std::vector<std::string>& arguments);

}  // namespace hw::app
