// keys init, export-public, recover-test: keys as files that go from one machine to another.
#include <algorithm>
#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/keys_command.h"
#include "app/reading.h"
#include "db/people.h"
#include "db/roster.h"

namespace hw::app {
namespace {

// keys init
// ------------------------------------------------------------------------------------------------------------

Result<int> init(Session& session, const std::string& name, bool no_passphrase) {
  const auto checked = db::newcomer_name(name);
  if (!checked) return tl::unexpected(checked.error());
  const auto person = db::Person::make(*checked, {});
  if (!person) return tl::unexpected(person.error());
  const auto here = db::people_here(session.data);
  if (std::find(here.begin(), here.end(), person->name()) != here.end())
    return fail(ErrorCode::refused, fmt::format("a key of {} is here already", person->name()));
  if (auto made = db::make_keys_folder(session.data); !made) return tl::unexpected(made.error());
  db::KeyProtection protection;
  if (!no_passphrase) protection.passphrase = session.ask_new_passphrase();
  if (auto saved = db::save_person(session.data, *person, protection); !saved) return tl::unexpected(saved.error());
  db::PublicPerson face = person->face();
  face.roles = {db::Role::auditor};  // a roster needs one; whoever enrolls them says which
  *session.out << db::write_roster({{face}, {}, {}});
  return kDone;
}

void add_init(CLI::App& keys, Session& session) {
  auto name = std::make_shared<std::string>();
  auto no_passphrase = std::make_shared<bool>(false);
  CLI::App* command =
      keys.add_subcommand("init", "Makes a key on your own machine; its public part goes to standard output");
  command->add_option("NAME", *name, "Letters, digits, '-', '_', '.'")->required();
  command->add_flag("--no-passphrase", *no_passphrase, "Leave the private key unprotected (tests and demos)");
  command->footer(
      "Example:\n  handlewatch keys init kim > kim.pub\nBring kim.pub to somebody who is enrolled: handlewatch keys "
      "add kim "
      "--roles exporter --public kim.pub. Needs no store.");
  command->callback([&session, name, no_passphrase] {
    session.action = [&session, name, no_passphrase] { return init(session, *name, *no_passphrase); };
  });
}

// keys export-public
// ---------------------------------------------------------------------------------------------------

Result<int> export_public(Session& session, bool with_token_key) {
  auto store = open_store(session);
  if (!store) return tl::unexpected(store.error());
  const auto people = db::list_people(**store);
  if (!people) return tl::unexpected(people.error());
  db::Roster roster;
  for (const db::EnrolledPerson& enrolled : *people)
    if (!enrolled.removed && enrolled.person.roles != db::Roles{db::Role::collector})
      roster.people.push_back(enrolled.person);
  roster.hosts.push_back((*store)->host().face());
  if (with_token_key) {
    auto key = db::token_key_bytes(session.data);
    if (!key) return tl::unexpected(key.error());
    roster.token_key = std::move(*key);
  }
  *session.out << db::write_roster(roster);
  db::wipe(roster.token_key);
  if (with_token_key)
    complain(session, "the token key is in it: whoever has it can test guesses; hand it over as a secret");
  return kDone;
}

void add_export_public(CLI::App& keys, Session& session) {
  auto with_token_key = std::make_shared<bool>(false);
  CLI::App* command = keys.add_subcommand("export-public", "Public keys of people and this host, for other machines");
  command->add_flag("--with-token-key", *with_token_key, "For handlewatch init --collector: a secret, then");
  command->footer(
      "Examples:\n  handlewatch keys export-public > attic.pub\n  umask 077; handlewatch keys export-public "
      "--with-token-key > roster");
  command->callback([&session, with_token_key] {
    session.action = [&session, with_token_key] { return export_public(session, *with_token_key); };
  });
}

// keys recover-test
// ----------------------------------------------------------------------------------------------------

Result<int> recover_test(Session& session, const std::string& file) {
  auto store = open_store(session);
  if (!store) return tl::unexpected(store.error());
  const auto person = db::unlock_person_file(**store, file, session.ask_passphrase());
  if (!person) return tl::unexpected(person.error());
  const auto opened = db::try_key(**store, *person);
  if (!opened) return tl::unexpected(opened.error());
  *session.out << fmt::format("the key of {} opens all {} records of review and {} of safeguarding\n", person->name(),
                              opened->review, opened->safeguarding);
  return kDone;
}

void add_recover_test(CLI::App& keys, Session& session) {
  auto file = std::make_shared<std::string>();
  CLI::App* command = keys.add_subcommand("recover-test", "Whether a key from the safe still opens every record");
  command->add_option("FILE", *file, "The private key's file")->required();
  command->footer(
      "Example:\n  handlewatch keys recover-test /media/usb/recovery.key\nNothing is shown and the key is not kept; "
      "that "
      "it was tried goes to the audit log.");
  command->callback([&session, file] { session.action = [&session, file] { return recover_test(session, *file); }; });
}

}  // namespace

void add_keys_files(CLI::App& keys, Session& session) {
  add_init(keys, session);
  add_export_public(keys, session);
  add_recover_test(keys, session);
}

}  // namespace hw::app
