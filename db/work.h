// One unit of work on the store: statements in one transaction, and the first thing that went wrong. Internal to db/.
//
// After the first failure every further statement does nothing and next() answers false, so a step needs no check of
// its own; finish() commits, or says what failed and leaves the store as it was. Whoever acts on what was read outside
// the store asks failed() first. A Work belongs to one thread, and a connection has one at a time.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"
#include "common/sqlite.h"
#include "db/merkle.h"
#include "db/person.h"
#include "db/seal.h"
#include "db/store.h"
#include "db/token.h"

namespace hw::db {

// What an open store consists of.
struct Core {
  std::filesystem::path folder;
  Database database;
  TokenKey tokens;
  Person host;                        // signs what nobody in particular does
  std::vector<PublicKey> class_keys;  // recipients in a store of the first version, where nobody is enrolled
  const Clock& clock;
  Policy policy;
  std::string store_id;
  std::map<std::string, std::vector<Statement>, std::less<>> idle;  // prepared and not in use; gone before database

  std::int64_t today() const;
};

// The audit log as a unit of work sees and changes it.
struct AuditTail {
  std::optional<MerkleEdge> edge;
  bool changed = false;
  std::vector<std::int64_t> erased;  // leaves whose records this unit of work erases
};

class Work;

// A prepared statement on loan; it goes back when the scope ends. Parameters are bound in order.
class Query {
 public:
  Query(Work& work, std::string_view sql);
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  ~Query();

  Query& number(std::int64_t value);
  Query& text(std::string_view value);
  Query& blob(std::string_view value);
  Query& maybe(std::optional<std::int64_t> value);
  Query& maybe_blob(const std::optional<std::string>& value);

  bool next();                 // true: a row is there
  void rewind();               // may be bound again
  void run();                  // to the end, and rewind()
  std::int64_t run_insert();   // run(), and the new row's number
  std::int64_t run_changes();  // run(), and how many rows it touched

  std::int64_t number_at(int column) const;
  std::optional<std::int64_t> maybe_at(int column) const;
  std::string text_at(int column) const;
  std::string blob_at(int column) const;

 private:
  Work& work_;
  std::string_view sql_;
  std::optional<Statement> statement_;
};

class Work {
 public:
  enum class Access { read, write };
  Work(Core& core, Access access);
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;
  ~Work();

  Core& core() { return core_; }
  const TokenKey& tokens() const { return core_.tokens; }
  void fail(Error error);
  bool failed() const { return error_.has_value(); }
  const std::optional<Error>& error() const { return error_; }
  Status finish();
  // As finish(), with a value for the caller.
  template <class T>
  Result<T> finish(T value) {
    if (auto done = finish(); !done) return tl::unexpected(done.error());
    return value;
  }
  // What this unit of work seals with; made when it is first asked for. nullptr: failed.
  const Sealer* sealer();
  AuditTail& audit_tail() { return audit_tail_; }
  // Undoes everything and says what failed, if anything did.
  Status undo();

 private:
  friend class Query;
  void execute(std::string_view sql);

  Core& core_;
  bool open_ = false;
  std::optional<Error> error_;
  std::optional<Sealer> sealer_;
  AuditTail audit_tail_;
};

// The moment, to the millisecond, as only the holder of the token key reads it.
std::string concealed_now(Work& work);
// nullopt: it is no such moment.
std::optional<Time> revealed_time(Work& work, std::string_view concealed);

// Whole days since 1970, the form in which the store keeps a day.
std::int64_t day_number(Time time);
std::string day_text(std::int64_t day);

}  // namespace hw::db
