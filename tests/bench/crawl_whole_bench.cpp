// The whole path, posts classified and stored, beside a bare libcurl and Gumbo loop and Scrapy with lxml over the same
// pages in one run; then the same site again, unchanged.
//
//   bench_crawl_whole [HOSTS [TOPICS]]
#include <algorithm>

#include <curl/curl.h>
#include <fmt/format.h>
#include <gumbo.h>

#include "app/crawl_run.h"
#include "common/memory.h"
#include "common/sqlite.h"
#include "tests/bench/bare_loop.h"
#include "tests/bench/loopback_board.h"

namespace {

using namespace hw;
using bench::Cost;
using bench::LoopbackBoard;

std::size_t bare_gumbo(const LoopbackBoard& board) {
  return bench::bare_loop(board.all_pages(), bench::kAtOnce, [](const std::string& body) {
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
  const bench::Folder folder;
  app::Session session;
  session.data = folder.path() / "data";
  config::Settings settings;
  settings.network_allow = {"127.0.0.0/8"};
  settings.sources = board.sources();
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

// Nothing where Scrapy is absent, or did not read every page and find every hit.
Cost scrapy(const LoopbackBoard& board, std::size_t hits) {
  const bench::Folder folder;
  const std::filesystem::path result = folder.path() / "scrapy.db";
  std::vector<std::string> command{"/usr/bin/python3", HANDLEWATCH_SOURCE_DIR "/tests/bench/scrapy_board.py",
                                   result.string(), std::to_string(bench::kAtOnce)};
  for (int host = 0; host < board.hosts(); ++host) command.push_back(board.forum(host));
  Cost cost = bench::measured_program(command);
  auto database = std::filesystem::exists(result) ? Database::open(result, Durability::normal)
                                                  : Result<Database>(fail(ErrorCode::io, "no Scrapy"));
  auto done = database ? database->prepare("SELECT pages, hits FROM done") : tl::unexpected(database.error());
  const bool whole = done && done->step().value_or(false) &&
                     done->integer(0) == static_cast<std::int64_t>(board.pages()) &&
                     done->integer(1) == static_cast<std::int64_t>(hits);
  cost.pages = whole ? board.pages() : 0;
  return cost;
}

bool compare_whole_path(int hosts, int topics) {
  const auto board = LoopbackBoard::serve(hosts, topics);
  if (!board) return true;
  const Cost bare = bench::measured([&] { return bare_gumbo(*board); });
  const WholePath ours = whole_path(*board);
  const Cost peer = scrapy(*board, ours.hits);
  fmt::print("the whole path: {} hosts, {} posts, {} hits\n", hosts, ours.posts, ours.hits);
  bench::print("bare libcurl + Gumbo", bare);
  if (peer.pages > 0) bench::print("Scrapy with lxml, the same words", peer);
  bench::print("handlewatch, classified and stored", ours.first);
  bench::print("handlewatch again, nothing changed", ours.again);
  bench::print_ratio("of bare libcurl + Gumbo, per CPU-second", bare, ours.first, 0.85);
  if (peer.pages > 0)
    bench::print_ratio("of Scrapy with lxml, per CPU-second", peer, ours.first, 4);
  else
    fmt::print("  skipped: Scrapy is not here (Debian's python3-scrapy has it)\n");
  bench::print_ratio("again, of its first time", ours.first, ours.again, 10);
  return ours.first.pages == board->pages() && ours.hits > 0;
}

}  // namespace

int main(int count, char** values) {
  hw::keep_freed_memory();  // as the program does
  curl_global_init(CURL_GLOBAL_DEFAULT);
  const int hosts = std::min(bench::argument(count, values, 1, 10), LoopbackBoard::kMostHosts);
  return compare_whole_path(hosts, bench::argument(count, values, 2, 100)) ? 0 : 1;
}
