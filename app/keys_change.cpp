// keys rotate, keys remove.
#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/keys_command.h"
#include "app/reading.h"
#include "db/people.h"

namespace hw::app {
namespace {

// The fresh key is on the disk beside the old one until the store knows it; a run that is cut short between leaves both
// and says which file to put back.
Result<int> rotate(Session& session, bool no_passphrase) {
  auto store = open_store(session);
  if (!store) return tl::unexpected(store.error());
  const auto before = unlock_person(session, **store);
  if (!before) return tl::unexpected(before.error());
  const auto fresh = before->with_fresh_box();
  if (!fresh) return tl::unexpected(fresh.error());
  db::KeyProtection protection;
  if (!no_passphrase) protection.passphrase = session.ask_new_passphrase();
  if (auto done = db::rotate_key(**store, *before, *fresh, protection); !done) return tl::unexpected(done.error());
  *session.out << fmt::format(
      "{} has a fresh key; the old one is destroyed and opens nothing, not in an old backup either once every reader "
      "has rotated\n",
      before->name());
  return kDone;
}

void add_rotate(CLI::App& keys, Session& session) {
  auto no_passphrase = std::make_shared<bool>(false);
  CLI::App* command = keys.add_subcommand("rotate", "A fresh key to open with, for yourself; the old one is destroyed");
  command->add_flag("--no-passphrase", *no_passphrase, "Leave the private key unprotected (tests and demos)");
  command->footer(
      "Example:\n  handlewatch keys rotate --as alice\nThe keys of all records that you may read are wrapped for the "
      "fresh "
      "key; the records are not touched. What was erased since the last time, and still lies in a backup or in spare "
      "blocks of a disk, opens for nobody once every reader of its class has rotated. Your signing key, which is who "
      "you are, stays.");
  command->callback([&session, no_passphrase] {
    session.action = [&session, no_passphrase] { return rotate(session, *no_passphrase); };
  });
}

Result<int> remove(Session& session, const std::string& name) {
  const auto checked = db::person_name(name);
  if (!checked) return tl::unexpected(checked.error());
  auto store = open_store(session);
  if (!store) return tl::unexpected(store.error());
  const auto by = unlock_person(session, **store);
  if (!by) return tl::unexpected(by.error());
  if (auto done = db::remove_person(**store, *by, *checked); !done) return tl::unexpected(done.error());
  if (auto gone = db::forget_person(session.data, *checked); !gone) return tl::unexpected(gone.error());
  *session.out << fmt::format("{} is removed: nothing is sealed to them from now on\n", *checked);
  return kDone;
}

void add_remove(CLI::App& keys, Session& session) {
  auto name = std::make_shared<std::string>();
  CLI::App* command = keys.add_subcommand("remove", "Takes somebody's access away; what they signed stays valid");
  command->add_option("NAME", *name, "As keys list shows it")->required();
  command->footer(
      "Example:\n  handlewatch keys remove kim --as alice\nThe keys of records that were wrapped for them are erased, "
      "and "
      "their key file where it is here. What they read or copied before, nobody can take back.");
  command->callback([&session, name] { session.action = [&session, name] { return remove(session, *name); }; });
}

}  // namespace

void add_keys_change(CLI::App& keys, Session& session) {
  add_rotate(keys, session);
  add_remove(keys, session);
}

}  // namespace hw::app
