// What the commands that read the store share: opening it, who acts and with which key, why, and the line that every
// lookup ends with.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "app/listing.h"
#include "app/session.h"
#include "db/exports.h"
#include "db/handles.h"
#include "db/marks.h"
#include "db/person.h"
#include "db/store.h"

namespace CLI {
class App;
}

namespace hw::app {

// --case, --purpose: without them nothing leaves the store.
struct Grounds {
  std::string case_name;
  std::string purpose;
  bool given() const { return !case_name.empty() || !purpose.empty(); }
};
void add_grounds(CLI::App& command, Grounds& grounds);

// The store under the configured policy.
Result<std::unique_ptr<db::Store>> open_store(Session& session);
// The person who acts: --as, $HANDLEWATCH_PERSON, or the only one whose key is here. Asks for the passphrase.
Result<db::Person> unlock_person(Session& session, db::Store& store);

// The store, and who acts on it.
struct Acting {
  std::unique_ptr<db::Store> store;
  db::Person person;
};
Result<Acting> open_acting(Session& session);

// And what that person may read of a class; opening brings holds up to date first.
struct Reading {
  std::unique_ptr<db::Store> store;
  db::Person person;
  db::Opener opener;
};
Result<Reading> open_reading(Session& session, db::KeyClass records = db::KeyClass::review);

// On standard error after every lookup, whatever it found.
void say_more_may_be_held(Session& session);

// The format that `automatic` stands for on this session's output.
Format resolved(Format format, const Session& session);
// How many rows are shown where --limit is not given: a table is for reading, anything else for machines.
std::size_t resolved_limit(std::optional<std::size_t> limit, Format format);

// What stands in the clear as a cell.
std::string mark_words(const std::vector<db::Mark>& marks);
std::string ban_words(const std::vector<db::BanMark>& bans);  // "ban by reddit (ban 3)"

}  // namespace hw::app
