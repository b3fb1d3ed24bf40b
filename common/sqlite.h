// SQLite, opened the way every file of ours is, and statements whose lifetime is a scope.
//
// One connection serves one thread. Every failure is an Error whose message names the file and what SQLite says of it,
// with full disk, locked and read-only files told apart; bound values never appear in it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/error.h"

struct sqlite3;
struct sqlite3_stmt;

namespace hw {

enum class Durability {
  full,    // a committed transaction survives a power cut
  normal,  // survives a crash of the process; a power cut may lose the last ones, never the file
};

class Statement;

class Database {
 public:
  // Creates the file (0600) when absent; ":memory:" is one that goes with the connection. WAL, secure_delete,
  // foreign_keys, trusted_schema off.
  static Result<Database> open(const std::filesystem::path& file, Durability durability);

  Status execute(std::string_view sql);  // one or more statements without results
  Result<Statement> prepare(std::string_view sql);
  std::int64_t last_row_id() const;
  std::int64_t changes() const;  // rows touched by the last statement
  // Writes the WAL back and empties it, so that erased content is gone from it too.
  Status checkpoint();

  // PRAGMA user_version against a list of migrations: runs what is missing, each in its own transaction. A file that is
  // newer than the list is refused with from_future.
  Status migrate(std::span<const std::string_view> migrations);

  const std::filesystem::path& file() const { return file_; }

 private:
  struct Close {
    void operator()(sqlite3* handle) const;
  };
  Database(sqlite3* handle, std::filesystem::path file) : handle_(handle), file_(std::move(file)) {}

  std::unique_ptr<sqlite3, Close> handle_;
  std::filesystem::path file_;
};

// Parameters are bound in order of the calls to bind(); columns are numbered from 0. A text or blob view lives until
// the next step() or reset().
class Statement {
 public:
  Statement& bind(std::int64_t value);
  Statement& bind(double value);
  Statement& bind(std::string_view text);
  Statement& bind_blob(std::string_view bytes);
  Statement& bind_null();
  Statement& bind_optional(std::optional<std::int64_t> value);

  Result<bool> step();  // true: a row is there
  Status run();         // step to the end, then reset
  void reset();         // ready to be bound and run again

  std::int64_t integer(int column) const;
  double real(int column) const;
  std::string_view text(int column) const;
  std::string_view blob(int column) const;
  bool is_null(int column) const;

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* handle) const;
  };
  explicit Statement(sqlite3_stmt* handle) : handle_(handle) {}

  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
  int bound_ = 0;
};

// BEGIN IMMEDIATE … COMMIT; rolled back when it goes out of scope uncommitted.
class Transaction {
 public:
  static Result<Transaction> begin(Database& database);
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  Status commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}
  Database* database_;
};

}  // namespace hw
