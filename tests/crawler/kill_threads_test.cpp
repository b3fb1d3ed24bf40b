// kill -9 in the middle of a crawl with all its threads and real connections, again and again: nothing lost, and
// nothing asked twice but what was in flight or in hand.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/crawler/fake_site.h"
#include "tests/crawler/killed_lives.h"
#include "tests/crawler/raw_server.h"

using namespace hw;
using namespace hw::crawler;
using namespace std::chrono_literals;

namespace {

constexpr int kHosts = 3;
constexpr int kThreads = 1660;  // of each host: some 5,000 pages
constexpr int kListings = 10;
constexpr int kLives = 200;
constexpr std::size_t kReaders = 2;
constexpr int kInHand = 16 * (kReaders + 1) + kHosts;  // what a crawl may hold that is not stored yet

// An entry with the first of ten listings, each with the next and its share of the threads.
std::string body_of(const std::string& base, const std::string& path) {
  std::string body = "post " + base + path + "\n";
  const int listing = path == "/" ? 0 : path[1] == 'l' ? std::stoi(path.substr(2)) : -1;
  if (listing < 0) return body;
  if (listing + 1 < kListings)
    body += test::link_line({base + "/l" + std::to_string(listing + 1), PageRole::listing, ""});
  for (int i = listing; i < kThreads; i += kListings)
    body += test::link_line({base + "/t" + std::to_string(i), PageRole::thread, "s"});
  return body;
}

void answer(test::Connection& connection, const std::string& head, const std::filesystem::path& asked) {
  const std::string path = head.substr(4, head.find(' ', 4) - 4);
  const auto host = head.find("Host: ") + 6;
  const std::string base = "http://" + head.substr(host, head.find('\r', host) - host);
  test::append_line(asked, base + path);
  connection.send(path == "/robots.txt" ? test::answer("404 Not Found", "", "") : test::page(body_of(base, path)));
}

// The hosts, in a process of their own, so that this one has a single thread when it forks. Ends with this process.
class Hosts {
 public:
  explicit Hosts(const std::filesystem::path& folder) {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    process_ = ::fork();
    REQUIRE(process_ >= 0);
    if (process_ == 0) serve(folder, ends[1]);
    ::close(ends[1]);
    ports_.resize(kHosts);
    REQUIRE(::read(ends[0], ports_.data(), kHosts * sizeof(std::uint16_t)) == kHosts * sizeof(std::uint16_t));
    ::close(ends[0]);
  }
  ~Hosts() {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
  Hosts(const Hosts&) = delete;
  Hosts& operator=(const Hosts&) = delete;

  std::string home(int host) const {
    return "http://127.0.0." + std::to_string(host + 1) + ":" + std::to_string(ports_[static_cast<std::size_t>(host)]) +
           "/";
  }

 private:
  [[noreturn]] static void serve(const std::filesystem::path& folder, int tell) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    std::vector<std::unique_ptr<test::RawServer>> servers;
    std::vector<std::uint16_t> ports;
    for (int host = 0; host < kHosts; ++host) {
      servers.push_back(std::make_unique<test::RawServer>(
          [folder](test::Connection& connection, const std::string& first) {
            for (std::string head = first; !head.empty(); head = connection.read_head())
              answer(connection, head, folder / "asked");
          },
          "127.0.0." + std::to_string(host + 1)));
      ports.push_back(servers.back()->port());
    }
    if (::write(tell, ports.data(), ports.size() * sizeof(std::uint16_t)) < 0) ::_exit(3);
    for (;;) ::pause();
  }

  pid_t process_ = -1;
  std::vector<std::uint16_t> ports_;
};

struct Lines final : Reading {
  PageOutcome outcome;
  std::string url;
};

class LoggingStages final : public PageStages {
 public:
  explicit LoggingStages(std::filesystem::path stored) : stored_(std::move(stored)) {}
  std::unique_ptr<Reading> read(const config::SourceSpec&, Document document) const override {
    auto lines = std::make_unique<Lines>();
    lines->outcome = test::read_lines(document);
    lines->url = document.url;
    return lines;
  }
  Result<std::vector<PageOutcome>> store(std::span<const std::unique_ptr<Reading>> readings) override {
    std::vector<PageOutcome> outcomes;
    for (const auto& reading : readings) {
      auto& lines = static_cast<Lines&>(*reading);
      test::append_line(stored_, lines.url);
      outcomes.push_back(std::move(lines.outcome));
    }
    return outcomes;
  }

 private:
  std::filesystem::path stored_;
};

// One life of the crawling process. Exits with 0 when nothing is left to do.
[[noreturn]] void live(const std::filesystem::path& folder, const Hosts& hosts) {
  const SystemClock clock;
  CrawlerOptions options;
  options.rules.user_agent = "handlewatch-test";
  options.rules.network_allow = {"127.0.0.0/8"};
  options.readers = kReaders;
  auto frontier = Frontier::open(folder / "frontier.db", clock);
  auto fetcher = make_curl_fetcher(options.rules);
  if (!frontier || !fetcher) ::_exit(2);
  const auto threaded = on_its_own_thread(std::move(*fetcher));
  std::vector<config::SourceSpec> sources;
  for (int host = 0; host < kHosts; ++host) {
    sources.push_back(test::source_at(hosts.home(host), "s" + std::to_string(host)));
    sources.back().every = 100h;
    sources.back().delay = Duration{0};
    sources.back().max_pages = 10000;
  }
  std::vector<SourceRun> runs;
  for (const auto& source : sources) runs.push_back({&source, {{source.url, PageRole::entry, ""}}});
  LoggingStages stages(folder / "stored");
  ::_exit(Crawler(*frontier, *threaded, clock, options).run(runs, stages, {}, {}) ? 0 : 1);
}

}  // namespace

TEST_CASE("kill -9 at random points of a crawl with threads loses nothing and repeats only what was in hand") {
  const test::TemporaryFolder folder;
  const Hosts hosts(folder.path());
  const int kills = test::kill_lives(folder.path(), kLives, 20ms, [&](int) { live(folder.path(), hosts); });
  const std::size_t stored_by_the_killed = test::lines_of(folder / "stored").size();
  const int last = test::end_life(test::begin_life([&] { live(folder.path(), hosts); }));
  REQUIRE(WIFEXITED(last));
  REQUIRE(WEXITSTATUS(last) == 0);

  const auto stored = test::lines_of(folder / "stored");
  const auto asked = test::lines_of(folder / "asked");
  CHECK(stored.size() == kHosts * (kThreads + kListings));
  int stored_twice = 0;
  for (const auto& [url, times] : stored) stored_twice += times - 1;
  int asked_twice = 0;
  for (const auto& [url, times] : asked) asked_twice += url.ends_with("/robots.txt") ? 0 : times - 1;
  MESSAGE(kills << " kills: " << stored_twice << " pages stored twice, " << asked_twice << " asked for twice");
  CHECK(kills > 20);
  CHECK(stored_by_the_killed > 100);
  CHECK(asked_twice <= kills * kInHand);
  CHECK(stored_twice <= kills * kInHand);  // stored and not yet marked done: storing them again changes nothing
}
