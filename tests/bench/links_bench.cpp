// What a walk, an exact look-up and a new hit cost in stores of ten thousand adverts, ten times and a hundred times so
// many (from the last step follows what ten million would cost), and how SQLite finds what they ask for. The rows are
// made by SQL, without their seals, which none of this reads.
//
//   links_bench --benchmark_filter=.          prints the query plans first
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <sqlite3.h>

#include "common/time.h"
#include "db/link_sql.h"
#include "db/links.h"
#include "db/lookup.h"
#include "db/store.h"
#include "db/work.h"

namespace {

namespace fs = std::filesystem;

// Groups of twelve adverts: six accounts, six handles, some of them together; each group's texts are alike.
constexpr const char* kFill = R"(
CREATE TEMP TABLE n AS WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i + 1 < %ADVERTS%) SELECT i FROM c;
INSERT INTO account(account, identity, platform) SELECT i + 1, randomblob(16), 'forum.example' FROM n WHERE i < %ADVERTS% / 2;
INSERT INTO hit(hit, post, content, judged, account, platform, source, band, flags, day, last_day, touched_day)
  SELECT i + 1, randomblob(16), x'00', x'00', i / 12 * 6 + i % 6 + 1, 'forum.example', 'bench', 2, '', 20000, 20001, 20000 FROM n;
INSERT INTO advert(hit, handle, account, platform)
  SELECT i + 1, i / 12 * 6 + i / 2 % 6 + 1, i / 12 * 6 + i % 6 + 1, 'forum.example' FROM n;
INSERT OR IGNORE INTO advert(hit, handle, account, platform)
  SELECT i + 1, i / 12 * 6 + 1, i / 12 * 6 + i % 6 + 1, 'forum.example' FROM n WHERE i % 12 = 7;
INSERT INTO hit_trace(token, hit) SELECT randomblob(16), i + 1 FROM n;
INSERT INTO likeness(hit, bits) SELECT i + 1, randomblob(60) FROM n;
INSERT INTO likeness_band(token, hit) SELECT randomblob(16), i + 1 FROM n, (SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4);
INSERT INTO alike(hit, other, distance) SELECT i + 1, i + 2, 2 FROM n WHERE i % 12 = 3;
INSERT INTO alike(hit, other, distance) SELECT i + 2, i + 1, 2 FROM n WHERE i % 12 = 3;
DROP TABLE n;
)";

std::string name_of(std::int64_t row) { return "hwdemo_" + std::to_string(row); }

class FilledStore {
 public:
  explicit FilledStore(std::int64_t adverts) : adverts_(adverts) {
    std::string pattern = (fs::temp_directory_path() / "handlewatch-bench.XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    if (!hw::db::Store::create(folder_ / "d", clock_, {})) std::abort();
    auto opened = hw::db::Store::open(folder_ / "d", clock_);
    if (!opened) std::abort();
    store_ = std::move(*opened);
    fill();
  }
  ~FilledStore() {
    store_.reset();
    fs::remove_all(folder_);
  }
  FilledStore(const FilledStore&) = delete;
  FilledStore& operator=(const FilledStore&) = delete;

  hw::db::Store& store() { return *store_; }
  fs::path file() const { return folder_ / "d" / "store.db"; }
  // All over the store, the same sequence in every run.
  std::int64_t next_row() {
    seed_ = seed_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::int64_t>((seed_ >> 33U) % static_cast<std::uint64_t>(adverts_ / 2 / 6 * 6)) + 1;
  }

 private:
  void fill() const {
    sqlite3* database = nullptr;
    if (sqlite3_open(file().c_str(), &database) != SQLITE_OK) std::abort();
    run(database, "PRAGMA synchronous=OFF; PRAGMA cache_size=-400000; PRAGMA temp_store=MEMORY; BEGIN");
    fill_handles(database);
    std::string sql = kFill;
    for (std::size_t at = sql.find("%ADVERTS%"); at != std::string::npos; at = sql.find("%ADVERTS%"))
      sql.replace(at, 9, std::to_string(adverts_));
    run(database, sql + "COMMIT; PRAGMA wal_checkpoint(TRUNCATE)");
    sqlite3_close(database);
  }

  // With the tokens that a look-up makes.
  void fill_handles(sqlite3* database) const {
    sqlite3_stmt* insert = nullptr;
    sqlite3_prepare_v2(database, "INSERT INTO handle(handle, token, spelling) VALUES (?, ?, randomblob(16))", -1,
                       &insert, nullptr);
    for (std::int64_t row = 1; row <= adverts_ / 2; ++row) {
      const std::string token = store_->core().tokens.handle("wickr", name_of(row));
      sqlite3_bind_int64(insert, 1, row);
      sqlite3_bind_blob(insert, 2, token.data(), static_cast<int>(token.size()), SQLITE_STATIC);
      if (sqlite3_step(insert) != SQLITE_DONE) std::abort();
      sqlite3_reset(insert);
    }
    sqlite3_finalize(insert);
  }

  static void run(sqlite3* database, const std::string& sql) {
    if (sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return;
    std::fprintf(stderr, "%s\n", sqlite3_errmsg(database));
    std::abort();
  }

  std::int64_t adverts_;
  hw::SystemClock clock_;
  fs::path folder_;
  std::unique_ptr<hw::db::Store> store_;
  std::uint64_t seed_ = 1;
};

FilledStore& filled(std::int64_t adverts) {
  static std::map<std::int64_t, std::unique_ptr<FilledStore>> stores;
  auto& store = stores[adverts];
  if (!store) store = std::make_unique<FilledStore>(adverts);
  return *store;
}

void walk(benchmark::State& state) {
  FilledStore& store = filled(state.range(0));
  std::size_t edges = 0;
  for (auto _ : state) {
    const auto graph = hw::db::links(store.store(), {hw::db::NodeKind::handle, store.next_row()}, {.depth = 3});
    if (!graph) std::abort();
    edges += graph->edges.size();
  }
  state.counters["edges"] = benchmark::Counter(static_cast<double>(edges), benchmark::Counter::kAvgIterations);
}

// What handles lookup asks, one name or many at a time.
void look_up(benchmark::State& state, std::size_t at_a_time) {
  FilledStore& store = filled(state.range(0));
  for (auto _ : state) {
    std::vector<hw::db::HandleName> names(at_a_time);
    for (hw::db::HandleName& name : names) name = {"wickr", name_of(store.next_row())};
    const auto rows = hw::db::lookup(store.store(), names);
    if (!rows || !rows->back()) std::abort();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(at_a_time));
}

void exact_look_up(benchmark::State& state) { look_up(state, 1); }
void exact_look_up_in_hundreds(benchmark::State& state) { look_up(state, 100); }

// A hundred at a time, as a page brings them.
void record(benchmark::State& state) {
  FilledStore& store = filled(state.range(0));
  static std::size_t number = 0;
  for (auto _ : state) {
    std::vector<hw::db::Judged> posts(100);
    for (hw::db::Judged& judged : posts) {
      const std::string n = std::to_string(++number);
      judged.post.id = "p" + n;
      judged.post.platform = "forum.example";
      judged.post.author = "author" + n;
      judged.post.text = "neutral words of about the length that a post has, and then my wickr is hwdemo_" + n;
      judged.verdict.band = hw::Band::medium;
      judged.verdict.handles = {
          {"wickr", hw::HandleType::user, "hwdemo_" + n, "hwdemo_" + n, "text", {0, 5}, hw::Intent::advertised, 0.9}};
      judged.seen_at = hw::Time(std::chrono::days(20'000));
      judged.likeness = number * 0x9e3779b97f4a7c15U;
    }
    if (!store.store().record(posts)) std::abort();
  }
  state.SetItemsProcessed(state.iterations() * 100);
}

void print_plans() {
  FilledStore& store = filled(10'000);
  sqlite3* database = nullptr;
  sqlite3_open(store.file().c_str(), &database);
  for (const std::string_view sql : hw::db::sql::kLookups) {
    std::printf("%.*s\n", static_cast<int>(sql.size()), sql.data());
    sqlite3_stmt* plan = nullptr;
    const std::string explain = "EXPLAIN QUERY PLAN " + std::string(sql);
    sqlite3_prepare_v2(database, explain.c_str(), -1, &plan, nullptr);
    while (sqlite3_step(plan) == SQLITE_ROW) std::printf("    %s\n", sqlite3_column_text(plan, 3));
    sqlite3_finalize(plan);
  }
  sqlite3_close(database);
}

}  // namespace

BENCHMARK(walk)->Arg(10'000)->Arg(100'000)->Arg(1'000'000);
BENCHMARK(exact_look_up)->Arg(10'000)->Arg(100'000)->Arg(1'000'000);
BENCHMARK(exact_look_up_in_hundreds)->Arg(10'000)->Arg(100'000)->Arg(1'000'000);
BENCHMARK(record)->Arg(10'000)->Arg(100'000)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  print_plans();
  benchmark::RunSpecifiedBenchmarks();
}
