// Real connections, all threads, several sources a host, and restarts: never two requests to a host closer than its
// delay. What is measured is when a request is handed to the network, and when it arrives.
#include <algorithm>
#include <map>
#include <mutex>

#include <doctest/doctest.h>

#include "tests/crawler/fake_site.h"
#include "tests/crawler/raw_server.h"

using namespace hw;
using namespace hw::crawler;
using namespace std::chrono_literals;

namespace {

constexpr Duration kDelay = 40ms;
constexpr int kHosts = 3;
constexpr int kPages = 12;

std::string host_in(const std::string& url) { return url.substr(7, url.find(':', 7) - 7); }

// Notes when each request is handed on.
class Noting final : public Fetcher {
 public:
  Noting(std::unique_ptr<Fetcher> fetcher, const Clock& clock, std::map<std::string, std::vector<Time>>& sent)
      : fetcher_(std::move(fetcher)), clock_(clock), sent_(sent) {}
  void start(Ticket ticket, const FetchRequest& request) override {
    sent_[host_in(request.request.url)].push_back(clock_.now());
    fetcher_->start(ticket, request);
  }
  std::vector<Fetched> wait(Duration at_most) override { return fetcher_->wait(at_most); }
  std::size_t under_way() const override { return fetcher_->under_way(); }
  void wake() override { fetcher_->wake(); }

 private:
  std::unique_ptr<Fetcher> fetcher_;
  const Clock& clock_;
  std::map<std::string, std::vector<Time>>& sent_;
};

struct World {
  World() {
    for (int host = 0; host < kHosts; ++host) {
      const std::string address = "127.0.0." + std::to_string(host + 1);
      servers.push_back(std::make_unique<test::RawServer>(
          [this](test::Connection& connection, const std::string& first) {
            for (std::string head = first; !head.empty(); head = connection.read_head()) answer(connection, head);
          },
          address));
      for (const char* board : {"a", "b"}) {  // two sources share the host
        const std::string url = "http://" + address + ":" + std::to_string(servers.back()->port()) + "/" + board;
        sources.push_back(test::source_at(url, board + std::to_string(host)));
        sources.back().delay = kDelay;
        sources.back().every = 100h;
      }
    }
    options.rules.user_agent = "handlewatch-test";
    options.rules.network_allow = {"127.0.0.0/8"};
    options.readers = 2;
  }

  void answer(test::Connection& connection, const std::string& head) {
    const std::string path = head.substr(4, head.find(' ', 4) - 4);
    const auto at = head.find("Host: ") + 6;
    const std::string base = "http://" + head.substr(at, head.find('\r', at) - at);
    {
      const std::lock_guard lock(mutex);
      arrived[host_in(base)].push_back(clock.now());
    }
    std::string body = "post " + base + path + "\n";
    for (int page = 0; path.size() == 2 && page < kPages; ++page)
      body += test::link_line({base + path + "/t" + std::to_string(page), PageRole::thread, "s"});
    connection.send(path == "/robots.txt" ? test::answer("404 Not Found", "", "") : test::page(body));
  }

  // A run that is told to stop after so many requests; the next one opens everything anew.
  RunReport run(std::size_t stop_after) {
    auto frontier = Frontier::open(folder / "frontier.db", clock);
    REQUIRE_OK(frontier);
    auto fetcher = make_curl_fetcher(options.rules);
    REQUIRE_OK(fetcher);
    Noting noting(on_its_own_thread(std::move(*fetcher)), clock, sent);
    std::vector<SourceRun> runs;
    for (const auto& source : sources) runs.push_back({&source, {{source.url, PageRole::entry, ""}}});
    std::stop_source stop;
    const PageHandler read = [](const config::SourceSpec&, const Document& document) -> Result<PageOutcome> {
      return test::read_lines(document);
    };
    const Observer observer = [&](const Event& event) {
      if (event.so_far->requests >= stop_after) stop.request_stop();
    };
    const auto report = Crawler(*frontier, noting, clock, options).run(runs, read, observer, stop.get_token());
    REQUIRE_OK(report);
    return *report;
  }

  test::TemporaryFolder folder;
  SystemClock clock;
  CrawlerOptions options;
  std::mutex mutex;
  std::map<std::string, std::vector<Time>> sent;
  std::map<std::string, std::vector<Time>> arrived;
  std::vector<config::SourceSpec> sources;
  std::vector<std::unique_ptr<test::RawServer>> servers;  // ended before the rest goes
};

}  // namespace

TEST_CASE("politeness on loopback: no two requests to a host are closer than its delay, restarts included") {
  World world;
  std::size_t pages = 0;
  for (const std::size_t stop_after : {7, 11, 9, 13, 100000}) pages += world.run(stop_after).pages;
  CHECK(pages == kHosts * 2 * (kPages + 1));
  REQUIRE(world.sent.size() == kHosts);
  for (const auto& [host, times] : world.sent) {
    CAPTURE(host);
    CHECK(times.size() >= 2 * (kPages + 1));
    for (std::size_t i = 1; i < times.size(); ++i) CHECK(times[i] - times[i - 1] >= kDelay);
    const std::vector<Time>& arrivals = world.arrived[host];
    REQUIRE(arrivals.size() == times.size());
    // One at a time, and none before it was sent: so the second of two arrives a delay after the first was sent.
    for (std::size_t i = 1; i < times.size(); ++i) CHECK(arrivals[i] - times[i - 1] >= kDelay);
  }
}
