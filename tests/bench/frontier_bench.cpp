// What a page costs as the frontier grows, and what it keeps in memory meanwhile.
//
//   bench_frontier [MOST]      grows from ten thousand known addresses to MOST, a million unless it is said
//
// A page is handed out, recorded as read and leads to thirty links, one of them new: the hot cache knows some, the
// store the rest.
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <random>

#include <fmt/format.h>

#include "crawler/frontier.h"
#include "tests/bench/bare_loop.h"

namespace {

using namespace hw;
using namespace hw::crawler;

constexpr std::size_t kSources = 20;
constexpr std::size_t kMeasured = 4000;
constexpr std::size_t kTogether = 32;
constexpr std::size_t kLinks = 30;

double resident_megabytes() {
  std::ifstream file("/proc/self/statm");
  std::size_t all = 0;
  std::size_t resident = 0;
  file >> all >> resident;
  return static_cast<double>(resident) * 4096 / 1e6;
}

std::string source(std::size_t number) { return fmt::format("s{}", number % kSources); }

Request thread(std::size_t number) {
  return {fmt::format("http://h{}.invalid/viewtopic.php?f={}&t={}", number % kSources, number % 7, number),
          PageRole::thread, "s"};
}

class Growing {
 public:
  explicit Growing(Frontier& frontier) : frontier_(frontier) {
    for (std::size_t i = 0; i < kSources; ++i) begin(i, {});
  }

  void grow_to(std::size_t count) {
    while (known_ < count) {
      std::vector<std::vector<Request>> fresh(kSources);
      for (std::size_t i = 0; i < 20'000 && known_ < count; ++i, ++known_)
        fresh[known_ % kSources].push_back(thread(known_));
      for (std::size_t i = 0; i < kSources; ++i) begin(i, fresh[i]);
    }
  }

  std::size_t work() {
    for (std::size_t done = 0; done < kMeasured; done += kTogether)
      if (!frontier_.together([&] { return read_some(); })) std::exit(1);
    return kMeasured;
  }

 private:
  void begin(std::size_t number, const std::vector<Request>& entry) {
    if (!frontier_.begin_run(source(number), entry, std::chrono::hours(1000))) std::exit(1);
  }

  Status read_some() {
    for (std::size_t i = 0; i < kTogether; ++i) {
      const std::size_t number = turn_++ % kSources;
      const auto page = frontier_.next(source(number));
      if (!page || !*page) return fail(ErrorCode::io, "nothing is queued");
      PageDone done{{"e", "", "d"}, {}, {}, {}, 1, 1, {}};
      for (std::size_t link = 0; link < kLinks; ++link) {
        const std::size_t other = random_() % known_ / kSources * kSources + number;
        done.follow.push_back(thread(other < known_ ? other : number));
      }
      done.follow.push_back(thread(known_ / kSources * kSources + number + kSources));
      if (const auto added = frontier_.done(source(number), **page, done); !added) return tl::unexpected(added.error());
    }
    known_ += kTogether;
    return {};
  }

  Frontier& frontier_;
  std::mt19937_64 random_{1};
  std::size_t known_ = 0;
  std::size_t turn_ = 0;
};

}  // namespace

int main(int count, char** values) {
  const auto most = static_cast<std::size_t>(bench::argument(count, values, 1, 1'000'000));
  const bench::Folder folder;
  const SystemClock clock;
  auto frontier = Frontier::open(folder.path() / "frontier.db", clock);
  if (!frontier) return 1;
  Growing growing(*frontier);
  double first = 0;
  for (std::size_t size = 10'000; size <= most; size *= 10) {
    growing.grow_to(size);
    const bench::Cost cost = bench::measured([&] { return growing.work(); });
    if (first == 0) first = cost.a_page();
    fmt::print(
        "{:>10} known addresses {:>8.1f} us CPU a page ({:.2f} of the first) {:>6.0f} MB resident {:>7.0f} MB on "
        "disk\n",
        size, cost.a_page() * 1e6, cost.a_page() / first, resident_megabytes(),
        static_cast<double>(std::filesystem::file_size(folder.path() / "frontier.db")) / 1e6);
  }
  return 0;
}
