// Fetching, deduplication and the discovery of links, beside a bare libcurl-multi loop and wget2 over the same hosts in
// one run.
//
//   bench_crawl [HOSTS [TOPICS [ROUNDS]]]
//
// Prints CPU time a page, and ratios per CPU-second. The hosts are nginx's; where it or wget2 is absent, what needs it
// is skipped and said.
#include <algorithm>

#include <curl/curl.h>
#include <fmt/format.h>

#include "common/memory.h"
#include "crawler/crawler.h"
#include "tests/bench/bare_loop.h"
#include "tests/bench/loopback_board.h"

namespace {

using namespace hw;
using namespace hw::crawler;
using bench::Cost;
using bench::LoopbackBoard;

// Every link of a page, by a scan of its bytes.
class Links final : public PageStages {
  struct Found final : Reading {
    PageOutcome outcome;
  };

 public:
  std::unique_ptr<Reading> read(const config::SourceSpec&, Document document) const override {
    auto found = std::make_unique<Found>();
    constexpr std::string_view kMark = "href=\"./";
    const std::string base = document.url.substr(0, document.url.rfind('/') + 1);
    const std::string_view body = document.body;
    for (auto at = body.find(kMark); at != std::string_view::npos; at = body.find(kMark, at)) {
      at += kMark.size();
      found->outcome.follow.push_back(
          {base + std::string(body.substr(at, body.find('"', at) - at)), PageRole::thread, "s"});
    }
    return found;
  }
  Result<std::vector<PageOutcome>> store(std::span<const std::unique_ptr<Reading>> readings) override {
    std::vector<PageOutcome> outcomes;
    for (const auto& reading : readings) outcomes.push_back(std::move(static_cast<Found&>(*reading).outcome));
    return outcomes;
  }
};

std::size_t crawl_links(const LoopbackBoard& board) {
  const bench::Folder folder;
  const SystemClock clock;
  CrawlerOptions options;
  options.rules.user_agent = "handlewatch-bench";
  options.rules.network_allow = {"127.0.0.0/8"};
  options.concurrency = bench::kAtOnce;
  options.readers = 1;
  auto frontier = Frontier::open(folder.path() / "frontier.db", clock);
  auto fetcher = make_curl_fetcher(options.rules);
  if (!frontier || !fetcher) return 0;
  const auto threaded = on_its_own_thread(std::move(*fetcher));
  const auto sources = board.sources();
  std::vector<SourceRun> runs;
  for (const config::SourceSpec& source : sources) runs.push_back({&source, {{source.url, PageRole::entry, ""}}});
  Links links;
  const auto report = Crawler(*frontier, *threaded, clock, options).run(runs, links, {}, {});
  if (!report) fmt::print(stderr, "{}\n", report.error().message);
  return report ? report->pages : 0;
}

Cost wget2(const LoopbackBoard& board) {
  std::vector<std::string> command{
      "wget2",       "-q",           "-r", "-l",        "0",
      "--no-config", "--robots=off", "-O", "/dev/null", fmt::format("--max-threads={}", bench::kAtOnce)};
  for (int host = 0; host < board.hosts(); ++host) command.push_back(board.forum(host));
  Cost cost = bench::measured_program(command);
  cost.pages *= board.pages();
  return cost;
}

bool compare_fetching(int hosts, int topics, int rounds) {
  const auto board = LoopbackBoard::serve(hosts, topics);
  if (!board) return true;
  Cost bare;
  Cost peer;
  Cost ours;
  for (int round = 0; round < rounds; ++round) {
    bare = bench::cheaper(bare, bench::measured([&] {
                            return bench::bare_loop(board->all_pages(), bench::kAtOnce, [](const auto&) {});
                          }));
    peer = bench::cheaper(peer, wget2(*board));
    ours = bench::cheaper(ours, bench::measured([&] { return crawl_links(*board); }));
  }
  fmt::print("fetching, deduplication, links: {} hosts, 32 KB a page, {} at once, best of {}\n", hosts, bench::kAtOnce,
             rounds);
  bench::print("bare libcurl multi", bare);
  if (peer.pages > 0) bench::print("wget2 -r", peer);
  bench::print("handlewatch", ours);
  bench::print_ratio("of the bare loop, per CPU-second", bare, ours, 0.5);
  if (peer.pages > 0)
    bench::print_ratio("of wget2, per CPU-second", peer, ours, 1.5);
  else
    fmt::print("  skipped: wget2 is not here (Debian's wget2 has it)\n");
  return ours.pages == board->pages();
}

}  // namespace

int main(int count, char** values) {
  hw::keep_freed_memory();  // as the program does
  curl_global_init(CURL_GLOBAL_DEFAULT);
  const int hosts = std::min(bench::argument(count, values, 1, 200), LoopbackBoard::kMostHosts);
  return compare_fetching(hosts, bench::argument(count, values, 2, 25), bench::argument(count, values, 3, 2)) ? 0 : 1;
}
