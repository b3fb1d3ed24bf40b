// A day of everything that goes wrong, on a clock that only the test moves: the healthy sources do not notice.
#include <map>
#include <random>

#include <doctest/doctest.h>

#include "common/url.h"
#include "tests/crawler/fake_site.h"

using namespace hw;
using namespace hw::crawler;
using namespace std::chrono_literals;

namespace {

constexpr int kHealthy = 8;
constexpr Duration kEvery = 30min;
constexpr Duration kDay = 24h;

enum class Fault { timeout, error_page, overloaded, reset, no_name, garbage, circle, silent_robots };
constexpr Fault kFaults[] = {Fault::timeout, Fault::error_page, Fault::overloaded, Fault::reset,
                             Fault::no_name, Fault::garbage,    Fault::circle,     Fault::silent_robots};

std::string healthy(int number) { return "http://well" + std::to_string(number) + ".test/"; }
std::string faulty(Fault fault) { return "http://ill" + std::to_string(static_cast<int>(fault)) + ".test/"; }

test::Answer broken(std::string why, Duration takes) {
  test::Answer answer;
  answer.error = Error{ErrorCode::network, std::move(why)};
  answer.takes = takes;
  return answer;
}

class Day {
 public:
  Day() {
    site_.serve = [this](const std::string& url) { return answer(url); };
    site_.on_start = [this](const test::Access& access) { judge(access); };
    for (int i = 0; i < kHealthy; ++i) sources_.push_back(test::source_at(healthy(i), "well" + std::to_string(i)));
    for (const Fault fault : kFaults)
      sources_.push_back(test::source_at(faulty(fault), "ill" + std::to_string(static_cast<int>(fault))));
    for (config::SourceSpec& source : sources_) source.every = kEvery;
    options_.jitter = [this] { return static_cast<double>(random_() % 1000) / 1000; };
  }

  // As the daemon does: what is due is read, then there is a nap.
  void pass(Duration how_long) {
    const Time end = clock_.now() + how_long;
    while (clock_.now() < end) {
      std::vector<SourceRun> due;
      for (const config::SourceSpec& source : sources_)
        if (frontier_.due(source.name) <= clock_.now()) due.push_back({&source, {{source.url, PageRole::entry, ""}}});
      if (!due.empty()) {
        Crawler crawler(frontier_, site_, clock_, options_);
        const PageHandler handler = [](const config::SourceSpec&, const Document& document) -> Result<PageOutcome> {
          return test::read_lines(document);
        };
        REQUIRE_OK(crawler.run(due, handler, {}, {}));
      }
      clock_.advance(1s);
    }
  }

  void jump(Duration by) {
    clock_.advance(by);
    last_.clear();  // what a set clock does to a delay is bounded elsewhere (politeness)
  }

  std::size_t entries(int number) const { return site_.asked(healthy(number)); }
  std::size_t requests_to(Fault fault) const {
    return static_cast<std::size_t>(std::count_if(
        site_.log.begin(), site_.log.end(), [&](const auto& access) { return access.url.starts_with(faulty(fault)); }));
  }
  bool too_close() const { return too_close_; }

 private:
  std::optional<test::Answer> answer(const std::string& url) {
    const auto host = parse_url(url)->host;
    const bool robots = url.ends_with("/robots.txt");
    test::Answer answer;
    if (host.starts_with("well")) {
      if (robots) return std::nullopt;  // 404
      answer.body = "post p\n";
      for (int i = 0; i < 3 && url.ends_with(".test/"); ++i)
        answer.body +=
            test::link_line({url + "t" + std::to_string(i), PageRole::thread, std::to_string(random_() % 3)});
      return answer;
    }
    const auto fault = static_cast<Fault>(host[3] - '0');
    if (robots && fault != Fault::silent_robots && fault != Fault::no_name) return std::nullopt;
    return trouble(fault, url);
  }

  test::Answer trouble(Fault fault, const std::string& url) {
    test::Answer answer;
    switch (fault) {
      case Fault::timeout:
        return broken("too slow or silent", 120s);
      case Fault::silent_robots:
        return broken("it closed the connection without an answer", 10s);
      case Fault::reset:
        return broken("the connection broke off", 1s);
      case Fault::no_name:
        return broken("its name cannot be resolved", 5s);
      case Fault::error_page:
        answer.status = 500;
        return answer;
      case Fault::overloaded:
        answer.status = 429;
        answer.headers.push_back({"Retry-After", std::to_string(random_() % 400)});
        return answer;
      case Fault::circle:
        answer.status = 302;
        answer.headers = {{"Location", url}};
        return answer;
      case Fault::garbage:
        for (int i = 0; i < 4000; ++i) answer.body += static_cast<char>(random_());
        return answer;
    }
    return answer;
  }

  void judge(const test::Access& access) {
    const auto before = last_.find(access.host);
    if (before != last_.end()) too_close_ |= access.started - before->second < 5s;
    last_[access.host] = access.started;
  }

  std::mt19937 random_{7};
  test::TemporaryFolder folder_;
  test::FakeClock clock_;
  test::FakeSite site_{clock_};
  CrawlerOptions options_;
  Frontier frontier_ = [this] {
    auto opened = Frontier::open(folder_ / "frontier.db", clock_);
    REQUIRE_OK(opened);
    return std::move(*opened);
  }();
  std::vector<config::SourceSpec> sources_;
  std::map<std::string, Time> last_;
  bool too_close_ = false;
};

}  // namespace

TEST_CASE("a day of faults: every healthy source is read at its times, and sick hosts are asked less and less") {
  Day day;
  day.pass(kDay);
  for (int i = 0; i < kHealthy; ++i) {
    CAPTURE(i);
    CHECK(day.entries(i) >= 42);  // 48 would be exact; a round ends when its slowest host is put off
    CHECK(day.entries(i) <= 49);
  }
  for (const Fault fault : {Fault::timeout, Fault::error_page, Fault::reset, Fault::no_name, Fault::silent_robots}) {
    CAPTURE(static_cast<int>(fault));
    CHECK(day.requests_to(fault) < 40);
    CHECK(day.requests_to(fault) > 3);
  }
  CHECK_FALSE(day.too_close());
}

TEST_CASE("a day of faults: a clock that jumps ahead or back stops no healthy source") {
  Day day;
  day.pass(3h);
  day.jump(-40min);
  day.pass(3h);
  day.jump(12h);
  day.pass(3h);
  for (int i = 0; i < kHealthy; ++i) {
    CAPTURE(i);
    CHECK(day.entries(i) >= 14);
  }
}
