#include "db/backup.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "common/sqlite_copy.h"
#include "db/audit_writer.h"
#include "db/disk.h"
#include "db/erasures.h"
#include "db/work.h"

namespace hw::db {
namespace {

namespace fs = std::filesystem;

// A copy that does not verify, or is in the way, goes with its companions.
void remove_file(const fs::path& file) {
  std::error_code ignored;
  for (const char* suffix : {"", "-wal", "-shm", "-journal"}) fs::remove(file.string() + suffix, ignored);
}

Status verified(Store& store, const fs::path& file) {
  const auto problems = problems_of(store);
  if (!problems) return tl::unexpected(problems.error());
  if (problems->empty()) return {};
  return fail(ErrorCode::tampered, fmt::format("{} does not verify: {}", file.string(), problems->front()));
}

// A single file, without the write-ahead log beside it.
Status close_as_one_file(Store& store) {
  if (auto done = store.core().database.checkpoint(); !done) return done;
  store.core().idle.clear();
  return store.core().database.execute("PRAGMA journal_mode=DELETE");
}

Result<std::vector<Erasure>> journal_for(Store& copy, const fs::path& folder) {
  auto erasures = read_erasures(erasure_file(folder), copy.core().store_id);
  if (!erasures)
    return fail(erasures.error().code,
                fmt::format("{}; without the journal of what was erased since, a backup is not restored",
                            erasures.error().message));
  Work work(copy.core(), Work::Access::read);
  const std::int64_t known = last_erasure(work);
  if (auto done = work.finish(); !done) return tl::unexpected(done.error());
  if (!erasures->empty() && erasures->front().sequence > known + 1)
    return fail(ErrorCode::refused,
                "this backup is older than the erasure journal reaches back: what was erased since is not known");
  return erasures;
}

Result<Restored> replay(Store& copy, const std::vector<Erasure>& erasures) {
  Restored restored;
  Work work(copy.core(), Work::Access::write);
  restored.checkpoint = current_checkpoint(work);
  restored.replayed = replay_erasures(work, erasures);
  AuditRecord record("restore");
  append_audit(work, record.number("replayed", restored.replayed));
  return work.finish(restored);
}

Result<Restored> prepare(const fs::path& folder, const fs::path& copy, const Clock& clock) {
  auto store = Store::open_file(folder, copy, clock);
  if (!store) return tl::unexpected(store.error());
  if (auto good = verified(**store, copy); !good) return tl::unexpected(good.error());
  const auto erasures = journal_for(**store, folder);
  if (!erasures) return tl::unexpected(erasures.error());
  const auto restored = replay(**store, *erasures);
  if (!restored) return restored;
  if (auto closed = close_as_one_file(**store); !closed) return tl::unexpected(closed.error());
  return restored;
}

Status put_in_place(const fs::path& folder, const fs::path& copy) {
  const fs::path store = folder / "store.db";
  // The old log first: it must never be read beside the new file.
  std::error_code error;
  for (const char* suffix : {"-wal", "-shm"}) fs::remove(store.string() + suffix, error);
  if (auto done = sync_folder(folder); !done) return done;
  fs::rename(copy, store, error);
  if (error) return fail(ErrorCode::io, fmt::format("cannot put {} in place: {}", store.string(), error.message()));
  return sync_folder(folder);
}

}  // namespace

Status sync_folder(const fs::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool well = descriptor >= 0 && ::fsync(descriptor) == 0;
  if (descriptor >= 0) ::close(descriptor);
  return well ? Status{} : Status(fail(ErrorCode::io, fmt::format("cannot write to {}", folder.string())));
}

Result<std::vector<std::string>> problems_of(Store& store) {
  std::vector<std::string> problems;
  {
    Work work(store.core(), Work::Access::read);
    Query integrity(work, "PRAGMA integrity_check(20)");
    while (integrity.next())
      if (integrity.text_at(0) != "ok") problems.push_back("damaged: " + integrity.text_at(0));
    Query references(work, "SELECT DISTINCT \"table\" FROM pragma_foreign_key_check");
    while (references.next()) problems.push_back("rows of " + references.text_at(0) + " hang in the air");
    integrity.rewind();
    references.rewind();
    if (auto done = work.finish(); !done) return tl::unexpected(done.error());
  }
  const auto report = verify_audit(store, {});
  if (!report) return tl::unexpected(report.error());
  for (const std::string& problem : report->problems) problems.push_back("audit log: " + problem);
  return problems;
}

Result<Backup> back_up(Store& store, const fs::path& file) {
  Backup backup;
  {
    Work work(store.core(), Work::Access::write);
    append_audit(work, AuditRecord("backup"));
    if (auto done = work.finish(); !done) return tl::unexpected(done.error());
  }
  if (auto copied = copy_database(store.core().database.file(), file); !copied) return tl::unexpected(copied.error());
  auto copy = Store::open_file(store.folder(), file, store.core().clock);
  Status good = copy ? verified(**copy, file) : Status(tl::unexpected(copy.error()));
  if (good) {
    if (const auto checkpoint = audit_checkpoint(**copy)) backup.checkpoint = *checkpoint;
    good = close_as_one_file(**copy);
  }
  if (copy) copy->reset();
  if (!good) {
    remove_file(file);
    return tl::unexpected(good.error());
  }
  std::error_code ignored;
  backup.bytes = fs::file_size(file, ignored);
  return backup;
}

Result<Restored> restore(const fs::path& folder, const fs::path& file, const Clock& clock) {
  const fs::path copy = folder / "store.db.restored";
  remove_file(copy);
  // What the store of today has not written to the journal yet is written now, where it still opens.
  static_cast<void>(Store::open(folder, clock));
  if (auto copied = copy_database(file, copy); !copied) return tl::unexpected(copied.error());
  const auto restored = prepare(folder, copy, clock);
  if (!restored) {
    remove_file(copy);
    return restored;
  }
  if (auto placed = put_in_place(folder, copy); !placed) return tl::unexpected(placed.error());
  return restored;
}

}  // namespace hw::db
