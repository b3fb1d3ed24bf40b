// keys add: somebody new, with a key made here or one made elsewhere.
#include <algorithm>
#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/keys_command.h"
#include "app/reading.h"
#include "config/yaml_reader.h"
#include "db/people.h"
#include "db/roster.h"

namespace hw::app {
namespace {

struct AddOptions {
  std::string name;
  std::string roles;
  std::string public_file;
  bool no_passphrase = false;
};

// In a store of the first version, in which nobody is enrolled, the first person takes over from its class keys.
Status enroll_with(Session& session, db::Store& store, const db::PublicPerson& newcomer, const db::Person* made_here) {
  const auto anybody = db::has_people(store);
  if (!anybody) return tl::unexpected(anybody.error());
  if (!*anybody && made_here != nullptr) {
    std::vector<db::Opener> openers;
    for (const db::KeyClass key_class : {db::KeyClass::review, db::KeyClass::safeguarding}) {
      auto opener = db::load_class_opener(session.data, key_class, session.ask_passphrase());
      if (!opener) return tl::unexpected(opener.error());
      openers.push_back(std::move(*opener));
    }
    return db::enroll_first(store, *made_here, openers);
  }
  const auto by = unlock_person(session, store);
  if (!by) return tl::unexpected(by.error());
  return db::enroll(store, *by, newcomer);
}

// The key is kept before its owner is enrolled; where that fails, it goes again.
Status enroll_here(Session& session, db::Store& store, const AddOptions& options, db::Roles roles) {
  const auto name = db::newcomer_name(options.name);
  if (!name) return tl::unexpected(name.error());
  const auto newcomer = db::Person::make(*name, roles);
  if (!newcomer) return tl::unexpected(newcomer.error());
  const auto here = db::people_here(session.data);
  if (std::find(here.begin(), here.end(), newcomer->name()) != here.end())
    return fail(ErrorCode::refused, fmt::format("a key of {} is here already; choose another name, or give "
                                                "--public its public part",
                                                newcomer->name()));
  db::KeyProtection protection;
  if (!options.no_passphrase) protection.passphrase = session.ask_new_passphrase();
  if (session.person.empty() && here.size() == 1) session.person = here.front();  // not the newcomer
  if (auto saved = db::save_person(session.data, *newcomer, protection); !saved) return saved;
  auto enrolled = enroll_with(session, store, newcomer->face(), &*newcomer);
  if (!enrolled) {
    if (auto gone = db::forget_person(session.data, newcomer->name()); !gone) return gone;
  }
  return enrolled;
}

// A collector calls itself "host"; here it gets the name that it is added under.
Status enroll_from_file(Session& session, db::Store& store, const AddOptions& options, db::Roles roles) {
  const auto name = db::newcomer_name(options.name);
  if (!name) return tl::unexpected(name.error());
  const auto text = config::read_small_file(options.public_file);
  if (!text) return tl::unexpected(text.error());
  const auto roster = db::read_roster(*text);
  if (!roster) return within(options.public_file, roster.error());
  const bool host = roles == db::Roles{db::Role::collector};
  const auto& among = host ? roster->hosts : roster->people;
  const auto found = std::find_if(among.begin(), among.end(),
                                  [&](const db::PublicPerson& person) { return host || person.name == *name; });
  if (found == among.end())
    return fail(ErrorCode::usage, fmt::format("{} holds no public key of {}", options.public_file, *name));
  return enroll_with(session, store, {*name, roles, found->sign_key, found->box_key}, nullptr);
}

Result<int> add(Session& session, const AddOptions& options) {
  const auto roles = db::Roles::parse(options.roles);
  if (!roles) return fail(ErrorCode::usage, roles.error().message);
  if (roles->has(db::Role::collector) && (options.public_file.empty() || *roles != db::Roles{db::Role::collector}))
    return fail(ErrorCode::usage,
                "a collector has that role alone, and its own key: give --public the file that handlewatch keys "
                "export-public wrote there");
  auto store = open_store(session);
  if (!store) return tl::unexpected(store.error());
  const auto done = options.public_file.empty() ? enroll_here(session, **store, options, *roles)
                                                : enroll_from_file(session, **store, options, *roles);
  if (!done) return tl::unexpected(done.error());
  *session.out << fmt::format("{} is enrolled as {}\n", options.name, roles->text());
  if (options.no_passphrase)
    complain(session, fmt::format("the key of {0} has no passphrase: whoever can read it is {0}", options.name));
  return kDone;
}

}  // namespace

void add_keys_add(CLI::App& keys, Session& session) {
  auto options = std::make_shared<AddOptions>();
  CLI::App* command = keys.add_subcommand("add", "Enrolls somebody, with a key made here or elsewhere");
  command->add_option("NAME", options->name, "Letters, digits, '-', '_', '.'")->required();
  command
      ->add_option("--roles", options->roles,
                   "reviewer, exporter, safeguarding, auditor, recovery or collector, separated by commas")
      ->required()
      ->type_name("ROLES");
  command->add_option("--public", options->public_file, "Their public key, as keys init or keys export-public wrote it")
      ->type_name("FILE");
  command->add_flag("--no-passphrase", options->no_passphrase, "Leave the private key unprotected (tests and demos)");
  command->footer(
      "Examples:\n  handlewatch keys add kim --roles exporter --as alice\n  handlewatch keys add attic --roles "
      "collector "
      "--public attic.pub\nWhoever reads a class gets its records' keys wrapped for them, which takes somebody who "
      "reads "
      "it (--as).\nThe role recovery is for a key that lies in a safe: make it, move its file off this machine, and "
      "try "
      "it now and then with handlewatch keys recover-test.");
  command->callback([&session, options] { session.action = [&session, options] { return add(session, *options); }; });
}

}  // namespace hw::app
