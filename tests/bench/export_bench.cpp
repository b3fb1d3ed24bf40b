// What an export of reviewed handles costs: time and the most memory that it ever holds, for ten thousand handles and
// for a hundred thousand, in every form. Streamed in flat memory means that the second column of memory is no larger.
//
//   bench_export [FEW MANY]        needs build/release/app/handlewatch beside it
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/time.h"
#include "db/store.h"
#include "tests/bench/bare_loop.h"

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kAtATime = 500;

struct Ran {
  double seconds = 0;
  double megabytes = 0;  // the most that was resident
};

Ran run(std::vector<std::string> words) {
  const auto begun = std::chrono::steady_clock::now();
  const pid_t child = ::fork();
  if (child == 0) {
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    const int nowhere = ::open("/dev/null", O_RDWR);
    for (const int descriptor : {0, 1, 2}) ::dup2(nowhere, descriptor);
    ::execv(pointers[0], pointers.data());
    ::_exit(127);
  }
  int status = 0;
  rusage usage{};
  if (::wait4(child, &status, 0, &usage) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    fmt::print(stderr, "{} {} failed\n", words[0], words[3]);
    std::exit(1);
  }
  return {std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count(),
          static_cast<double>(usage.ru_maxrss) / 1024};
}

hw::db::Judged advert(std::size_t i) {
  const std::string n = std::to_string(i);
  hw::db::Judged judged;
  judged.post.id = "p" + n;
  judged.post.platform = "forum.example";
  judged.post.url = "https://forum.example/" + n;
  judged.post.source = "bench";
  judged.post.author = "author" + n;
  judged.post.text = "neutral words of about the length that a post has, and then my wickr is hwdemo_" + n;
  judged.verdict.post_id = judged.post.id;
  judged.verdict.band = hw::Band::medium;
  judged.verdict.handles = {
      {"wickr", hw::HandleType::user, "hwdemo_" + n, "hwdemo_" + n, "text", {0, 5}, hw::Intent::advertised, 0.9}};
  judged.seen_at = hw::Time(std::chrono::days(20'000));
  return judged;
}

// Reviews that nobody signed: the exports go by the table, and audit verify would tell.
void confirm_all(const fs::path& file) {
  sqlite3* database = nullptr;
  sqlite3_open(file.c_str(), &database);
  const char* sql = R"(BEGIN;
INSERT INTO review(hit, handle, reviewer, verdict, sign, day)
  SELECT hit, handle, who, 'confirmed', 'profile', 20001 FROM advert, (SELECT 'alice' AS who UNION ALL SELECT 'bob');
UPDATE handle SET confirmed = 2;
UPDATE hit SET confirmed = 2;
COMMIT)";
  if (sqlite3_exec(database, sql, nullptr, nullptr, nullptr) != SQLITE_OK) std::abort();
  sqlite3_close(database);
}

fs::path make_store(const fs::path& folder, const std::string& binary, std::size_t handles) {
  const fs::path data = folder / std::to_string(handles);
  run({binary, "--data", data, "init", "--no-passphrase", "--as", "owner"});
  run({binary, "--data", data, "keys", "add", "erin", "--roles", "exporter", "--no-passphrase", "--as", "owner"});
  const hw::SystemClock clock;
  const auto store = hw::db::Store::open(data, clock);
  if (!store) std::abort();
  for (std::size_t from = 0; from < handles; from += kAtATime) {
    std::vector<hw::db::Judged> posts;
    for (std::size_t i = from; i < std::min(from + kAtATime, handles); ++i) posts.push_back(advert(i));
    if (!(*store)->record(posts)) std::abort();
  }
  confirm_all(data / "store.db");
  return data;
}

}  // namespace

int main(int count, char** values) {
  const std::string binary = fs::read_symlink("/proc/self/exe").parent_path() / "../../app/handlewatch";
  const auto few = static_cast<std::size_t>(hw::bench::argument(count, values, 1, 10'000));
  const auto many = static_cast<std::size_t>(hw::bench::argument(count, values, 2, 100'000));
  const hw::bench::Folder folder;
  const fs::path small = make_store(folder.path(), binary, few);
  const fs::path large = make_store(folder.path(), binary, many);
  fmt::print("  {:<8}{:>10} handles{:>10} handles\n", "", few, many);
  for (const std::string format : {"csv", "jsonl", "html", "stix", "graphml", "misp"}) {
    const auto ask = [&](const fs::path& data) {
      return run({binary, "--data", data, "handles", "export", "--as", "erin", "--case", "c", "--purpose", "p",
                  "--format", format, "--output", data.string() + "." + format});
    };
    const Ran first = ask(small);
    const Ran second = ask(large);
    fmt::print("  {:<8}{:>8.1f} MB {:>6.1f} s{:>8.1f} MB {:>6.1f} s   memory x {:.2f}, {:.0f} handles/s\n", format,
               first.megabytes, first.seconds, second.megabytes, second.seconds, second.megabytes / first.megabytes,
               static_cast<double>(many) / second.seconds);
  }
}
