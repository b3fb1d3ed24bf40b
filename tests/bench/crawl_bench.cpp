// The crawl against its bounds, in one run over the same hosts: a bare libcurl-multi loop and wget2 for fetching,
// deduplication and the discovery of links; a bare libcurl and Gumbo loop for the whole path, posts classified and
// stored; then the same site again, unchanged.
//
//   bench_crawl [HOSTS [TOPICS [ROUNDS]]]
//
// Prints CPU time a page, and ratios per CPU-second. The hosts are nginx's; where it or wget2 is absent, what needs it
// is skipped and said.
#include <algorithm>

#include <curl/curl.h>
#include <fmt/format.h>
#include <gumbo.h>
#include <stdlib.h>

#include "app/crawl_run.h"
#include "crawler/crawler.h"
#include "tests/bench/bare_loop.h"
#include "tests/bench/loopback_board.h"

namespace {

using namespace hw;
using namespace hw::crawler;
using bench::Cost;
using bench::LoopbackBoard;

constexpr std::size_t kAtOnce = 64;

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "handlewatch-bench.XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

std::vector<config::SourceSpec> sources_of(const LoopbackBoard& board) {
  std::vector<config::SourceSpec> sources;
  for (int host = 0; host < board.hosts(); ++host) {
    config::SourceSpec source;
    source.name = fmt::format("host{}", host);
    source.kind = "phpbb";
    source.url = board.forum(host);
    source.platform = source.name;
    source.delay = Duration{0};
    source.max_pages = 1'000'000;
    sources.push_back(source);
  }
  return sources;
}

// Host-interleaved, as every crawler asks.
std::vector<std::string> all_pages(const LoopbackBoard& board) {
  std::vector<std::string> urls;
  for (int host = 0; host < board.hosts(); ++host) urls.push_back(board.forum(host));
  for (int topic = 1; topic <= board.topics(); ++topic)
    for (int host = 0; host < board.hosts(); ++host) urls.push_back(board.topic(host, topic));
  return urls;
}

// ---- fetching, deduplication, links ----

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
  const Folder folder;
  const SystemClock clock;
  CrawlerOptions options;
  options.rules.user_agent = "handlewatch-bench";
  options.rules.network_allow = {"127.0.0.0/8"};
  options.concurrency = kAtOnce;
  options.readers = 1;
  auto frontier = Frontier::open(folder.path() / "frontier.db", clock);
  auto fetcher = make_curl_fetcher(options.rules);
  if (!frontier || !fetcher) return 0;
  const auto threaded = on_its_own_thread(std::move(*fetcher));
  const auto sources = sources_of(board);
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
      "--no-config", "--robots=off", "-O", "/dev/null", fmt::format("--max-threads={}", kAtOnce)};
  for (int host = 0; host < board.hosts(); ++host) command.push_back(board.forum(host));
  Cost cost = bench::measured_program(command);
  cost.pages *= board.pages();
  return cost;
}

// ---- the whole path ----

std::size_t bare_gumbo(const LoopbackBoard& board) {
  return bench::bare_loop(all_pages(board), kAtOnce, [](const std::string& body) {
    GumboOutput* output = gumbo_parse_with_options(&kGumboDefaultOptions, body.data(), body.size());
    gumbo_destroy_output(&kGumboDefaultOptions, output);
  });
}

struct WholePath {
  Cost first;
  Cost again;
  std::size_t hits = 0;
  std::size_t posts = 0;
};

WholePath whole_path(const LoopbackBoard& board) {
  const Folder folder;
  app::Session session;
  session.data = folder.path() / "data";
  config::Settings settings;
  settings.network_allow = {"127.0.0.0/8"};
  settings.sources = sources_of(board);
  std::vector<const config::SourceSpec*> sources;
  for (const config::SourceSpec& source : settings.sources) sources.push_back(&source);
  WholePath out;
  if (!db::Store::create(session.data, *session.clock, {})) return out;
  auto run = app::CrawlRun::open(session, settings);
  if (!run) return out;
  const auto once = [&] {
    const auto report = (*run)->run(sources, {}, {});
    if (!report) fmt::print(stderr, "{}\n", report.error().message);
    out.hits += report ? report->hits : 0;
    out.posts += report ? report->posts : 0;
    return report ? report->pages : 0;
  };
  out.first = bench::measured(once);
  out.again = bench::measured(once);
  out.again.pages = out.first.pages;  // which it has all made sure of
  return out;
}

// ---- the figures ----

void print(std::string_view what, const Cost& cost) {
  fmt::print("  {:<40}{:>7} pages {:>9.0f} pages/s {:>8.1f} us CPU a page\n", what, cost.pages,
             static_cast<double>(cost.pages) / cost.wall, cost.a_page() * 1e6);
}

void print_ratio(std::string_view what, const Cost& theirs, const Cost& ours, double goal) {
  fmt::print("  {:<40}{:>7.2f}   goal {}\n", what, theirs.a_page() / ours.a_page(), goal);
}

const Cost& cheaper(const Cost& a, const Cost& b) { return a.pages == 0 || b.cpu < a.cpu ? b : a; }

bool compare_fetching(int hosts, int topics, int rounds) {
  const auto board = LoopbackBoard::serve(hosts, topics);
  if (!board) return true;
  Cost bare;
  Cost peer;
  Cost ours;
  for (int round = 0; round < rounds; ++round) {
    bare = cheaper(bare,
                   bench::measured([&] { return bench::bare_loop(all_pages(*board), kAtOnce, [](const auto&) {}); }));
    peer = cheaper(peer, wget2(*board));
    ours = cheaper(ours, bench::measured([&] { return crawl_links(*board); }));
  }
  fmt::print("fetching, deduplication, links: {} hosts, 32 KB a page, {} at once, best of {}\n", hosts, kAtOnce,
             rounds);
  print("bare libcurl multi", bare);
  if (peer.pages > 0) print("wget2 -r", peer);
  print("handlewatch", ours);
  print_ratio("of the bare loop, per CPU-second", bare, ours, 0.5);
  if (peer.pages > 0)
    print_ratio("of wget2, per CPU-second", peer, ours, 1.5);
  else
    fmt::print("  skipped: wget2 is not here (Debian's wget2 has it)\n");
  fmt::print("  Scrapy is not compared: it is no package that this bench may install\n");
  return ours.pages == board->pages();
}

bool compare_whole_path(int hosts, int topics) {
  const auto board = LoopbackBoard::serve(hosts, topics);
  if (!board) return true;
  const Cost bare = bench::measured([&] { return bare_gumbo(*board); });
  const WholePath ours = whole_path(*board);
  fmt::print("the whole path: {} hosts, {} posts, {} hits\n", hosts, ours.posts, ours.hits);
  print("bare libcurl + Gumbo", bare);
  print("handlewatch, classified and stored", ours.first);
  print("handlewatch again, nothing changed", ours.again);
  print_ratio("of bare libcurl + Gumbo, per CPU-second", bare, ours.first, 0.85);
  print_ratio("again, of its first time", ours.first, ours.again, 10);
  return ours.first.pages == board->pages() && ours.hits > 0;
}

int argument(int count, char** values, int at, int otherwise) {
  return count > at ? std::max(1, std::atoi(values[at])) : otherwise;
}

}  // namespace

int main(int count, char** values) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  const int hosts = std::min(argument(count, values, 1, 200), LoopbackBoard::kMostHosts);
  const bool fetched = compare_fetching(hosts, argument(count, values, 2, 25), argument(count, values, 3, 2));
  const bool whole = compare_whole_path(std::max(1, hosts / 20), 100);
  return fetched && whole ? 0 : 1;
}
