#include "common/sqlite.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

namespace hw {
namespace {

constexpr int kBusyMillis = 5000;

ErrorCode code_of(int sqlite_code, int system_errno) {
  switch (sqlite_code & 0xFF) {
    case SQLITE_FULL:
      return ErrorCode::disk_full;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ErrorCode::busy;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return ErrorCode::denied;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorCode::tampered;
    case SQLITE_CANTOPEN:
      return system_errno == EACCES || system_errno == EROFS ? ErrorCode::denied : ErrorCode::io;
    case SQLITE_IOERR:
      return system_errno == ENOSPC ? ErrorCode::disk_full : ErrorCode::io;
    default:
      return ErrorCode::io;
  }
}

std::string_view mend_for(ErrorCode code) {
  switch (code) {
    case ErrorCode::disk_full:
      return "; free some space and run it again, nothing committed is lost";
    case ErrorCode::busy:
      return "; another handlewatch (or a backup) holds it, try again when that is done";
    case ErrorCode::denied:
      return "; check the owner and mode of the file and its folder";
    case ErrorCode::tampered:
      return "; it is damaged or not a handlewatch store, restore a backup";
    default:
      return "";
  }
}

// SQLite would create the file with the umask's mode; ours is 0600 from its first moment. A file that exists is never
// opened here: to close it again would drop the locks that every other connection of this process holds on it, and
// another process, seeing none, would take their journal away.
Status create_private(const std::filesystem::path& file) {
  if (file == ":memory:") return {};
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0 && errno == EEXIST) return {};
  if (descriptor < 0) {
    const int error = errno;
    const ErrorCode code = error == EACCES || error == EROFS || error == EPERM ? ErrorCode::denied
                           : error == ENOSPC                                   ? ErrorCode::disk_full
                                                                               : ErrorCode::io;
    return fail(code, fmt::format("cannot open {}: {}{}", file.string(), std::strerror(error), mend_for(code)));
  }
  ::close(descriptor);
  return {};
}

tl::unexpected<Error> last_error(sqlite3* handle, std::string_view doing) {
  if (handle == nullptr) return fail(ErrorCode::io, fmt::format("{}: out of memory", doing));
  const int code = sqlite3_extended_errcode(handle);
  const ErrorCode mapped = code_of(code, sqlite3_system_errno(handle));
  const char* file = sqlite3_db_filename(handle, "main");
  const char* text = sqlite3_errstr(code);  // never sqlite3_errmsg: that may quote a value
  return fail(mapped, fmt::format("{} {}: {}{}", doing, file == nullptr ? "the store" : file, text, mend_for(mapped)));
}

}  // namespace

void Database::Close::operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
void Statement::Finalize::operator()(sqlite3_stmt* handle) const { sqlite3_finalize(handle); }

Result<Database> Database::open(const std::filesystem::path& file, Durability durability) {
  if (const auto created = create_private(file); !created) return tl::unexpected(created.error());
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(file.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  Database database(handle, file);
  if (code != SQLITE_OK) return last_error(handle, "cannot open");
  sqlite3_busy_timeout(handle, kBusyMillis);
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  const std::string_view settings =
      "PRAGMA journal_mode=WAL; PRAGMA secure_delete=ON; PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF;"
      "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-32768;";
  if (auto done = database.execute(settings); !done) return tl::unexpected(done.error());
  const std::string_view sync =
      durability == Durability::full ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL";
  if (auto done = database.execute(sync); !done) return tl::unexpected(done.error());
  return database;
}

Status Database::execute(std::string_view sql) {
  if (sqlite3_exec(handle_.get(), std::string(sql).c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return last_error(handle_.get(), "cannot write");
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()), 0, &statement, nullptr);
  if (code != SQLITE_OK) return last_error(handle_.get(), "cannot read");
  return Statement(statement);
}

std::int64_t Database::last_row_id() const { return sqlite3_last_insert_rowid(handle_.get()); }

std::int64_t Database::changes() const { return sqlite3_changes64(handle_.get()); }

Status Database::checkpoint() {
  if (sqlite3_wal_checkpoint_v2(handle_.get(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr) == SQLITE_OK)
    return {};
  return last_error(handle_.get(), "cannot checkpoint");
}

Status Database::migrate(std::span<const std::string_view> migrations) {
  std::int64_t version = 0;
  {
    auto statement = prepare("PRAGMA user_version");
    if (!statement) return tl::unexpected(statement.error());
    auto row = statement->step();
    if (!row) return tl::unexpected(row.error());
    version = statement->integer(0);
  }
  const auto newest = static_cast<std::int64_t>(migrations.size());
  if (version > newest)
    return fail(
        ErrorCode::from_future,
        fmt::format("{} has schema {}, this handlewatch knows {}: it was written by a newer version, use that one",
                    file_.string(), version, newest));
  for (; version < newest; ++version) {
    auto transaction = Transaction::begin(*this);
    if (!transaction) return tl::unexpected(transaction.error());
    const std::string sql =
        fmt::format("{}; PRAGMA user_version={}", migrations[static_cast<std::size_t>(version)], version + 1);
    if (auto done = execute(sql); !done) return done;
    if (auto done = transaction->commit(); !done) return done;
  }
  return {};
}

Statement& Statement::bind(std::int64_t value) {
  sqlite3_bind_int64(handle_.get(), ++bound_, value);
  return *this;
}

Statement& Statement::bind(double value) {
  sqlite3_bind_double(handle_.get(), ++bound_, value);
  return *this;
}

Statement& Statement::bind(std::string_view text) {
  sqlite3_bind_text64(handle_.get(), ++bound_, text.empty() ? "" : text.data(), text.size(), SQLITE_TRANSIENT,
                      SQLITE_UTF8);
  return *this;
}

Statement& Statement::bind_blob(std::string_view bytes) {
  sqlite3_bind_blob64(handle_.get(), ++bound_, bytes.empty() ? "" : bytes.data(), bytes.size(), SQLITE_TRANSIENT);
  return *this;
}

Statement& Statement::bind_null() {
  sqlite3_bind_null(handle_.get(), ++bound_);
  return *this;
}

Statement& Statement::bind_optional(std::optional<std::int64_t> value) { return value ? bind(*value) : bind_null(); }

Result<bool> Statement::step() {
  const int code = sqlite3_step(handle_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return last_error(sqlite3_db_handle(handle_.get()), "cannot use");
}

Status Statement::run() {
  auto row = step();
  while (row && *row) row = step();
  reset();
  if (!row) return tl::unexpected(row.error());
  return {};
}

void Statement::reset() {
  sqlite3_reset(handle_.get());
  sqlite3_clear_bindings(handle_.get());
  bound_ = 0;
}

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(handle_.get(), column); }

double Statement::real(int column) const { return sqlite3_column_double(handle_.get(), column); }

std::string_view Statement::text(int column) const {
  const auto* bytes = sqlite3_column_text(handle_.get(), column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column));
  return bytes == nullptr ? std::string_view{} : std::string_view(reinterpret_cast<const char*>(bytes), size);
}

std::string_view Statement::blob(int column) const {
  const void* bytes = sqlite3_column_blob(handle_.get(), column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column));
  return bytes == nullptr ? std::string_view{} : std::string_view(static_cast<const char*>(bytes), size);
}

bool Statement::is_null(int column) const { return sqlite3_column_type(handle_.get(), column) == SQLITE_NULL; }

Result<Transaction> Transaction::begin(Database& database) {
  if (auto begun = database.execute("BEGIN IMMEDIATE"); !begun) return tl::unexpected(begun.error());
  return Transaction(database);
}

Transaction::Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}

Transaction::~Transaction() {
  if (database_ == nullptr) return;
  // Nothing can be done about a failing rollback: SQLite rolls back on the next open.
  static_cast<void>(database_->execute("ROLLBACK"));
}

Status Transaction::commit() {
  if (auto done = database_->execute("COMMIT"); !done) return done;
  database_ = nullptr;
  return {};
}

}  // namespace hw
