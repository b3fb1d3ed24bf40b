// Hits a second into the sealed store, beside its bound in the same run: SQLite inserting rows of the same size bare.
// Then what a look-up costs as the store grows.
#include <filesystem>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <sqlite3.h>

#include "common/json.h"
#include "common/time.h"
#include "db/hits.h"
#include "db/links.h"
#include "db/store.h"

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBatch = 100;

class Folder {
 public:
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "handlewatch-bench.XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

// Every third handle is one that was seen before, every fifth account too.
hw::db::Judged advert(std::size_t i) {
  hw::db::Judged judged;
  judged.post.id = "p" + std::to_string(i);
  judged.post.platform = i % 4 == 0 ? "other.example" : "forum.example";
  judged.post.source = "bench";
  judged.post.author = "author" + std::to_string(i % 5 == 0 ? i / 10 : i);
  judged.post.text =
      "neutral words of about the length that a post has, and then my wickr is hwdemo_" + std::to_string(i);
  judged.verdict.post_id = judged.post.id;
  judged.verdict.band = hw::Band::medium;
  judged.verdict.rules_hash = "bench";
  const std::string handle = "hwdemo_" + std::to_string(i % 3 == 0 ? i / 6 : i);
  judged.verdict.handles = {
      {"wickr", hw::HandleType::user, handle, handle, "text", {0, 5}, hw::Intent::advertised, 0.9}};
  judged.verdict.rules = {{"term.nolimits", "title", {0, 8}, 1.2}};
  judged.seen_at = hw::Time(std::chrono::days(20'000));
  return judged;
}

std::vector<hw::db::Judged> batch(std::size_t from) {
  std::vector<hw::db::Judged> posts;
  for (std::size_t i = from; i < from + kBatch; ++i) posts.push_back(advert(i));
  return posts;
}

std::unique_ptr<hw::db::Store> make_store(const Folder& folder, const hw::Clock& clock) {
  if (!hw::db::Store::create(folder.path() / "d", clock, {})) std::abort();
  auto store = hw::db::Store::open(folder.path() / "d", clock);
  if (!store) std::abort();
  return std::move(*store);
}

void bare_insert(benchmark::State& state) {
  const Folder folder;
  sqlite3* database = nullptr;
  sqlite3_open((folder.path() / "bare.db").c_str(), &database);
  sqlite3_exec(database,
               "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE hit(id INTEGER PRIMARY KEY, body BLOB)",
               nullptr, nullptr, nullptr);
  sqlite3_stmt* insert = nullptr;
  sqlite3_prepare_v2(database, "INSERT INTO hit(body) VALUES (?)", -1, &insert, nullptr);
  std::size_t from = 0;
  for (auto _ : state) {
    sqlite3_exec(database, "BEGIN", nullptr, nullptr, nullptr);
    for (const hw::db::Judged& judged : batch(from)) {
      const std::string body = hw::to_json(judged.post) + hw::to_json(judged.verdict);
      sqlite3_bind_blob(insert, 1, body.data(), static_cast<int>(body.size()), SQLITE_STATIC);
      sqlite3_step(insert);
      sqlite3_reset(insert);
    }
    sqlite3_exec(database, "COMMIT", nullptr, nullptr, nullptr);
    from += kBatch;
  }
  sqlite3_finalize(insert);
  sqlite3_close(database);
  state.SetItemsProcessed(static_cast<std::int64_t>(from));
}

void record_hits(benchmark::State& state) {
  const Folder folder;
  const hw::SystemClock clock;
  const auto store = make_store(folder, clock);
  std::size_t from = 0;
  for (auto _ : state) {
    if (!store->record(batch(from))) std::abort();
    from += kBatch;
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(from));
}

void judged_before(benchmark::State& state) {
  const Folder folder;
  const hw::SystemClock clock;
  const auto store = make_store(folder, clock);
  std::vector<hw::Post> posts;
  for (const hw::db::Judged& judged : batch(0)) posts.push_back(judged.post);
  for (auto _ : state)
    if (!store->judged_before(posts, "bench")) std::abort();
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kBatch));
}

// A store of state.range(0) hits.
template <class Look>
void look_up(benchmark::State& state, Look look) {
  const Folder folder;
  const hw::SystemClock clock;
  const auto store = make_store(folder, clock);
  for (std::size_t from = 0; from < static_cast<std::size_t>(state.range(0)); from += kBatch)
    if (!store->record(batch(from))) std::abort();
  std::int64_t row = 0;
  for (auto _ : state) {
    row = row % (state.range(0) / 2) + 1;
    look(*store, row);
  }
}

void walk_links(benchmark::State& state) {
  look_up(state, [](hw::db::Store& store, std::int64_t row) {
    benchmark::DoNotOptimize(hw::db::links(store, hw::db::NodeKind::handle, row, 3));
  });
}

void list_newest(benchmark::State& state) {
  look_up(state, [](hw::db::Store& store, std::int64_t) { benchmark::DoNotOptimize(hw::db::list_hits(store, {})); });
}

}  // namespace

BENCHMARK(bare_insert);
BENCHMARK(record_hits);
BENCHMARK(judged_before);
BENCHMARK(walk_links)->Arg(2'000)->Arg(20'000);
BENCHMARK(list_newest)->Arg(2'000)->Arg(20'000);

BENCHMARK_MAIN();
