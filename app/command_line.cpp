#include "app/command_line.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/commands.h"
#include "app/session.h"
#include "app/version.h"

namespace hw::app {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::filesystem::path default_data_folder() {
  for (const char* name : {"HANDLEWATCH_DATA", "STATE_DIRECTORY"})
    if (const std::string value = environment(name); !value.empty()) return value;
  if (const std::string value = environment("XDG_DATA_HOME"); !value.empty())
    return std::filesystem::path(value) / "handlewatch";
  if (const std::string value = environment("HOME"); !value.empty())
    return std::filesystem::path(value) / ".local/share/handlewatch";
  return "handlewatch-data";
}

void describe(CLI::App& root, Session& session, std::string& data, std::string& config) {
  root.name("handlewatch");
  root.description(
      "Reads public posts, finds those that advertise a messenger handle beside words that press reports document, "
      "and\n"
      "gives people whose job it is a lead to check. A hit is a lead for a person, never a finding.");
  root.set_version_flag("--version", fmt::format("handlewatch {}", kVersion));
  root.add_option("--data", data, "Folder of the store and keys (or $HANDLEWATCH_DATA)")
      ->capture_default_str()
      ->type_name("DIR");
  root.add_option("--config", config, "Configuration; DIR/handlewatch.yaml otherwise")->type_name("FILE");
  root.add_option("--as", session.person,
                  "Whose key signs and opens (or $HANDLEWATCH_PERSON); the only one here otherwise")
      ->type_name("PERSON");
  root.add_option("--log-level", session.log_level, "debug, info, warning or error, for the daemon")
      ->capture_default_str()
      ->type_name("L");
  root.add_option("--log-format", session.log_format, "auto, text or json, for the daemon")
      ->capture_default_str()
      ->type_name("F");
  root.require_subcommand(1);
  root.fallthrough();
  root.footer(
      "Begin with: handlewatch demo\nHelp on a command, with examples: handlewatch COMMAND --help\n"
      "Exit status: 0 done; 1 something failed, the rest was done; 2 the command line or the configuration is wrong.");
  for (const AddCommand add : all_commands()) add(root, session);
}

// CLI11 says what it did not expect and not what was meant; a command that is near is more help.
std::string explained(const CLI::ParseError& error) {
  std::string what = error.what();
  std::replace(what.begin(), what.end(), '\n', ' ');
  return what + "; see handlewatch --help";
}

}  // namespace

int run_command_line(Session& session, const std::vector<std::string>& arguments) {
  std::string data = session.data.empty() ? default_data_folder().string() : session.data.string();
  std::string config;
  session.person = environment("HANDLEWATCH_PERSON");
  CLI::App root;
  describe(root, session, data, config);
  try {
    root.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return root.exit(error, *session.out, *session.err);  // --help, --version
    complain(session, explained(error));
    return kWrongUse;
  }
  session.data = data;
  session.config_file = config.empty() ? session.data / "handlewatch.yaml" : std::filesystem::path(config);
  const auto status = std::exchange(session.action, {})();
  if (!status) return report(*session.err, status.error());
  session.out->flush();
  if (!*session.out && errno == EPIPE) return kSomethingFailed;  // the reader had enough: `| head`
  if (!*session.out) return report(*session.err, {ErrorCode::io, "cannot write to standard output"});
  return *status;
}

}  // namespace hw::app
