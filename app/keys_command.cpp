#include "app/keys_command.h"

#include <algorithm>
#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>

#include "app/commands.h"
#include "app/listing.h"
#include "app/reading.h"
#include "db/people.h"

namespace hw::app {
namespace {

std::string whereabouts(const Session& session, const db::EnrolledPerson& enrolled,
                        const std::vector<std::string>& here) {
  if (enrolled.person.roles == db::Roles{db::Role::collector}) return "";
  if (std::find(here.begin(), here.end(), enrolled.person.name) == here.end()) return "";
  return db::unprotected(session.data, enrolled.person.name) ? "here, no passphrase" : "here";
}

Result<int> list(Session& session, Format format) {
  auto store = open_store(session);
  if (!store) return tl::unexpected(store.error());
  const auto people = db::list_people(**store);
  if (!people) return tl::unexpected(people.error());
  const auto here = db::people_here(session.data);
  Listing listing({"name", "roles", "key", "state", "private_key"}, format, *session.out);
  for (const db::EnrolledPerson& enrolled : *people)
    listing.add({enrolled.person.name, enrolled.person.roles.text(), enrolled.person.id(),
                 std::string(enrolled.removed ? "removed" : "enrolled"), whereabouts(session, enrolled, here)});
  return kDone;
}

}  // namespace

void add_keys_list(CLI::App& keys, Session& session) {
  auto format = std::make_shared<Format>(Format::automatic);
  CLI::App* command = keys.add_subcommand("list", "Who is enrolled, with which roles, and whose key is here");
  add_format_option(*command, *format);
  command->footer("Example:\n  handlewatch keys list");
  command->callback([&session, format] { session.action = [&session, format] { return list(session, *format); }; });
}

void add_keys(CLI::App& root, Session& session) {
  CLI::App* command = root.add_subcommand("keys", "People, their keys and their roles");
  command->require_subcommand(1);
  add_keys_list(*command, session);
  add_keys_add(*command, session);
  add_keys_change(*command, session);
  add_keys_files(*command, session);
}

}  // namespace hw::app
