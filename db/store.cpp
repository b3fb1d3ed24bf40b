#include "db/store.h"

#include <cerrno>
#include <cstring>

#include <fmt/format.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db/audit_writer.h"
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

Result<std::unique_ptr<Core>> open_core(const fs::path& folder, const Clock& clock, Policy policy) {
  auto tokens = load_token_key(folder);
  if (!tokens) return tl::unexpected(tokens.error());
  const auto recipients = load_public_keys(folder);
  if (!recipients) return tl::unexpected(recipients.error());
  auto sealer = Sealer::create(*recipients);
  if (!sealer) return tl::unexpected(sealer.error());
  auto database = Database::open(store_file(folder), Durability::full);
  if (!database) return tl::unexpected(database.error());
  if (auto done = database->migrate(migrations()); !done) return tl::unexpected(done.error());
  auto core = std::make_unique<Core>(
      Core{folder, std::move(*database), std::move(*tokens), std::move(*sealer), clock, policy, {}, {}});
  if (auto done = bind_to_key(*core); !done) return tl::unexpected(done.error());
  return core;
}

}  // namespace

Store::Store(std::unique_ptr<Core> core) : core_(std::move(core)) {}
Store::~Store() = default;

Status Store::create(const fs::path& folder, const Clock& clock, const KeyProtection& protection) {
  std::error_code error;
  if (fs::exists(store_file(folder), error))
    return fail(ErrorCode::refused,
                fmt::format("{} is a store already; choose another folder with --data", folder.string()));
  if (auto done = make_folder(folder); !done) return done;
  if (auto done = create_keys(folder, protection); !done) return done;
  const auto core = open_core(folder, clock, {});
  if (!core) return tl::unexpected(core.error());
  Work work(**core, Work::Access::write);
  append_audit(work, AuditRecord("init").text("keys", protection.passphrase ? "protected" : "open"));
  return work.finish();
}

Result<std::unique_ptr<Store>> Store::open(const fs::path& folder, const Clock& clock, Policy policy) {
  std::error_code error;
  if (!fs::exists(store_file(folder), error))
    return fail(ErrorCode::not_found,
                fmt::format("there is no store in {}; make one with handlewatch init", folder.string()));
  auto core = open_core(folder, clock, policy);
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
  return work.finish(recorded);
}

const fs::path& Store::folder() const { return core_->folder; }

}  // namespace hw::db
