#include "common/sqlite.h"

#include <array>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/support.h"

using namespace hw;

namespace {

Database open(const std::filesystem::path& file) {
  auto database = Database::open(file, Durability::full);
  REQUIRE_OK(database);
  return std::move(*database);
}

Database with_table(const std::filesystem::path& file) {
  Database database = open(file);
  REQUIRE_OK(database.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT UNIQUE, c BLOB) STRICT"));
  return database;
}

std::int64_t number(Database& database, std::string_view sql) {
  auto statement = database.prepare(sql);
  REQUIRE_OK(statement);
  auto row = statement->step();
  REQUIRE_OK(row);
  REQUIRE(*row);
  return statement->integer(0);
}

unsigned mode_of(const std::filesystem::path& file) {
  struct stat status{};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  return status.st_mode & 0777U;
}

Status insert(Database& database, std::string_view text) {
  auto statement = database.prepare("INSERT INTO t (b) VALUES (?)");
  if (!statement) return tl::unexpected(statement.error());
  return statement->bind(text).run();
}

}  // namespace

TEST_CASE("a store is private from its first moment, its journal too") {
  const test::TemporaryFolder folder;
  Database database = with_table(folder / "a.db");
  for (const char* name : {"a.db", "a.db-wal", "a.db-shm"}) CHECK_MESSAGE(mode_of(folder / name) == 0600, name);
}

TEST_CASE("every store is opened with the settings that sealing and erasing rest on") {
  const test::TemporaryFolder folder;
  Database full = open(folder / "a.db");
  CHECK(number(full, "PRAGMA secure_delete") == 1);
  CHECK(number(full, "PRAGMA foreign_keys") == 1);
  CHECK(number(full, "PRAGMA trusted_schema") == 0);
  CHECK(number(full, "PRAGMA synchronous") == 2);
  auto normal = Database::open(folder / "b.db", Durability::normal);
  REQUIRE_OK(normal);
  CHECK(number(*normal, "PRAGMA synchronous") == 1);
}

TEST_CASE("values come back as they were bound") {
  const test::TemporaryFolder folder;
  Database database = with_table(folder / "a.db");
  const std::string text("a\0ä", 4);
  const std::string blob("\0\xFF\x01", 3);
  auto insert = database.prepare("INSERT INTO t VALUES (?, ?, ?)");
  REQUIRE_OK(insert);
  REQUIRE_OK(insert->bind(std::int64_t{1} << 62).bind(text).bind_blob(blob).run());
  REQUIRE_OK(insert->bind_optional(std::nullopt).bind("").bind_null().run());
  CHECK(database.last_row_id() == (std::int64_t{1} << 62) + 1);
  CHECK(database.changes() == 1);
  auto select = database.prepare("SELECT a, b, c, 1.5 FROM t ORDER BY a");
  REQUIRE_OK(select);
  REQUIRE(*select->step());
  CHECK(select->integer(0) == std::int64_t{1} << 62);
  CHECK(select->text(1) == text);
  CHECK(select->blob(2) == blob);
  CHECK(select->real(3) == 1.5);
  REQUIRE(*select->step());
  CHECK(select->text(1).empty());
  CHECK_FALSE(select->is_null(1));
  CHECK(select->is_null(2));
  CHECK(select->blob(2).empty());
  CHECK_FALSE(*select->step());
  select->reset();
  CHECK(*select->step());
}

TEST_CASE("a transaction that is not committed leaves nothing") {
  const test::TemporaryFolder folder;
  Database database = with_table(folder / "a.db");
  {
    auto transaction = Transaction::begin(database);
    REQUIRE_OK(transaction);
    REQUIRE_OK(insert(database, "lost"));
  }
  {
    auto transaction = Transaction::begin(database);
    REQUIRE_OK(transaction);
    REQUIRE_OK(insert(database, "kept"));
    REQUIRE_OK(transaction->commit());
  }
  CHECK(number(database, "SELECT count(*) FROM t") == 1);
  CHECK(number(database, "SELECT count(*) FROM t WHERE b = 'kept'") == 1);
}

TEST_CASE("migrations run once each, and one that fails leaves the store as it was") {
  const test::TemporaryFolder folder;
  const std::string_view first[] = {"CREATE TABLE a (x)"};
  const std::string_view both[] = {"CREATE TABLE a (x)", "CREATE TABLE b (x); INSERT INTO b VALUES (1)"};
  const std::string_view broken[] = {"CREATE TABLE a (x)", "CREATE TABLE b (x); INSERT INTO b VALUES (1)",
                                     "CREATE TABLE c (x); nonsense"};
  {
    Database database = open(folder / "a.db");
    REQUIRE_OK(database.migrate(first));
    REQUIRE_OK(database.migrate(first));
    CHECK(number(database, "PRAGMA user_version") == 1);
  }
  Database database = open(folder / "a.db");
  REQUIRE_OK(database.migrate(both));
  REQUIRE_FALSE(database.migrate(broken).has_value());
  CHECK(number(database, "PRAGMA user_version") == 2);
  CHECK(number(database, "SELECT count(*) FROM b") == 1);
  CHECK(number(database, "SELECT count(*) FROM sqlite_schema WHERE name = 'c'") == 0);
}

TEST_CASE("a store from the future is refused and not touched") {
  const test::TemporaryFolder folder;
  Database database = open(folder / "a.db");
  REQUIRE_OK(database.execute("PRAGMA user_version=7"));
  const std::string_view migrations[] = {"CREATE TABLE a (x)"};
  const auto refused = database.migrate(migrations);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == ErrorCode::from_future);
  CHECK(refused.error().message ==
        (folder / "a.db").string() +
            " has schema 7, this handlewatch knows 1: it was written by a newer version, use that one");
  CHECK(number(database, "SELECT count(*) FROM sqlite_schema") == 0);
}

TEST_CASE("a full disk is told apart, and what was committed stays") {
  const test::TemporaryFolder folder;
  Database database = with_table(folder / "a.db");
  REQUIRE_OK(insert(database, "kept"));
  REQUIRE_OK(database.execute("PRAGMA max_page_count=6"));
  Status status;
  for (int i = 0; i < 100 && status; ++i) status = insert(database, std::string(1000, 'x') + std::to_string(i));
  REQUIRE_FALSE(status.has_value());
  CHECK(status.error().code == ErrorCode::disk_full);
  CHECK(status.error().message.find((folder / "a.db").string()) != std::string::npos);
  CHECK(status.error().message.find("free some space") != std::string::npos);
  CHECK(number(database, "SELECT count(*) FROM t WHERE b = 'kept'") == 1);
}

TEST_CASE("a store that another process holds is busy, not broken") {
  const test::TemporaryFolder folder;
  Database first = with_table(folder / "a.db");
  Database second = open(folder / "a.db");
  REQUIRE_OK(second.execute("PRAGMA busy_timeout=1"));
  auto held = Transaction::begin(first);
  REQUIRE_OK(held);
  const auto refused = Transaction::begin(second);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == ErrorCode::busy);
  CHECK(refused.error().message.find("try again") != std::string::npos);
}

namespace {

// Another process, begun before this one has opened anything: it opens the file, counts the rows of t, and closes it,
// each time it is asked.
class Neighbour {
 public:
  explicit Neighbour(const std::filesystem::path& file) {
    REQUIRE(::pipe(ask_.data()) == 0);
    REQUIRE(::pipe(answer_.data()) == 0);
    child_ = ::fork();
    REQUIRE(child_ >= 0);
    if (child_ == 0) serve(file);
  }
  ~Neighbour() {
    ::close(ask_[1]);
    ::waitpid(child_, nullptr, 0);
  }
  Neighbour(const Neighbour&) = delete;
  Neighbour& operator=(const Neighbour&) = delete;

  int rows() {
    char number = 0;
    REQUIRE(::write(ask_[1], "?", 1) == 1);
    REQUIRE(::read(answer_[0], &number, 1) == 1);
    return number;
  }

 private:
  [[noreturn]] void serve(const std::filesystem::path& file) {
    ::close(ask_[1]);
    char asked = 0;
    while (::read(ask_[0], &asked, 1) == 1) {
      const char number = static_cast<char>(count(file));
      if (::write(answer_[1], &number, 1) != 1) break;
    }
    ::_exit(0);
  }
  static int count(const std::filesystem::path& file) {
    auto other = Database::open(file, Durability::full);
    if (!other) return 99;
    auto rows = other->prepare("SELECT count(*) FROM t");
    if (!rows || !rows->step().value_or(false)) return 98;
    return static_cast<int>(rows->integer(0));
  }

  std::array<int, 2> ask_{};
  std::array<int, 2> answer_{};
  pid_t child_ = -1;
};

}  // namespace

// fcntl's locks belong to the process: whoever opens and closes the file once more drops them all.
TEST_CASE("a second connection of a process leaves the first its locks, so that no other process takes its journal") {
  const test::TemporaryFolder folder;
  const auto file = folder / "store.db";
  Neighbour neighbour(file);
  Database first = with_table(file);
  const Database second = open(file);
  CHECK(neighbour.rows() == 0);  // the last one out empties the journal and removes it
  REQUIRE_OK(insert(first, "kept"));
  CHECK(neighbour.rows() == 1);
}

TEST_CASE("a store that may only be read is denied, with the mend") {
  const test::TemporaryFolder folder;
  Database database = with_table(folder / "a.db");
  REQUIRE_OK(database.execute("PRAGMA query_only=ON"));
  const auto refused = insert(database, "a");
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == ErrorCode::denied);
  CHECK(refused.error().message.find("check the owner and mode") != std::string::npos);
}

TEST_CASE("what is no store is refused: another file, a folder, a place that does not exist") {
  const test::TemporaryFolder folder;
  test::write_file(folder / "a.db", std::string(5000, 'x'));
  const auto other = Database::open(folder / "a.db", Durability::full);
  REQUIRE_FALSE(other.has_value());
  CHECK(other.error().code == ErrorCode::tampered);
  CHECK(test::read_file(folder / "a.db") == std::string(5000, 'x'));
  CHECK_FALSE(Database::open(folder.path(), Durability::full).has_value());
  const auto absent = Database::open(folder / "none/a.db", Durability::full);
  REQUIRE_FALSE(absent.has_value());
  CHECK(absent.error().message.find("none/a.db: No such file or directory") != std::string::npos);
}

TEST_CASE("errors never repeat a bound value or a row's content") {
  const test::TemporaryFolder folder;
  Database database = with_table(folder / "a.db");
  REQUIRE_OK(insert(database, "hwdemo_secret"));
  const auto twice = insert(database, "hwdemo_secret");
  REQUIRE_FALSE(twice.has_value());
  CHECK(twice.error().message.find("hwdemo") == std::string::npos);
  CHECK(database.execute("INSERT INTO t (b) VALUES ('hwdemo_secret')").error().message.find("hwdemo") ==
        std::string::npos);
  CHECK(database.execute("hwdemo nonsense").error().message.find("hwdemo") == std::string::npos);
  CHECK(database.prepare("SELECT hwdemo FROM t").error().message.find("hwdemo") == std::string::npos);
}

TEST_CASE("after a deletion and a checkpoint the bytes are gone from the disk") {
  const test::TemporaryFolder folder;
  Database database = with_table(folder / "a.db");
  const std::string secret = "hwdemo_erase_me_entirely";
  REQUIRE_OK(insert(database, secret));
  REQUIRE_OK(database.checkpoint());
  REQUIRE(test::read_file(folder / "a.db").find(secret) != std::string::npos);
  REQUIRE_OK(database.execute("DELETE FROM t"));
  REQUIRE_OK(database.checkpoint());
  for (const char* name : {"a.db", "a.db-wal"}) CHECK(test::read_file(folder / name).find(secret) == std::string::npos);
}

TEST_CASE("a statement that no longer compiles is an error, not a crash") {
  const test::TemporaryFolder folder;
  Database database = with_table(folder / "a.db");
  CHECK_FALSE(database.prepare("SELECT * FROM absent").has_value());
  auto statement = database.prepare("SELECT * FROM t");
  REQUIRE_OK(statement);
  REQUIRE_OK(database.execute("DROP TABLE t"));
  CHECK_FALSE(statement->step().has_value());
}
