// kill -9 in the middle of a crawl, again and again: nothing lost, and nothing done twice but what was in flight.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/crawler/fake_site.h"
#include "tests/crawler/killed_lives.h"

using namespace hw;
using namespace hw::crawler;
using namespace std::chrono_literals;

namespace {

constexpr int kHosts = 3;
constexpr int kThreads = 1660;  // of each host: some 5,000 pages
constexpr int kListings = 10;
constexpr int kLives = 200;

std::string home(int host) { return "http://h" + std::to_string(host) + ".test/"; }

// An entry with the first of ten listings, each with the next and its share of the threads.
std::optional<test::Answer> serve(const std::string& url) {
  const std::string path = url.substr(url.find('/', 8) + 1);
  const std::string base = url.substr(0, url.size() - path.size());
  test::Answer answer;
  if (path == "robots.txt") return answer;
  answer.body = "post " + url + "\n";
  const int listing = path.empty() ? 0 : path[0] == 'l' ? std::stoi(path.substr(1)) : -1;
  if (listing < 0) return answer;
  if (listing + 1 < kListings)
    answer.body += test::link_line({base + "l" + std::to_string(listing + 1), PageRole::listing, ""});
  for (int i = listing; i < kThreads; i += kListings)
    answer.body += test::link_line({base + "t" + std::to_string(i), PageRole::thread, "s"});
  return answer;
}

// One life of the crawling process. Exits with 0 when nothing is left to do.
[[noreturn]] void live(const std::filesystem::path& folder, int life) {
  test::FakeClock clock;
  clock.advance(std::chrono::minutes(life));
  test::FakeSite site(clock);
  site.serve = serve;
  site.on_start = [&](const test::Access& access) { test::append_line(folder / "asked", access.url); };
  auto frontier = Frontier::open(folder / "frontier.db", clock);
  if (!frontier) ::_exit(2);
  std::vector<config::SourceSpec> sources;
  for (int host = 0; host < kHosts; ++host) {
    sources.push_back(test::source_at(home(host), "s" + std::to_string(host)));
    sources.back().every = 100h;
    sources.back().max_pages = 10000;
  }
  std::vector<SourceRun> runs;
  for (const auto& source : sources) runs.push_back({&source, {{source.url, PageRole::entry, ""}}});
  const PageHandler handler = [&](const config::SourceSpec&, const Document& document) -> Result<PageOutcome> {
    test::append_line(folder / "stored", document.request.url);
    return test::read_lines(document);
  };
  Crawler crawler(*frontier, site, clock, {});
  ::_exit(crawler.run(runs, handler, {}, {}) ? 0 : 1);
}

}  // namespace

TEST_CASE("kill -9 at random points of a crawl loses nothing and repeats only what was in flight") {
  const test::TemporaryFolder folder;
  const int kills = test::kill_lives(folder.path(), kLives, 6ms, [&](int life) { live(folder.path(), life); });
  const std::size_t stored_by_the_killed = test::lines_of(folder / "stored").size();
  const int last = test::end_life(test::begin_life([&] { live(folder.path(), kLives); }));
  REQUIRE(WIFEXITED(last));
  REQUIRE(WEXITSTATUS(last) == 0);

  const auto stored = test::lines_of(folder / "stored");
  const auto asked = test::lines_of(folder / "asked");
  CHECK(stored.size() == kHosts * (kThreads + kListings));
  int stored_twice = 0;
  for (const auto& [url, times] : stored) stored_twice += times - 1;
  int asked_twice = 0;
  for (const auto& [url, times] : asked) asked_twice += times - 1;
  MESSAGE(kills << " kills: " << stored_twice << " pages stored twice, " << asked_twice << " asked for twice");
  CHECK(kills > 20);
  CHECK(stored_by_the_killed > 100);
  // One request per host is in flight, and what was stored at about the same time is marked done together.
  CHECK(stored_twice <= kills * kHosts);
  CHECK(asked_twice <= kills * kHosts);
}
