#include "db/store.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db/audit_writer.h"
#include "db/erasures.h"
#include "db/people.h"
#include "db/recorder.h"
#include "db/schema.h"
#include "db/work.h"

namespace hw::db {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kStoreIdSize = 16;

fs::path store_file(const fs::path& folder) { return folder / "store.db"; }

Status make_folder(const fs::path& folder) {
  std::error_code error;
  if (!folder.parent_path().empty()) fs::create_directories(folder.parent_path(), error);
  if (::mkdir(folder.c_str(), 0700) == 0 || (errno == EEXIST && ::chmod(folder.c_str(), 0700) == 0)) return {};
  const int code = errno;
  return fail(code == EACCES || code == EPERM || code == EROFS ? ErrorCode::denied
              : code == ENOSPC                                 ? ErrorCode::disk_full
                                                               : ErrorCode::io,
              fmt::format("cannot make the data folder {}: {}", folder.string(), std::strerror(code)));
}

// A store and its token key know each other by a check value; whoever opens an empty store first writes it.
Status name_store(Core& core) {
  std::string id(kStoreIdSize, '\0');
  randombytes_buf(id.data(), id.size());
  Work work(core, Work::Access::write);
  Query insert(work, "INSERT INTO meta(one, store_id, token_check) VALUES (1, ?, ?) ON CONFLICT DO NOTHING");
  insert.blob(id).blob(core.tokens.check()).run();
  return work.finish();
}

Status read_name(Core& core) {
  Work work(core, Work::Access::read);
  Query find(work, "SELECT store_id, token_check FROM meta");
  if (find.next()) {
    core.store_id = find.blob_at(0);
    if (find.blob_at(1) != core.tokens.check())
      work.fail({ErrorCode::no_key,
                 fmt::format("keys/token.key does not belong to {}; bring back the key that it was made with",
                             core.database.file().string())});
  }
  find.rewind();
  return work.finish();
}

Status bind_to_key(Core& core) {
  if (auto done = read_name(core); !done || !core.store_id.empty()) return done;
  if (auto done = name_store(core); !done) return done;
  return read_name(core);
}

// A store is opened far more often than it meets a new host, so it looks first without taking the writer's place.
Status know_host(Core& core) {
  {
    Work look(core, Work::Access::read);
    Query known(look, "SELECT 1 FROM person WHERE sign_key = ? AND removed = 0");
    const bool found = known.blob(core.host.face().sign_key).next();
    known.rewind();
    if (auto done = look.finish(); !done || found) return done;
  }
  Work work(core, Work::Access::write);
  enroll_host(work);
  return work.finish();
}

// A store in which nobody is enrolled was not finished.
Status refuse_finished(const fs::path& folder, const Clock& clock) {
  std::error_code error;
  if (!fs::exists(store_file(folder), error)) return {};
  const auto store = Store::open(folder, clock);
  if (!store) return tl::unexpected(store.error());
  const auto anybody = has_readers(**store);
  if (!anybody) return tl::unexpected(anybody.error());
  if (!*anybody) return {};
  return fail(ErrorCode::refused,
              fmt::format("{} is a store already; choose another folder with --data", folder.string()));
}

// The first person's key is on the disk before anything is sealed to it; an interrupted create() finds it again.
Result<Person> first_person(const fs::path& folder, const KeyProtection& protection, const FirstPerson& first) {
  const auto name = newcomer_name(first.name);
  if (!name) return tl::unexpected(name.error());
  auto person = Person::make(*name, first.roles);
  if (!person) return person;
  if (auto saved = save_person(folder, *person, protection); !saved) return tl::unexpected(saved.error());
  return person;
}

Result<std::unique_ptr<Core>> open_core(const fs::path& folder, const fs::path& file, const Clock& clock,
                                        Policy policy) {
  auto tokens = load_token_key(folder);
  if (!tokens) return tl::unexpected(tokens.error());
  auto host = load_host(folder);
  if (!host) return tl::unexpected(host.error());
  auto class_keys = load_class_keys(folder);
  if (!class_keys) return tl::unexpected(class_keys.error());
  auto database = Database::open(file, Durability::full);
  if (!database) return tl::unexpected(database.error());
  if (auto done = database->migrate(migrations()); !done) return tl::unexpected(done.error());
  auto core = std::make_unique<Core>(Core{folder,
                                          std::move(*database),
                                          std::move(*tokens),
                                          std::move(*host),
                                          std::move(*class_keys),
                                          clock,
                                          policy,
                                          {},
                                          {}});
  if (auto done = bind_to_key(*core); !done) return tl::unexpected(done.error());
  if (auto done = know_host(*core); !done) return tl::unexpected(done.error());
  return core;
}

}  // namespace

Store::Store(std::unique_ptr<Core> core) : core_(std::move(core)) {}
Store::~Store() = default;

Status Store::create(const fs::path& folder, const Clock& clock, const KeyProtection& protection,
                     const FirstPerson& first) {
  if (auto done = refuse_finished(folder, clock); !done) return done;
  if (auto done = make_folder(folder); !done) return done;
  if (auto done = create_keys(folder); !done) return done;
  const auto person = first_person(folder, protection, first);
  if (!person) return tl::unexpected(person.error());
  auto core = open_core(folder, store_file(folder), clock, {});
  if (!core) return tl::unexpected(core.error());
  if (auto begun = write_erasures(**core); !begun) return begun;
  Store store(std::move(*core));
  return enroll_first(store, *person);
}

Status Store::create_collector(const fs::path& folder, const Clock& clock, const Roster& roster) {
  if (roster.token_key.empty())
    return fail(ErrorCode::usage,
                "the roster has no token key; write it with handlewatch keys export-public "
                "--with-token-key");
  for (const KeyClass key_class : {KeyClass::review, KeyClass::safeguarding})
    if (std::ranges::none_of(roster.people, [&](const PublicPerson& person) { return person.roles.reads(key_class); }))
      return fail(ErrorCode::usage, fmt::format("nobody in the roster reads the class {}", to_string(key_class)));
  if (auto done = refuse_finished(folder, clock); !done) return done;
  if (auto done = make_folder(folder); !done) return done;
  if (auto done = create_keys(folder, roster.token_key); !done) return done;
  auto core = open_core(folder, store_file(folder), clock, {});
  if (!core) return tl::unexpected(core.error());
  if (auto begun = write_erasures(**core); !begun) return begun;
  Store store(std::move(*core));
  return enroll_roster(store, roster);
}

Result<std::unique_ptr<Store>> Store::open(const fs::path& folder, const Clock& clock, Policy policy) {
  std::error_code error;
  if (!fs::exists(store_file(folder), error))
    return fail(ErrorCode::not_found,
                fmt::format("there is no store in {}; make one with handlewatch init", folder.string()));
  auto core = open_core(folder, store_file(folder), clock, policy);
  if (!core) return tl::unexpected(core.error());
  if (auto written = write_erasures(**core); !written) return tl::unexpected(written.error());
  return std::unique_ptr<Store>(new Store(std::move(*core)));
}

Result<std::unique_ptr<Store>> Store::open_file(const fs::path& folder, const fs::path& file, const Clock& clock) {
  auto core = open_core(folder, file, clock, {});
  if (!core) return tl::unexpected(core.error());
  return std::unique_ptr<Store>(new Store(std::move(*core)));
}

Result<std::vector<bool>> Store::judged_before(std::span<const Post> posts, std::string_view rules_hash) {
  Work work(*core_, Work::Access::read);
  std::vector<bool> known;
  known.reserve(posts.size());
  {
    Query find(work, "SELECT 1 FROM fingerprint WHERE token = ?");
    for (const Post& post : posts) {
      known.push_back(find.blob(work.tokens().fingerprint(post, rules_hash)).next());
      find.rewind();
    }
  }
  return work.finish(std::move(known));
}

Result<Recorded> Store::record(std::span<const Judged> posts) {
  Work work(*core_, Work::Access::write);
  Recorded recorded;
  for (const Judged& judged : posts) record_post(work, judged, recorded);
  auto done = work.finish(recorded);
  if (!done || recorded.held == 0) return done;
  if (auto written = write_erasures(*core_); !written) return tl::unexpected(written.error());
  return done;
}

const fs::path& Store::folder() const { return core_->folder; }
const Person& Store::host() const { return core_->host; }

}  // namespace hw::db
