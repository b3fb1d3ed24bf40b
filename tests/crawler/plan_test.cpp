// Random worlds and random accidents: whatever happens, no host is asked sooner than it may be, and nothing is lost.
#include <map>
#include <random>
#include <set>

#include <doctest/doctest.h>

#include "common/url.h"
#include "tests/crawler/fake_site.h"

using namespace hw;
using namespace hw::crawler;
using namespace std::chrono_literals;
using test::Answer;

namespace {

struct Killed {};

struct Host {
  Duration delay{0};                        // the longest of its sources' in this run
  Duration crawl_delay{0};                  // from its robots.txt
  std::vector<std::pair<Time, Time>> told;  // when it said Retry-After, and until when
};

// Some hosts with some sources each; every page's links, whether it fails and how, are drawn from the seed.
class World {
 public:
  explicit World(unsigned seed) : random_(seed) {
    options_.jitter = [this] { return real(); };
    options_.concurrency = below(6) + 1;
    for (std::size_t host = 0; host < 1 + below(4); ++host) add_host(host);
    site_.serve = [this](const std::string& url) { return answer(url); };
    site_.on_start = [this](const test::Access& access) { judge(access); };
  }

  // Runs with accidents until nothing is queued and nothing is in backoff, at most that many times.
  void live(int runs) {
    for (int i = 0; i < runs; ++i) {
      if (i > runs / 2) calm_ = true;
      one_run();
      clock_.advance(std::chrono::milliseconds(below(chance(50) ? 3000 : 40 * 60 * 1000)));
    }
  }

  void check_all_read() {
    auto health = frontier().health();
    REQUIRE_OK(health);
    for (const SourceHealth& source : *health) {
      CAPTURE(source.source);
      CHECK(source.queued == 0);
      CHECK(source.trouble == "");
    }
    for (const std::string& url : offered_) CHECK_MESSAGE(stored_.contains(url), url);
    CHECK(site_.log.size() > offered_.size());
  }

 private:
  std::size_t below(std::size_t bound) { return random_() % bound; }
  double real() { return static_cast<double>(below(1000)) / 1000; }
  bool chance(unsigned percent) { return below(100) < percent; }

  void add_host(std::size_t number) {
    const std::string name = "h" + std::to_string(number) + ".test";
    Host& host = hosts_[name];
    if (chance(30)) host.crawl_delay = std::chrono::seconds(below(30));
    for (std::size_t i = 0; i < 1 + below(3); ++i) {
      auto source = std::make_unique<config::SourceSpec>(
          test::source_at("http://" + name + "/s" + std::to_string(i) + "/", name + "-" + std::to_string(i)));
      source->delay = std::chrono::milliseconds(below(8000));
      source->max_pages = static_cast<int>(5 + below(40));
      sources_.push_back(std::move(source));
    }
  }

  Answer answer(const std::string& url) {
    Host& host = hosts_[parse_url(url)->host];
    Answer out;
    out.takes = std::chrono::milliseconds(1 + below(chance(10) ? 20000 : 300));
    if (!calm_ && chance(6)) return trouble(host, std::move(out));
    if (url.ends_with("/robots.txt")) {
      out.body = "User-agent: *\nDisallow: /secret\n";
      if (host.crawl_delay > Duration{0})
        out.body += "Crawl-delay: " + std::to_string(host.crawl_delay.count() / 1000) + "\n";
      return out;
    }
    if (url.ends_with("7") && !url.ends_with("-moved7")) {
      out.status = 302;
      out.headers = {{"Location", url.substr(0, url.size() - 1) + "-moved7"}};
      return out;
    }
    out.body = links_of(url);
    return out;
  }

  Answer trouble(Host& host, Answer out) {
    switch (below(4)) {
      case 0:
        out.error = Error{ErrorCode::network, "the connection broke off"};
        break;
      case 1:
        out.status = 500;
        break;
      case 2:
        out.status = 503;
        break;
      default:
        out.status = 429;
        const auto seconds = static_cast<long>(below(4000) + 1);
        out.headers.push_back({"Retry-After", std::to_string(seconds)});
        const Time heard = clock_.now() + out.takes;
        host.told.emplace_back(heard, heard + std::chrono::seconds(seconds));
    }
    return out;
  }

  // A tree: an entry leads to up to thirty pages, some of them to more. The same address always leads to the same.
  std::string links_of(const std::string& url) {
    const std::size_t own = std::hash<std::string>()(url);
    const bool entry = url.ends_with("/");
    std::string body = "post " + url + "\n";
    const std::size_t children = entry ? 10 + own % 20 : url.size() < 20 ? own % 3 : 0;
    for (std::size_t i = 0; i < children; ++i) {
      const Request child{url + (entry ? "p" : "x") + std::to_string(i), PageRole::thread,
                          "s" + std::to_string(own % 7)};
      body += test::link_line(child);
    }
    return body;
  }

  Frontier& frontier() {
    if (!frontier_) {
      auto opened = Frontier::open(folder_ / "frontier.db", clock_);
      REQUIRE_OK(opened);
      frontier_.emplace(std::move(*opened));
    }
    return *frontier_;
  }

  void one_run() {
    std::stop_source stop;
    kill_in_ = !calm_ && chance(40) ? below(30) : 1000000;
    const std::size_t stop_at = !calm_ && chance(20) ? below(20) : 1000000;
    std::vector<SourceRun> runs;
    for (auto& [name, host] : hosts_) host.delay = 1s;
    for (const auto& source : sources_) {
      if (frontier().due(source->name) > clock_.now()) continue;
      runs.push_back({source.get(), {{source->url, PageRole::entry, ""}}});
      Host& host = hosts_[parse_url(source->url)->host];
      host.delay = std::max(host.delay, source->delay);
    }
    std::size_t handed = 0;
    const PageHandler handler = [&](const config::SourceSpec&, const Document& document) -> Result<PageOutcome> {
      if (!calm_ && chance(2)) throw Killed();
      if (!calm_ && chance(1)) return fail(ErrorCode::disk_full, "no space left");
      if (++handed == stop_at) stop.request_stop();
      stored_.insert(document.request.url);
      PageOutcome outcome = test::read_lines(document);
      for (const Request& request : outcome.follow) offered_.insert(request.url);
      return outcome;
    };
    try {
      Crawler crawler(frontier(), site_, clock_, options_);
      static_cast<void>(crawler.run(runs, handler, {}, stop.get_token()));
    } catch (const Killed&) {
      site_.forget();  // the process is gone, and its connections with it
      for (auto& [name, finished] : last_) finished = std::min(finished, clock_.now());
      for (auto& [name, host] : hosts_)  // nobody heard what was still on its way
        std::erase_if(host.told, [&](const auto& told) { return told.first >= clock_.now(); });
    }
    if (chance(50)) frontier_.reset();
  }

  // The judge: no host is asked again before its delay is over, before the last answer is in, or while it is blocked.
  void judge(const test::Access& access) {
    const Host& host = hosts_[access.host];
    const auto before = last_started_.find(access.host);
    if (before != last_started_.end()) {
      CHECK(access.started - before->second >= promised_[access.host]);
      CHECK(access.started >= last_[access.host]);
    }
    for (const auto& [heard, until] : host.told) CHECK((heard > access.started || access.started >= until));
    if (!access.url.ends_with("/robots.txt")) CHECK(access.started - before->second >= host.crawl_delay);
    last_started_[access.host] = access.started;
    promised_[access.host] = host.delay;
    last_[access.host] = access.finished;
    CHECK(site_.under_way() <= options_.concurrency);
    if (kill_in_-- == 0) throw Killed();
  }

  std::mt19937 random_;
  test::TemporaryFolder folder_;
  test::FakeClock clock_;
  test::FakeSite site_{clock_};
  CrawlerOptions options_;
  std::optional<Frontier> frontier_;
  std::map<std::string, Host> hosts_;
  std::vector<std::unique_ptr<config::SourceSpec>> sources_;
  std::map<std::string, Time> last_started_;
  std::map<std::string, Time> last_;
  std::map<std::string, Duration> promised_;
  std::set<std::string> offered_;
  std::set<std::string> stored_;
  std::size_t kill_in_ = 0;
  bool calm_ = false;
};

}  // namespace

TEST_CASE("random crawls with accidents: polite all the time, and complete in the end") {
  for (unsigned seed = 1; seed <= 25; ++seed) {
    CAPTURE(seed);
    World world(seed);
    world.live(80);
    world.check_all_read();
  }
}
