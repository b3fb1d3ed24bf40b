#include "common/sqlite_copy.h"

#include <cerrno>
#include <cstring>
#include <memory>

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

namespace hw {
namespace {

constexpr int kBusyMillis = 5000;

struct Close {
  void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
};
using Handle = std::unique_ptr<sqlite3, Close>;

tl::unexpected<Error> copy_error(const std::filesystem::path& to, int code) {
  return fail((code & 0xFF) == SQLITE_FULL ? ErrorCode::disk_full : ErrorCode::io,
              fmt::format("cannot copy to {}: {}", to.string(), sqlite3_errstr(code)));
}

Handle open(const std::filesystem::path& file, int flags) {
  sqlite3* raw = nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &raw, flags, nullptr);
  Handle handle(raw);
  if (code != SQLITE_OK) handle.reset();
  if (handle) sqlite3_busy_timeout(handle.get(), kBusyMillis);
  return handle;
}

Status copy_pages(const std::filesystem::path& from, const std::filesystem::path& to) {
  const Handle source = open(from, SQLITE_OPEN_READONLY);
  if (!source) return fail(ErrorCode::not_found, fmt::format("cannot read {} as a store", from.string()));
  const Handle target = open(to, SQLITE_OPEN_READWRITE);
  if (!target) return copy_error(to, SQLITE_CANTOPEN);
  sqlite3_exec(target.get(), "PRAGMA synchronous=FULL", nullptr, nullptr, nullptr);
  sqlite3_backup* backup = sqlite3_backup_init(target.get(), "main", source.get(), "main");
  if (backup == nullptr) return copy_error(to, sqlite3_errcode(target.get()));
  // All in one step: a reader of one moment, which no writer waits for.
  const int stepped = sqlite3_backup_step(backup, -1);
  const int finished = sqlite3_backup_finish(backup);
  if (stepped != SQLITE_DONE) return copy_error(to, stepped);
  return finished == SQLITE_OK ? Status{} : Status(copy_error(to, finished));
}

}  // namespace

Status copy_database(const std::filesystem::path& from, const std::filesystem::path& to) {
  const int descriptor = ::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    const int code = errno;
    if (code == EEXIST)
      return fail(ErrorCode::refused, fmt::format("{} is there already; choose another name", to.string()));
    return fail(code == ENOSPC ? ErrorCode::disk_full : ErrorCode::denied,
                fmt::format("cannot make {}: {}", to.string(), std::strerror(code)));
  }
  ::close(descriptor);
  auto done = copy_pages(from, to);
  if (!done) ::unlink(to.c_str());
  return done;
}

}  // namespace hw
