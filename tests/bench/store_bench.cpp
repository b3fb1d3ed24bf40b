// Hits a second into the sealed store, beside its bound in the same run: SQLite inserting the same rows bare, with the
// same indices, durability and transactions. against_bare does both in turn and gives the ratio, by the clock and by
// the processor; the goal is 0.25. Then what a look-up costs as the store grows.
#include <chrono>
#include <ctime>
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
constexpr std::size_t kTemplateBatches = 20;

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
  judged.likeness = i * 0x9e3779b97f4a7c15U;
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

// A table as recording left it: its rows, to be inserted bare.
struct Table {
  std::string insert;
  int columns = 0;
  std::vector<std::vector<sqlite3_value*>> rows;
};

class Copy {
 public:
  // Rows that recording wrote for kTemplate hits, with the schema that they need, indices and all.
  explicit Copy(const fs::path& file) {
    sqlite3* from = nullptr;
    sqlite3_open(file.c_str(), &from);
    for (const auto& [name, sql] : texts(from,
                                         "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT "
                                         "LIKE 'sqlite_%' ORDER BY type DESC"))
      schema_ += sql + ";\n";
    for (const auto& [name, sql] : texts(from,
                                         "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE "
                                         "'sqlite_%' AND name <> 'audit_head'"))
      tables_.push_back(read(from, name, sql.find("WITHOUT ROWID") != std::string::npos));
    sqlite3_close(from);
  }
  ~Copy() {
    for (const Table& table : tables_)
      for (const auto& row : table.rows)
        for (sqlite3_value* value : row) sqlite3_value_free(value);
  }
  Copy(const Copy&) = delete;
  Copy& operator=(const Copy&) = delete;

  const std::string& schema() const { return schema_; }
  const std::vector<Table>& tables() const { return tables_; }

 private:
  static std::vector<std::pair<std::string, std::string>> texts(sqlite3* database, const char* sql) {
    std::vector<std::pair<std::string, std::string>> rows;
    sqlite3_stmt* query = nullptr;
    sqlite3_prepare_v2(database, sql, -1, &query, nullptr);
    while (sqlite3_step(query) == SQLITE_ROW)
      rows.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(query, 0)),
                        reinterpret_cast<const char*>(sqlite3_column_text(query, 1)));
    sqlite3_finalize(query);
    return rows;
  }

  // In the order in which they were written; where that is not known, in none.
  static Table read(sqlite3* from, const std::string& name, bool without_rowid) {
    Table table;
    sqlite3_stmt* query = nullptr;
    const std::string sql = "SELECT * FROM " + name + (without_rowid ? " ORDER BY random()" : " ORDER BY rowid");
    sqlite3_prepare_v2(from, sql.c_str(), -1, &query, nullptr);
    table.columns = sqlite3_column_count(query);
    std::string marks = "?";
    for (int i = 1; i < table.columns; ++i) marks += ",?";
    table.insert = "INSERT INTO " + name + " VALUES (" + marks + ")";
    while (sqlite3_step(query) == SQLITE_ROW) {
      std::vector<sqlite3_value*> row;
      for (int i = 0; i < table.columns; ++i) row.push_back(sqlite3_value_dup(sqlite3_column_value(query, i)));
      table.rows.push_back(std::move(row));
    }
    sqlite3_finalize(query);
    return table;
  }

  std::string schema_;
  std::vector<Table> tables_;
};

// The same rows in as many transactions, in a file with the same settings; no key, no hash, no look-up.
class BareFile {
 public:
  BareFile(const Copy& copy, const fs::path& file) : copy_(copy) {
    sqlite3_open(file.c_str(), &database_);
    run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; BEGIN");
    run((copy.schema() + "COMMIT").c_str());
    for (const Table& table : copy.tables()) {
      inserts_.push_back(nullptr);
      sqlite3_prepare_v2(database_, table.insert.c_str(), -1, &inserts_.back(), nullptr);
    }
  }
  ~BareFile() {
    for (sqlite3_stmt* insert : inserts_) sqlite3_finalize(insert);
    sqlite3_close(database_);
  }
  BareFile(const BareFile&) = delete;
  BareFile& operator=(const BareFile&) = delete;

  void insert_all(std::size_t transactions) {
    for (std::size_t t = 0; t < transactions; ++t) {
      run("BEGIN IMMEDIATE");
      for (std::size_t i = 0; i < inserts_.size(); ++i) insert_part(i, t, transactions);
      run("COMMIT");
    }
  }

 private:
  void run(const char* sql) {
    if (sqlite3_exec(database_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) std::abort();
  }

  void insert_part(std::size_t table, std::size_t part, std::size_t parts) {
    const auto& rows = copy_.tables()[table].rows;
    sqlite3_stmt* insert = inserts_[table];
    for (std::size_t row = rows.size() * part / parts; row < rows.size() * (part + 1) / parts; ++row) {
      for (int column = 0; column < copy_.tables()[table].columns; ++column)
        sqlite3_bind_value(insert, column + 1, rows[row][static_cast<std::size_t>(column)]);
      if (sqlite3_step(insert) != SQLITE_DONE) std::abort();
      sqlite3_reset(insert);
    }
  }

  const Copy& copy_;
  sqlite3* database_ = nullptr;
  std::vector<sqlite3_stmt*> inserts_;
};

// What record_hits writes: every row of every table.
Copy template_rows(const Folder& folder, const hw::Clock& clock) {
  {
    const auto store = make_store(folder, clock);
    for (std::size_t i = 0; i < kTemplateBatches; ++i)
      if (!store->record(batch(i * kBatch))) std::abort();
  }
  return Copy(folder.path() / "d/store.db");
}

struct Spent {
  double wall = 0;
  double cpu = 0;
};

template <class Work>
void spend(Spent& spent, Work work) {
  const auto begun = std::chrono::steady_clock::now();
  const std::clock_t cpu = std::clock();
  work();
  spent.cpu += static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC;
  spent.wall += std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

// Two thousand hits into a fresh store, then their rows into a fresh file, over and over.
void against_bare(benchmark::State& state) {
  const hw::SystemClock clock;
  const Folder folder;
  const Copy copy = template_rows(folder, clock);
  Spent ours;
  Spent theirs;
  for (auto _ : state) {
    const Folder fresh;
    const auto store = make_store(fresh, clock);
    BareFile bare(copy, fresh.path() / "bare.db");
    spend(ours, [&] {
      for (std::size_t i = 0; i < kTemplateBatches; ++i)
        if (!store->record(batch(i * kBatch))) std::abort();
    });
    spend(theirs, [&] { bare.insert_all(kTemplateBatches); });
  }
  const auto hits = static_cast<double>(state.iterations()) * static_cast<double>(kTemplateBatches * kBatch);
  state.counters["ratio_clock"] = theirs.wall / ours.wall;
  state.counters["ratio_cpu"] = theirs.cpu / ours.cpu;
  state.counters["us_a_hit"] = ours.cpu * 1e6 / hits;
  state.counters["us_a_hit_bare"] = theirs.cpu * 1e6 / hits;
}

// A lower bound that no store with links can come near: one row a hit, unindexed.
void one_row_a_hit(benchmark::State& state) {
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
    benchmark::DoNotOptimize(hw::db::links(store, {hw::db::NodeKind::handle, row}, {.depth = 3}));
  });
}

void list_newest(benchmark::State& state) {
  look_up(state, [](hw::db::Store& store, std::int64_t) { benchmark::DoNotOptimize(hw::db::list_hits(store, {})); });
}

}  // namespace

BENCHMARK(against_bare)->Iterations(5)->Unit(benchmark::kMillisecond);
BENCHMARK(one_row_a_hit);
BENCHMARK(record_hits);
BENCHMARK(judged_before);
BENCHMARK(walk_links)->Arg(2'000)->Arg(20'000);
BENCHMARK(list_newest)->Arg(2'000)->Arg(20'000);

BENCHMARK_MAIN();
