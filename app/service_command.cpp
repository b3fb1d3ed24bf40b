#include <ostream>

#include <CLI/CLI.hpp>

#include "app/commands.h"
#include "app/session.h"
#include "config/embedded.h"

namespace hw::app {

void add_service(CLI::App& root, Session& session) {
  CLI::App* command =
      root.add_subcommand("service", "Prints a hardened systemd unit for the daemon, with how to install it");
  command->footer(
      "Example:\n  handlewatch service > /etc/systemd/system/handlewatch.service\nIts first lines say what else is "
      "needed: a user, a data folder, and the token key as a credential.");
  command->callback([&session] {
    session.action = [&session]() -> Result<int> {
      *session.out << config::embedded_service_unit();
      return kDone;
    };
  });
}

}  // namespace hw::app
