// Who may do what: the people of a store, enrolled with their keys, names and roles.
//
// Whoever reads a class is one of its recipients. To enroll a reader is to wrap the keys of the class's records for
// them, which takes somebody who reads that class; records themselves are not touched. Every change is an entry of the
// audit log with the public key, signed by who made it, and `audit verify` follows these entries from the first.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"
#include "db/keys.h"
#include "db/person.h"
#include "db/roster.h"
#include "db/store.h"

namespace hw::db {

class Work;

// Loads the person's key and looks up their roles. no_key: no such key here, a wrong passphrase, or not enrolled.
Result<Person> unlock_person(Store& store, std::string_view name, const AskPassphrase& ask);
// The same from a file anywhere.
Result<Person> unlock_person_file(Store& store, const std::filesystem::path& file, const AskPassphrase& ask);
// Whether this person may act in this role: they have it and, for an exporter, do not judge hits as well, unless
// the policy lets one person do both. refused otherwise.
Status may(Store& store, const Person& by, Role role);

struct EnrolledPerson {
  PublicPerson person;
  bool removed = false;
};
Result<std::vector<EnrolledPerson>> list_people(Store& store);
// Whether any person is enrolled; not so in a store of the first version, or on a collector that is being made.
Result<bool> has_people(Store& store);
// Whether records can be sealed to anybody; not so while a store is being made.
Result<bool> has_readers(Store& store);

// Enrolls somebody new. `by` reads every class that the newcomer's roles read (no_key otherwise) and is no exporter or
// auditor alone (refused). A name or key that is there already is refused.
Status enroll(Store& store, const Person& by, const PublicPerson& newcomer);
// The first person of a store, who enrolls themself. Where the store has class keys of the first version,
// `class_openers` are those of the classes that the first person's roles read; those keys open nothing from then on.
Status enroll_first(Store& store, const Person& first, const std::vector<Opener>& class_openers = {});
// From now on nothing is sealed to them, and their wrapped keys are erased. Their earlier entries stay valid. A class
// keeps one reader at least.
Status remove_person(Store& store, const Person& by, std::string_view name);
// `fresh` is `before` with a fresh key to open with: every record key is wrapped for it and erased for the old one.
Status rotate(Store& store, const Person& before, const Person& fresh);
// The same with the key file: the fresh key is on the disk before anything is wrapped for it, the old one is
// overwritten afterwards.
Status rotate_key(Store& store, const Person& before, const Person& fresh, const KeyProtection& protection);
// Enrolls the readers and hosts of a roster into a collector's store, signed by the host. refused where a person is
// enrolled already.
Status enroll_roster(Store& store, const Roster& roster);

struct KeyTried {
  std::size_t review = 0;
  std::size_t safeguarding = 0;
};
// Opens every record that the person's roles read, and shows none; fails at the first that does not open. An entry of
// the audit log.
Result<KeyTried> try_key(Store& store, const Person& person);

// Internal to db/: whom records are sealed to.
std::vector<PublicKey> recipients(Work& work);
// Internal to db/.
std::vector<EnrolledPerson> people_of(Work& work);
inline constexpr std::string_view kHostName = "host";
// Internal to db/: the host, where it is not enrolled yet.
void enroll_host(Work& work);

}  // namespace hw::db
