// kill -9 in the middle of a crawl, again and again: nothing lost, and nothing done twice but what was in flight.
#include <map>
#include <random>
#include <sstream>
#include <thread>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/crawler/fake_site.h"

using namespace hw;
using namespace hw::crawler;
using namespace std::chrono_literals;

namespace {

constexpr int kHosts = 3;
constexpr int kThreads = 1660;  // of each host: some 5,000 pages
constexpr int kListings = 10;
constexpr int kLives = 200;

// Each write is one line, whole or not at all, as a commit is.
void append(const std::filesystem::path& file, const std::string& line) {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const std::string text = line + "\n";
  if (::write(descriptor, text.data(), text.size()) != static_cast<ssize_t>(text.size())) ::_exit(3);
  ::close(descriptor);
}

std::map<std::string, int> lines_of(const std::filesystem::path& file) {
  std::map<std::string, int> out;
  if (!std::filesystem::exists(file)) return out;
  std::istringstream stream(test::read_file(file));
  for (std::string line; std::getline(stream, line);) ++out[line];
  return out;
}

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
  site.on_start = [&](const test::Access& access) { append(folder / "asked", access.url); };
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
    append(folder / "stored", document.request.url);
    return test::read_lines(document);
  };
  Crawler crawler(*frontier, site, clock, {});
  ::_exit(crawler.run(runs, handler, {}, {}) ? 0 : 1);
}

pid_t begin_life(const std::filesystem::path& folder, int life) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) live(folder, life);
  return child;
}

std::uintmax_t size_of(const std::filesystem::path& file) {
  std::error_code absent;
  const auto size = std::filesystem::file_size(file, absent);
  return absent ? 0 : size;
}

constexpr std::size_t kLine = 20;  // about as long is a line of "asked"

// Until the crawl has gone on for so many pages from where it stood: else a busy machine would see it killed before it
// gets anywhere.
void wait_until_it_asks(pid_t child, const std::filesystem::path& asked, std::uintmax_t before, std::size_t pages) {
  siginfo_t ended{};
  for (int tries = 0; tries < 20000 && size_of(asked) <= before + pages * kLine && ended.si_pid == 0; ++tries) {
    std::this_thread::sleep_for(500us);
    REQUIRE(::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOHANG | WNOWAIT) == 0);
  }
}

int end_life(pid_t child) {
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return status;
}

}  // namespace

TEST_CASE("kill -9 at random points of a crawl loses nothing and repeats only what was in flight") {
  const test::TemporaryFolder folder;
  std::mt19937 random(1);
  int kills = 0;
  for (int life = 0; life < kLives; ++life) {
    const auto before = size_of(folder / "asked");
    const pid_t child = begin_life(folder.path(), life);
    wait_until_it_asks(child, folder / "asked", before, random() % 20);
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 6000));
    ::kill(child, SIGKILL);
    if (!WIFSIGNALED(end_life(child)))
      break;  // the crawl had ended: a further one would ask every entry page once more
    ++kills;
  }
  const std::size_t stored_by_the_killed = lines_of(folder / "stored").size();
  const int last = end_life(begin_life(folder.path(), kLives));
  REQUIRE(WIFEXITED(last));
  REQUIRE(WEXITSTATUS(last) == 0);

  const auto stored = lines_of(folder / "stored");
  const auto asked = lines_of(folder / "asked");
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
