// The erasure journal through a power cut: at whatever byte the disk stopped, nothing that was erased is forgotten.
#include <set>

#include <doctest/doctest.h>

#include "db/erasures.h"
#include "db/work.h"
#include "tests/db/helpers.h"

using namespace hw;
using namespace hw::test;
namespace fs = std::filesystem;

namespace {

// Committed to the store, and not moved to the journal yet.
void erase(db::Store& store, const std::string& token) {
  db::Work work(store.core(), db::Work::Access::write);
  db::note_erasure(work, db::ErasureKind::hit, token);
  REQUIRE_OK(work.finish());
}

std::multiset<std::string> journalled(db::Store& store) {
  const auto all = db::read_erasures(db::erasure_file(store.folder()), store.core().store_id);
  REQUIRE_OK(all);
  std::set<std::int64_t> sequences;
  std::multiset<std::string> tokens;
  for (const db::Erasure& erasure : *all)
    if (sequences.insert(erasure.sequence).second) tokens.insert(erasure.token);
  return tokens;
}

}  // namespace

TEST_CASE("a power cut at any byte of the journal loses no erasure, nor does one before its entries left the store") {
  TestStore test;
  erase(*test.store, "first");
  test.reopen();  // moves it
  const std::string before = read_file(db::erasure_file(test.folder));
  erase(*test.store, "second");
  erase(*test.store, "third");
  test.store.reset();
  const fs::path committed = test.parent / "committed";  // the store as the disk has it when the journal is written
  fs::copy(test.folder, committed, fs::copy_options::recursive);
  test.reopen();
  const std::string after = read_file(db::erasure_file(test.folder));
  REQUIRE(after.starts_with(before));
  REQUIRE(after.size() > before.size() + 20);
  for (std::size_t written = before.size(); written <= after.size(); ++written) {
    const fs::path machine = test.parent / ("cut" + std::to_string(written));
    fs::copy(committed, machine, fs::copy_options::recursive);
    write_file(db::erasure_file(machine), after.substr(0, written));
    const auto store = db::Store::open(machine, test.clock);
    REQUIRE_OK(store);
    CHECK(journalled(**store) == std::multiset<std::string>{"first", "second", "third"});
    erase(**store, "fourth");
    REQUIRE_OK(db::write_erasures((*store)->core()));
    CHECK(journalled(**store) == std::multiset<std::string>{"first", "fourth", "second", "third"});
  }
}

TEST_CASE("trimming the journal is all or nothing: its new form has another name until it is whole") {
  TestStore test;
  erase(*test.store, "old");
  test.clock.advance(std::chrono::days(500));
  erase(*test.store, "young");
  test.reopen();
  const std::string whole = read_file(db::erasure_file(test.folder));
  write_file(test.folder / "erasures.log.new", "what a cut left of it");
  REQUIRE_OK(db::trim_erasures(test.store->core(), test.store->core().today() - 400));
  CHECK(journalled(*test.store) == std::multiset<std::string>{"young"});
  CHECK_FALSE(fs::exists(test.folder / "erasures.log.new"));
  CHECK(read_file(db::erasure_file(test.folder)).size() < whole.size());
}
