#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/commands.h"
#include "app/session.h"
#include "app/terminal.h"
#include "config/embedded.h"

namespace hw::app {
namespace {

constexpr std::size_t kShortestPassphrase = 12;

// Asked twice on a terminal; from a file once.
Result<std::string> new_passphrase(const Session& session, db::KeyClass key_class) {
  auto first = session.ask_passphrase()(key_class);
  if (!first) return first;
  if (first->size() < kShortestPassphrase)
    return fail(ErrorCode::usage,
                fmt::format("a passphrase has at least {} characters; nothing was made", kShortestPassphrase));
  if (std::getenv("HANDLEWATCH_PASSPHRASE_FILE") != nullptr) return first;
  auto again = ask_secret("The same again: ");
  if (!again) return again;
  if (*again != *first) return fail(ErrorCode::usage, "the two passphrases differ; nothing was made");
  return first;
}

Status write_configuration(const std::filesystem::path& file) {
  std::error_code ignored;
  if (std::filesystem::exists(file, ignored)) return {};  // what an operator wrote stays
  std::ofstream stream(file);
  stream << config::example_settings();
  stream.close();
  if (!stream) return fail(ErrorCode::io, fmt::format("cannot write {}: {}", file.string(), std::strerror(errno)));
  return {};
}

Result<int> init(Session& session, bool no_passphrase) {
  db::KeyProtection protection;
  if (!no_passphrase)
    protection.passphrase = [&session](db::KeyClass key_class) { return new_passphrase(session, key_class); };
  if (auto created = db::Store::create(session.data, *session.clock, protection); !created)
    return tl::unexpected(created.error());
  if (auto written = write_configuration(session.config_file); !written) return tl::unexpected(written.error());
  if (no_passphrase)
    complain(session,
             "the private keys have no passphrase: whoever can read the keys folder can read every record. For tests "
             "and demos only");
  *session.out << fmt::format(
      "made {0}\n  keys/              the readers' keys; a host that only collects needs token.key and the two .pub "
      "files, "
      "keep the .key files off it\n  store.db           the sealed store, empty\n  handlewatch.yaml   the "
      "configuration: name the operator, "
      "add a source\nNext: edit {1}, then handlewatch doctor\n",
      session.data.string(), session.config_file.string());
  return kDone;
}

}  // namespace

void add_init(CLI::App& root, Session& session) {
  auto no_passphrase = std::make_shared<bool>(false);
  CLI::App* command =
      root.add_subcommand("init", "Makes a data folder: keys, an empty store, a commented configuration");
  command->add_flag("--no-passphrase", *no_passphrase, "Leave the private keys unprotected (tests and demos only)");
  command->footer(
      "Examples:\n  handlewatch init\n  handlewatch --data ./trial init --no-passphrase\nPassphrases are asked on the "
      "terminal, or read "
      "from the file that HANDLEWATCH_PASSPHRASE_FILE names. A store that is there already is never touched.");
  command->callback([&session, no_passphrase] {
    session.action = [&session, no_passphrase] { return init(session, *no_passphrase); };
  });
}

}  // namespace hw::app
