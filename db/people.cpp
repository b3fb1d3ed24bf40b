#include "db/people.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "common/text.h"
#include "db/audit_writer.h"
#include "db/vault.h"
#include "db/work.h"

namespace hw::db {
namespace {

constexpr std::array kClasses{KeyClass::review, KeyClass::safeguarding};

std::int64_t reads_of(const Roles& roles) {
  std::int64_t reads = 0;
  for (const KeyClass key_class : kClasses)
    if (roles.reads(key_class)) reads |= static_cast<std::int64_t>(key_class);
  return reads;
}

bool is_somebody(const EnrolledPerson& enrolled) {
  return !enrolled.removed && !enrolled.person.roles.has(Role::collector);
}

void insert_person(Work& work, const PublicPerson& person) {
  Query insert(work, "INSERT INTO person(name, roles, sign_key, box_key, reads) VALUES (?, ?, ?, ?, ?)");
  insert.text(person.name).text(person.roles.text()).blob(person.sign_key).blob(person.box_key);
  insert.number(reads_of(person.roles)).run();
}

AuditRecord entry_of(std::string_view action, const PublicPerson& person) {
  AuditRecord record(action);
  record.text("person", person.name).text("roles", person.roles.text());
  return record.text("sign", to_hex(person.sign_key)).text("box", to_hex(person.box_key));
}

void require_fresh(Work& work, const PublicPerson& newcomer) {
  for (const EnrolledPerson& known : people_of(work))
    if ((!known.removed && known.person.name == newcomer.name) || known.person.sign_key == newcomer.sign_key)
      work.fail({ErrorCode::refused,
                 fmt::format("{} is enrolled already; handlewatch keys list shows everybody", newcomer.name)});
}

void require_host_of_people(Work& work, const Person& by) {
  const Roles& roles = by.roles();
  if (!roles.has(Role::reviewer) && !roles.has(Role::safeguarding) && !roles.has(Role::recovery))
    work.fail({ErrorCode::refused, fmt::format("{} ({}) may not change who is enrolled; a reviewer or safeguarding may",
                                               by.name(), roles.text())});
}

// Every reader of the class gets its record keys anew; `opener` is of somebody who had them.
void share_classes(Work& work, const Person& by, const Roles& newcomer) {
  for (const KeyClass key_class : kClasses) {
    if (!newcomer.reads(key_class)) continue;
    const auto opener = by.opener(key_class);
    if (!opener) return work.fail(opener.error());
    seal_keys_anew(work, *opener);
  }
}

std::int64_t readers_of(Work& work, KeyClass key_class) {
  Query query(work, "SELECT COUNT(*) FROM person WHERE removed = 0 AND reads & ?");
  return query.number(static_cast<std::int64_t>(key_class)).next() ? query.number_at(0) : 0;
}

// `name`, or where somebody has that already the first of name-2, name-3 …
std::string free_name(const std::vector<EnrolledPerson>& people, std::string_view name) {
  const auto taken = [&](const std::string& candidate) {
    return std::any_of(people.begin(), people.end(), [&](const EnrolledPerson& enrolled) {
      return !enrolled.removed && enrolled.person.name == candidate;
    });
  };
  std::string candidate(name);
  for (int i = 2; taken(candidate); ++i) candidate = fmt::format("{}-{}", name, i);
  return candidate;
}

// With the roles that the store says.
Result<Person> known_person(Store& store, const Result<Person>& person) {
  if (!person) return tl::unexpected(person.error());
  const auto people = list_people(store);
  if (!people) return tl::unexpected(people.error());
  const auto known = std::find_if(people->begin(), people->end(), [&](const EnrolledPerson& enrolled) {
    return !enrolled.removed && enrolled.person.sign_key == person->face().sign_key;
  });
  if (known == people->end())
    return fail(ErrorCode::no_key,
                fmt::format("{} is not enrolled in this store; a reviewer does that with handlewatch keys add",
                            person->name()));
  if (known->person.box_key != person->face().box_key)
    return fail(
        ErrorCode::no_key,
        fmt::format("the key of {0} is not the one that this store seals to: where {0}.key.next lies beside it, a "
                    "rotation was cut short and that is the one; rename it",
                    person->name()));
  return person->with_roles(known->person.roles);
}

}  // namespace

std::vector<EnrolledPerson> people_of(Work& work) {
  std::vector<EnrolledPerson> people;
  Query query(work, "SELECT name, roles, sign_key, box_key, removed FROM person ORDER BY person");
  while (query.next()) {
    const auto roles = Roles::parse(query.text_at(1));
    if (!roles) work.fail({ErrorCode::tampered, "a person's roles are not what was written; restore a backup"});
    people.push_back(
        {{query.text_at(0), roles.value_or(Roles{}), query.blob_at(2), query.blob_at(3)}, query.number_at(4) != 0});
  }
  return people;
}

Result<Person> unlock_person(Store& store, std::string_view name, const AskPassphrase& ask) {
  return known_person(store, load_person(store.folder(), name, ask));
}

Result<Person> unlock_person_file(Store& store, const std::filesystem::path& file, const AskPassphrase& ask) {
  return known_person(store, load_person_file(file, ask));
}

Status may(Store& store, const Person& by, Role role) {
  if (!by.roles().has(role))
    return fail(ErrorCode::refused, fmt::format("{} ({}) has not the role {}; handlewatch keys list shows who has",
                                                by.name(), by.roles().text(), to_string(role)));
  if (role == Role::exporter && by.roles().has(Role::reviewer) && !store.core().policy.one_person)
    return fail(
        ErrorCode::refused,
        fmt::format("{} judges hits and so does not export them; enroll an exporter with handlewatch keys add, or "
                    "choose review.one_person in the configuration, which is written down",
                    by.name()));
  return {};
}

Result<std::vector<EnrolledPerson>> list_people(Store& store) {
  Work work(store.core(), Work::Access::read);
  auto people = people_of(work);
  return work.finish(std::move(people));
}

Result<bool> has_people(Store& store) {
  const auto people = list_people(store);
  if (!people) return tl::unexpected(people.error());
  return std::any_of(people->begin(), people->end(), is_somebody);
}

Result<bool> has_readers(Store& store) {
  Work work(store.core(), Work::Access::read);
  const bool any = !recipients(work).empty();
  return work.finish(any);
}

Status enroll(Store& store, const Person& by, const PublicPerson& newcomer) {
  Work work(store.core(), Work::Access::write);
  require_host_of_people(work, by);
  require_fresh(work, newcomer);
  insert_person(work, newcomer);
  share_classes(work, by, newcomer.roles);
  append_audit(work, entry_of("key-add", newcomer), by);
  return work.finish();
}

Status enroll_first(Store& store, const Person& first, const std::vector<Opener>& class_openers) {
  Work work(store.core(), Work::Access::write);
  const auto people = people_of(work);
  if (std::any_of(people.begin(), people.end(), is_somebody))
    work.fail({ErrorCode::refused, "somebody is enrolled already; they enroll others with handlewatch keys add"});
  insert_person(work, first.face());
  for (const Opener& opener : class_openers) seal_keys_anew(work, opener);
  append_audit(work, entry_of("key-add", first.face()), first);
  return work.finish();
}

Status remove_person(Store& store, const Person& by, std::string_view name) {
  if (name == kHostName)
    return fail(ErrorCode::refused,
                "the host is this machine itself and signs what nobody in particular does; it cannot be removed");
  Work work(store.core(), Work::Access::write);
  require_host_of_people(work, by);
  const auto people = people_of(work);
  const auto found = std::find_if(people.begin(), people.end(), [&](const EnrolledPerson& enrolled) {
    return !enrolled.removed && enrolled.person.name == name;
  });
  if (found == people.end())
    return fail(ErrorCode::not_found, fmt::format("nobody named {} is enrolled; see handlewatch keys list", name));
  Query update(work, "UPDATE person SET removed = 1 WHERE sign_key = ?");
  update.blob(found->person.sign_key).run();
  for (const KeyClass key_class : kClasses) {
    if (found->person.roles.reads(key_class) && readers_of(work, key_class) == 0)
      work.fail({ErrorCode::refused, fmt::format("{} is the last who reads the class {}; enroll somebody else first",
                                                 name, to_string(key_class))});
    const PublicKey key{key_class, found->person.box_key};
    Query forget(work, "DELETE FROM sealed_key WHERE key_id = ?");
    forget.blob(key.id()).run();
  }
  append_audit(work, entry_of("key-remove", found->person), by);
  if (auto done = work.finish(); !done) return done;
  return store.core().database.checkpoint();
}

Status rotate(Store& store, const Person& before, const Person& fresh) {
  Work work(store.core(), Work::Access::write);
  Query update(work, "UPDATE person SET box_key = ? WHERE sign_key = ? AND removed = 0");
  if (update.blob(fresh.face().box_key).blob(before.face().sign_key).run_changes() != 1)
    work.fail({ErrorCode::no_key, fmt::format("{} is not enrolled in this store", before.name())});
  share_classes(work, before, before.roles());
  append_audit(work, entry_of("key-rotate", fresh.face()), before);
  if (auto done = work.finish(); !done) return done;
  return store.core().database.checkpoint();
}

Status rotate_key(Store& store, const Person& before, const Person& fresh, const KeyProtection& protection) {
  if (auto saved = save_next(store.folder(), fresh, protection); !saved) return saved;
  if (auto done = rotate(store, before, fresh); !done) return done;
  return adopt_next(store.folder(), fresh.name());
}

Status enroll_roster(Store& store, const Roster& roster) {
  Work work(store.core(), Work::Access::write);
  const auto people = people_of(work);
  if (std::any_of(people.begin(), people.end(), is_somebody))
    work.fail({ErrorCode::refused, "people are enrolled here already"});
  for (const PublicPerson& person : roster.people) {
    insert_person(work, person);
    append_audit(work, entry_of("key-add", person));
  }
  for (PublicPerson host : roster.hosts) {
    host.name = free_name(people_of(work), "reader");  // "host" is this machine
    insert_person(work, host);
    append_audit(work, entry_of("key-add", host));
  }
  return work.finish();
}

Result<KeyTried> try_key(Store& store, const Person& person) {
  Work work(store.core(), Work::Access::write);
  KeyTried tried;
  for (const KeyClass key_class : kClasses) {
    if (!person.roles().reads(key_class)) continue;
    const auto opener = person.opener(key_class);
    if (!opener) return tl::unexpected(opener.error());
    (key_class == KeyClass::review ? tried.review : tried.safeguarding) = open_all(work, *opener);
  }
  append_audit(work, AuditRecord("key-test").text("person", person.name()), person);
  return work.finish(tried);
}

std::vector<PublicKey> recipients(Work& work) {
  std::vector<PublicKey> keys;
  Query query(work, "SELECT box_key, reads FROM person WHERE removed = 0 AND reads > 0 ORDER BY person");
  while (query.next())
    for (const KeyClass key_class : kClasses)
      if ((query.number_at(1) & static_cast<std::int64_t>(key_class)) != 0)
        keys.push_back({key_class, query.blob_at(0)});
  return keys.empty() ? work.core().class_keys : keys;
}

void enroll_host(Work& work) {
  const PublicPerson host = work.core().host.face();
  {
    Query known(work, "SELECT 1 FROM person WHERE sign_key = ?");
    if (known.blob(host.sign_key).next()) return;
  }
  // The host was moved to another machine or lost its key: the one before signs nothing any more.
  Query before(work, "UPDATE person SET removed = 1 WHERE name = ? AND removed = 0");
  before.text(host.name).run();
  insert_person(work, host);
  append_audit(work, entry_of("key-add", host));
  adopt_records(work);
}

}  // namespace hw::db
