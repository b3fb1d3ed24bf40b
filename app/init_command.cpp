#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include "app/commands.h"
#include "app/session.h"
#include "config/embedded.h"
#include "config/yaml_reader.h"
#include "db/roster.h"

namespace hw::app {
namespace {

// Whoever runs init is the first person, under the name of their account where it can be one.
std::string own_name(const Session& session) {
  if (!session.person.empty()) return session.person;
  const passwd* entry = ::getpwuid(::geteuid());
  const auto name = db::person_name(entry == nullptr ? "" : entry->pw_name);
  return name.value_or("owner");
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

Result<int> init_collector(Session& session, const std::string& file) {
  if (file.empty())
    return fail(ErrorCode::usage,
                "--collector needs --recipients: the file that handlewatch keys export-public --with-token-key wrote");
  auto text = config::read_small_file(file);
  if (!text) return tl::unexpected(text.error());
  auto roster = db::read_roster(*text);
  db::wipe(*text);
  if (!roster) return within(file, roster.error());
  const auto created = db::Store::create_collector(session.data, *session.clock, *roster);
  db::wipe(roster->token_key);
  if (!created) return tl::unexpected(created.error());
  if (auto written = write_configuration(session.config_file); !written) return tl::unexpected(written.error());
  *session.out << fmt::format(
      "made {0}, a collector: it writes and opens nothing\n  keys/      the token key and the host's; no person's\n  "
      "store.db   the sealed store, empty, for {1} people\nNext: erase {2} here, edit {3}, and enroll this host where "
      "the "
      "hits are read:\n  handlewatch keys export-public > collector.pub\n  handlewatch keys add NAME --roles collector "
      "--public collector.pub   # there\n",
      session.data.string(), roster->people.size(), file, session.config_file.string());
  return kDone;
}

Result<int> init(Session& session, bool no_passphrase, const std::string& roles) {
  const auto parsed = db::Roles::parse(roles);
  if (!parsed) return fail(ErrorCode::usage, parsed.error().message);
  const db::FirstPerson first{own_name(session), *parsed};
  db::KeyProtection protection;
  if (!no_passphrase) protection.passphrase = session.ask_new_passphrase();
  if (auto created = db::Store::create(session.data, *session.clock, protection, first); !created)
    return tl::unexpected(created.error());
  if (auto written = write_configuration(session.config_file); !written) return tl::unexpected(written.error());
  if (no_passphrase)
    complain(session, fmt::format("the key of {} has no passphrase: whoever can read the keys folder can read every "
                                  "record and sign as {}. For tests and demos only",
                                  first.name, first.name));
  *session.out << fmt::format(
      "made {0}\n  keys/              the key of {2} ({3}), the token key and the host's; keep people/ off a host that "
      "only collects\n  store.db           the sealed store, empty\n  handlewatch.yaml   the configuration: name the "
      "operator, add a source\nNext: edit {1}, then handlewatch doctor; others join with handlewatch keys add\n",
      session.data.string(), session.config_file.string(), first.name, first.roles.text());
  return kDone;
}

}  // namespace

void add_init(CLI::App& root, Session& session) {
  auto no_passphrase = std::make_shared<bool>(false);
  auto collector = std::make_shared<bool>(false);
  auto recipients = std::make_shared<std::string>();
  auto roles = std::make_shared<std::string>(db::Roles::everything().text());
  CLI::App* command =
      root.add_subcommand("init", "Makes a data folder: keys, an empty store, a commented configuration");
  command->add_flag("--no-passphrase", *no_passphrase, "Leave the private keys unprotected (tests and demos only)");
  command->add_option("--roles", *roles, "What the first person does, separated by commas")
      ->capture_default_str()
      ->type_name("ROLES");
  command->footer(
      "Examples:\n  handlewatch init --as alice\n  handlewatch init --collector --recipients roster\n  handlewatch "
      "--data ./trial init --no-passphrase\nThe first person "
      "is you, under --as or "
      "the name of your account. A passphrase is asked on the terminal, or read from the file or descriptor that "
      "HANDLEWATCH_PASSPHRASE_FILE or HANDLEWATCH_PASSPHRASE_FD names. A store that is there already is never "
      "touched.");
  CLI::Option* collects = command->add_flag("--collector", *collector, "A host that writes and can never read");
  command->add_option("--recipients", *recipients, "For whom it writes, from keys export-public --with-token-key")
      ->needs(collects)
      ->type_name("FILE");
  command->callback([&session, no_passphrase, roles, collector, recipients] {
    session.action = [&session, no_passphrase, roles, collector, recipients] {
      return *collector ? init_collector(session, *recipients) : init(session, *no_passphrase, *roles);
    };
  });
}

}  // namespace hw::app
