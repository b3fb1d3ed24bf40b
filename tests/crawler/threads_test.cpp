// The crawl with its threads: one that fetches, some that read, one that stores and marks pages done.
#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include <doctest/doctest.h>

#include "tests/crawler/fake_site.h"
#include "tests/crawler/raw_server.h"

using namespace hw;
using namespace hw::crawler;
using namespace std::chrono_literals;

namespace {

struct Lines final : Reading {
  PageOutcome outcome;
  std::string url;
};

// Reads as the fake site's pages are written; counts who is where.
class CountingStages final : public PageStages {
 public:
  std::unique_ptr<Reading> read(const config::SourceSpec&, Document document) const override {
    const std::size_t now = ++reading_;
    for (std::size_t most = most_reading_; now > most && !most_reading_.compare_exchange_weak(most, now);) {
    }
    std::this_thread::sleep_for(read_takes);
    auto lines = std::make_unique<Lines>();
    lines->outcome = test::read_lines(document);
    lines->url = document.url;
    --reading_;
    ++unstored;
    return lines;
  }

  Result<std::vector<PageOutcome>> store(std::span<const std::unique_ptr<Reading>> readings) override {
    if (std::this_thread::get_id() != owner) ++elsewhere;
    most_unstored = std::max<std::size_t>(most_unstored, unstored);
    std::this_thread::sleep_for(store_takes);
    unstored -= readings.size();
    if (stored.size() >= fails_after) return fail(ErrorCode::disk_full, "no space left");
    std::vector<PageOutcome> outcomes;
    for (const auto& reading : readings) {
      auto& lines = static_cast<Lines&>(*reading);
      stored.insert(lines.url);
      outcomes.push_back(std::move(lines.outcome));
    }
    return outcomes;
  }

  std::chrono::microseconds read_takes{0};
  std::chrono::milliseconds store_takes{0};
  std::size_t fails_after = 1000000;
  std::thread::id owner = std::this_thread::get_id();
  std::multiset<std::string> stored;
  std::size_t elsewhere = 0;
  std::size_t most_unstored = 0;
  std::size_t most_reading() const { return most_reading_; }
  mutable std::atomic<std::size_t> unstored = 0;

 private:
  mutable std::atomic<std::size_t> reading_ = 0;
  mutable std::atomic<std::size_t> most_reading_ = 0;
};

constexpr int kPages = 60;

// Hosts on loopback: an entry that leads to all pages.
struct World {
  explicit World(int hosts) {
    for (int host = 0; host < hosts; ++host) {
      const std::string address = "127.0.0." + std::to_string(host + 1);
      servers.push_back(std::make_unique<test::RawServer>(
          [this](test::Connection& connection, std::string head) {
            for (; !head.empty(); head = connection.read_head()) answer(connection, head);
          },
          address));
      sources.push_back(test::source_at("http://" + address + ":" + std::to_string(servers.back()->port()) + "/",
                                        "s" + std::to_string(host)));
      sources.back().delay = Duration{0};
      sources.back().max_pages = 1000;
    }
    options.rules.user_agent = "handlewatch-test";
    options.rules.network_allow = {"127.0.0.0/8"};
    options.readers = 3;
  }

  void answer(test::Connection& connection, const std::string& head) {
    const std::string path = head.substr(4, head.find(' ', 4) - 4);
    std::string body;
    for (int page = 0; path == "/" && page < kPages; ++page)
      body += "link 2 s http://" + host_of(head) + "/t" + std::to_string(page) + "\n";
    ++asked;
    const std::string status = path == "/robots.txt" ? "404 Not Found" : "200 OK";
    connection.send("HTTP/1.1 " + status + "\r\nContent-Type: text/html\r\nContent-Length: " +
                    std::to_string(body.size()) + "\r\n\r\n" + body);
  }

  static std::string host_of(const std::string& head) {
    const auto at = head.find("Host: ") + 6;
    return head.substr(at, head.find('\r', at) - at);
  }

  Result<RunReport> run(CountingStages& stages, std::stop_token stop = {}) {
    auto frontier = Frontier::open(folder / "frontier.db", clock);
    REQUIRE_OK(frontier);
    auto fetcher = make_curl_fetcher(options.rules);
    REQUIRE_OK(fetcher);
    const auto threaded = on_its_own_thread(std::move(*fetcher));
    std::vector<SourceRun> runs;
    for (const auto& source : sources) runs.push_back({&source, {{source.url, PageRole::entry, ""}}});
    return Crawler(*frontier, *threaded, clock, options).run(runs, stages, {}, std::move(stop));
  }

  test::TemporaryFolder folder;
  SystemClock clock;
  CrawlerOptions options;
  std::atomic<int> asked = 0;
  std::vector<std::unique_ptr<test::RawServer>> servers;
  std::vector<config::SourceSpec> sources;
};

}  // namespace

TEST_CASE("threads: every page is read once, by several threads, and stored by the one that runs the crawl") {
  World world(4);
  CountingStages stages;
  stages.read_takes = 500us;
  const auto report = world.run(stages);
  REQUIRE_OK(report);
  CHECK(report->pages == 4 * (kPages + 1));
  CHECK(stages.stored.size() == report->pages);
  CHECK(std::set<std::string>(stages.stored.begin(), stages.stored.end()).size() == report->pages);
  CHECK(stages.elsewhere == 0);
  CHECK(stages.most_reading() > 1);
}

TEST_CASE("threads: a slow disk slows the fetching instead of filling the memory") {
  World world(4);
  CountingStages stages;
  stages.store_takes = 20ms;
  world.options.readers = 1;
  const auto report = world.run(stages);
  REQUIRE_OK(report);
  CHECK(report->pages == 4 * (kPages + 1));
  CHECK(stages.most_unstored <= 48);  // what the queues hold, and what was under way
}

TEST_CASE("threads: when the store fails the run ends with its error, and the next one reads what is left") {
  World world(3);
  CountingStages stages;
  stages.fails_after = 40;
  const auto failed = world.run(stages);
  REQUIRE(!failed);
  CHECK(failed.error().code == ErrorCode::disk_full);
  stages.fails_after = 1000000;
  REQUIRE_OK(world.run(stages));
  CHECK(std::set<std::string>(stages.stored.begin(), stages.stored.end()).size() == 3 * (kPages + 1));
}

TEST_CASE("threads: a stop stores what is in hand and leaves the rest queued, read once in the end") {
  World world(3);
  CountingStages stages;
  stages.read_takes = 1000us;
  std::stop_source stop;
  std::jthread stopper([&] {
    while (world.asked < 50) std::this_thread::sleep_for(1ms);
    stop.request_stop();
  });
  const auto report = world.run(stages, stop.get_token());
  REQUIRE_OK(report);
  CHECK(report->stopped);
  CHECK(report->pages < 3 * (kPages + 1));
  CHECK(stages.unstored == 0);
  REQUIRE_OK(world.run(stages));
  CHECK(stages.stored.size() == 3 * (kPages + 1));
}
