// A store among other processes, full of years, or where it should not be.
#include <csignal>
#include <set>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/sqlite.h"
#include "db/audit.h"
#include "db/handles.h"
#include "db/hits.h"
#include "tests/db/helpers.h"

using namespace hw;
using namespace hw::test;

TEST_CASE("a store is made once") {
  TestStore test;
  CHECK(db::Store::create(test.folder, test.clock, {}).error().code == ErrorCode::refused);
  const TemporaryFolder empty;
  const auto absent = db::Store::open(empty.path(), test.clock);
  CHECK(absent.error().code == ErrorCode::not_found);
  CHECK(absent.error().message.find("handlewatch init") != std::string::npos);
  struct stat status{};
  REQUIRE(::stat(test.folder.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0700);
  REQUIRE(::stat((test.folder / "store.db").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600);
}

TEST_CASE("making a store that was interrupted can be done again") {
  TestStore test;
  const FakeClock clock;
  const TemporaryFolder parent;
  REQUIRE_OK(db::create_keys(parent.path()));
  std::filesystem::create_directory(parent / "keys.new");
  write_file(parent / "store.db", "");  // made, and nobody is enrolled yet
  REQUIRE_OK(db::Store::create(parent.path(), clock, {}));
  CHECK(db::Store::open(parent.path(), clock).has_value());
}

TEST_CASE("a store and its token key belong together") {
  TestStore test;
  test.record(judged({}));
  test.store.reset();
  write_file(test.folder / "keys/token.key", std::string(32, 'x'));
  const auto opened = db::Store::open(test.folder, test.clock);
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().code == ErrorCode::no_key);
  CHECK(opened.error().message.find("token.key") != std::string::npos);
}

TEST_CASE("a store from the future is refused") {
  TestStore test;
  test.store.reset();
  {
    auto database = Database::open(test.folder / "store.db", Durability::normal);
    REQUIRE_OK(database);
    REQUIRE_OK(database->execute("PRAGMA user_version = 999"));
  }
  CHECK(db::Store::open(test.folder, test.clock).error().code == ErrorCode::from_future);
}

TEST_CASE("a locked store says so; nothing was written, and it can be done again") {
  TestStore test;
  auto other = Database::open(test.folder / "store.db", Durability::normal);
  REQUIRE_OK(other);
  REQUIRE_OK(other->execute("BEGIN EXCLUSIVE"));
  const auto locked = test.store->record(std::vector{judged({})});
  REQUIRE_FALSE(locked.has_value());
  CHECK(locked.error().code == ErrorCode::busy);
  CHECK(locked.error().message.find("hwdemo") == std::string::npos);
  CHECK(db::count_hits(*test.store, {}).value() == 0);  // readers go on
  REQUIRE_OK(other->execute("COMMIT"));
  CHECK(test.record(judged({})).fresh == 1);
}

TEST_CASE("an unwritable folder and a file that is no store give a clear error") {
  const FakeClock clock;
  const TemporaryFolder parent;
  write_file(parent / "file", "x");
  CHECK_FALSE(db::Store::create(parent / "file", clock, {}).has_value());
  CHECK_FALSE(db::Store::create("/proc/handlewatch", clock, {}).has_value());
  TestStore test;
  test.store.reset();
  for (const char* suffix : {"-wal", "-shm"}) std::filesystem::remove(test.folder / (std::string("store.db") + suffix));
  write_file(test.folder / "store.db", std::string(4096, 'x'));
  CHECK(db::Store::open(test.folder, clock).error().code == ErrorCode::tampered);
}

TEST_CASE("kill -9 at any moment: the store opens, no committed hit is lost, none is there twice, the log is whole") {
  TestStore test;
  test.store.reset();
  const auto post = [](int i) {
    const std::string n = std::to_string(i);
    return judged({.id = "p" + n,
                   .author = "A" + n,
                   .handle = "hwdemo_" + n,
                   .flags = i % 7 == 0 ? std::vector{Flag::possible_minor} : std::vector<Flag>{}});
  };
  constexpr int kPosts = 400;
  std::size_t committed = 0;
  for (int round = 0; round < 12; ++round) {
    int pipe_ends[2];
    REQUIRE(::pipe(pipe_ends) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      auto store = db::Store::open(test.folder, test.clock);
      for (int i = 0; store && i < kPosts; i += 5) {
        std::vector<db::Judged> batch;
        for (int j = i; j < i + 5; ++j) batch.push_back(post(j));
        if (!(*store)->record(batch)) break;
        const auto done = static_cast<char>(1);
        if (::write(pipe_ends[1], &done, 1) != 1) break;
      }
      ::_exit(0);
    }
    ::close(pipe_ends[1]);
    char done = 0;
    std::size_t batches = 0;
    for (int i = 0; i <= round * 3 && ::read(pipe_ends[0], &done, 1) == 1; ++i) ++batches;
    ::kill(child, SIGKILL);
    while (::read(pipe_ends[0], &done, 1) == 1) ++batches;
    ::close(pipe_ends[0]);
    ::waitpid(child, nullptr, 0);
    committed = std::max(committed, batches * 5);
    test.reopen();
    const auto count = db::count_hits(*test.store, {});
    REQUIRE_OK(count);
    CHECK(*count + (committed + 6) / 7 >= committed);  // every seventh is held
    const db::Opener opener = test.opener();
    const auto rows = db::list_hits(*test.store, {.limit = 0});
    REQUIRE_OK(rows);
    std::set<std::string> ids;
    for (const db::HitRow& row : *rows) {
      const auto opened = db::open_hit(*test.store, opener, row.hit);
      REQUIRE_OK(opened);
      CHECK(ids.insert(opened->post.id).second);
    }
    CHECK(db::verify_audit(*test.store, {})->problems.empty());
    test.store.reset();
  }
}

TEST_CASE("two processes write at the same time and both get in") {
  TestStore test;
  test.store.reset();
  const auto write = [&](int from) {
    auto store = db::Store::open(test.folder, test.clock);
    for (int i = from; store && i < from + 40; ++i)
      if (!(*store)->record(std::vector{judged({.id = std::to_string(i), .author = "A" + std::to_string(i % 7)})}))
        return 1;
    return store ? 0 : 2;
  };
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) ::_exit(write(0));
  CHECK(write(20) == 0);
  int status = 0;
  ::waitpid(child, &status, 0);
  CHECK(WEXITSTATUS(status) == 0);
  test.reopen();
  CHECK(db::count_hits(*test.store, {}).value() == 60);
  CHECK(db::list_handles(*test.store, {})->size() == 1);
}
