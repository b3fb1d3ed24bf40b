// Whatever moment the machine dies in: the store opens, no committed hit is lost, and the log is whole.
#include <set>

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "db/audit.h"
#include "db/backup.h"
#include "db/hits.h"
#include "db/retention.h"
#include "db/reviews.h"
#include "tests/db/helpers.h"
#include "tests/db/power_cut.h"

using namespace hw;
using namespace hw::test;

namespace {

db::Judged post(int i) {
  const std::string n = std::to_string(i);
  db::Judged out = judged({.id = "p" + n,
                           .author = "A" + std::to_string(i % 5),
                           .handle = "hwdemo_" + std::to_string(i % 7),
                           .flags = i == 11 ? std::vector{Flag::possible_minor} : std::vector<Flag>{}});
  out.likeness = 0x1234567890abcdefU ^ static_cast<std::uint64_t>(i % 3);
  return out;
}

// A day in the life of a store; stops at the first failure. What was committed is told as it happens.
struct Day {
  std::set<std::string> committed;
  std::set<std::string> reviewed;
  bool erased = false;
  ErrorCode failed{};
  bool stopped = false;

  void live(db::Store& store, FakeClock& clock, const db::Person& reviewer) {
    for (int i = 0; i < 12 && !stopped; i += 3) {
      std::vector<db::Judged> batch{post(i), post(i + 1), post(i + 2)};
      if (did(store.record(batch)))
        for (const db::Judged& each : batch) committed.insert(each.post.id);
    }
    if (!stopped && did(db::review(store, reviewer, {1, {}, db::ReviewVerdict::rejected, {}}))) reviewed.insert("p0");
    if (stopped) return;
    clock.advance(std::chrono::days(15));
    if (did(db::expire(store, {}, db::Expiry::erase, store.host()))) erased = true;
  }

  template <class T>
  bool did(const Result<T>& result) {
    if (result) return true;
    stopped = true;
    failed = result.error().code;
    return false;
  }
};

std::set<std::string> everything(TestStore& test) {
  std::set<std::string> ids;
  const db::Opener opener = test.opener();
  const auto rows = db::list_hits(*test.store, {.limit = 0});
  REQUIRE_OK(rows);
  for (const db::HitRow& row : *rows) {
    const auto opened = db::open_hit(*test.store, opener, row.hit);
    REQUIRE_OK(opened);
    CHECK(ids.insert(opened->post.id).second);
  }
  const auto referrals = db::list_referrals(*test.store, test.opener(db::KeyClass::safeguarding));
  REQUIRE_OK(referrals);
  for (const db::Referral& referral : *referrals) CHECK(ids.insert(referral.judged->post.id).second);
  return ids;
}

void check_whole(TestStore& test, const Day& day) {
  const auto problems = db::problems_of(*test.store);
  REQUIRE_OK(problems);
  for (const std::string& problem : *problems) FAIL_CHECK(problem);
  const std::set<std::string> ids = everything(test);
  for (const std::string& id : day.committed)
    if (id != "p0" || day.reviewed.empty()) CHECK_MESSAGE(ids.contains(id), id << " was committed and is lost");
  if (day.erased) CHECK_FALSE(ids.contains("p0"));
  // And it goes on as if nothing had been.
  CHECK(test.record(post(99)).fresh + test.record(post(98)).fresh == 2);
}

std::uint64_t writes_of_a_day() {
  TestStore test;
  test.owner();
  test.store.reset();
  FaultyDisk disk(test.folder);
  test.reopen();
  disk.fail_at(0, Fault::full_disk);
  Day day;
  day.live(*test.store, test.clock, test.owner());
  CHECK_FALSE(day.stopped);
  const std::uint64_t writes = disk.writes();
  test.store.reset();
  return writes;
}

}  // namespace

TEST_CASE("power cut at any write: what was committed is there, the store opens, the log is whole") {
  const std::uint64_t writes = writes_of_a_day();
  REQUIRE(writes > 50);
  std::size_t struck = 0;
  for (std::uint64_t at = 1; at <= writes; at += 1 + writes / 60)
    for (unsigned seed = 1; seed <= 2; ++seed) {
      CAPTURE(at);
      CAPTURE(seed);
      TestStore test;
      test.owner();  // unlocked before anything fails
      test.store.reset();
      Day day;
      {
        FaultyDisk disk(test.folder);
        test.reopen();
        disk.fail_at(at, Fault::power_cut);
        day.live(*test.store, test.clock, test.owner());
        struck += disk.struck() ? 1 : 0;
        test.store.reset();
        disk.cut(seed);
      }
      test.reopen();
      check_whole(test, day);
    }
  CHECK(struck > 100);
}

TEST_CASE("full disk at any write: it says so, nothing is half done, and it goes on when there is room") {
  const std::uint64_t writes = writes_of_a_day();
  std::size_t failed = 0;
  for (std::uint64_t at = 1; at <= writes; at += 1 + writes / 60) {
    CAPTURE(at);
    TestStore test;
    test.owner();
    test.store.reset();
    FaultyDisk disk(test.folder);
    test.reopen();
    disk.fail_at(at, Fault::full_disk);
    Day day;
    day.live(*test.store, test.clock, test.owner());
    if (day.stopped) {
      ++failed;
      CHECK(day.failed == ErrorCode::disk_full);
    }
    disk.heal();
    check_whole(test, day);  // the same connection goes on
    test.store.reset();
    test.reopen();
    CHECK(db::problems_of(*test.store)->empty());
    test.store.reset();
  }
  CHECK(failed > 10);
}

TEST_CASE("kill -9 at any write") {
  const std::uint64_t writes = writes_of_a_day();
  for (std::uint64_t at = 1; at <= writes; at += 1 + writes / 40) {
    CAPTURE(at);
    TestStore test;
    test.store.reset();
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      FaultyDisk disk(test.folder);
      auto store = db::Store::open(test.folder, test.clock);
      disk.fail_at(at, Fault::killed);
      for (int i = 0; store && i < 12; ++i) {
        if (!(*store)->record(std::vector{post(i)})) break;
        const char done = static_cast<char>(i);
        if (::write(ends[1], &done, 1) != 1) break;
      }
      if (store) static_cast<void>(db::expire(**store, {}, db::Expiry::erase, (*store)->host()));
      ::_exit(0);
    }
    ::close(ends[1]);
    Day day;
    char done = 0;
    while (::read(ends[0], &done, 1) == 1) day.committed.insert("p" + std::to_string(done));
    ::close(ends[0]);
    ::waitpid(child, nullptr, 0);
    test.reopen();
    check_whole(test, day);
  }
}
