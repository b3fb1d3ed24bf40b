// One run of the crawl loop: its hosts, what each is doing, and one function per step. Only crawler.cpp includes this.
//
// A host is a lane: at most one request of it is under way, and lanes wait in the order in which they may go next. What
// a lane sends is a robots.txt, a page, or the next hop of either; each is a request of its own that obeys the delay.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "common/url.h"
#include "crawler/crawler.h"
#include "crawler/guard.h"
#include "crawler/politeness.h"
#include "crawler/robots_policy.h"

namespace hw::crawler {

class CrawlRun {
 public:
  CrawlRun(Frontier& frontier, Fetcher& fetcher, const Clock& clock, const CrawlerOptions& options,
           Credentials& credentials, AddressGuard guard, const PageHandler& handler, const Observer& observer,
           std::stop_token stop);

  Result<RunReport> run(const std::vector<SourceRun>& sources);

 private:
  struct Source {
    const config::SourceSpec* spec;
    AtHours hours;
    Url site;
    Time started;
    int pages_left;
    std::string trouble;
    bool over = false;
    Access access;
    Secrets secrets;
    std::string cursor;  // what its adapter last asked to remember
  };
  // An address on its way, through redirects.
  struct Journey {
    Url target;
    std::vector<std::string> visited;  // the last is being asked
  };
  struct PageJob {
    Source* source;
    QueuedPage page;
    Journey journey;
    bool refused_before = false;  // it was asked with a token that the API called no good
  };
  struct RobotsJob {
    std::string origin;
    Journey journey;
  };
  struct Lane {
    std::string host;
    HostState state;
    Reach reach = Reach::open_network;
    Duration delay{0};  // the longest that its sources ask for
    Time asked{};       // when its last request began
    std::vector<Source*> sources;
    std::size_t turn = 0;
    std::optional<PageJob> page;
    std::optional<RobotsJob> robots;
    bool asks_token = false;                       // for its page's source, before the page
    std::map<std::string, RobotsPolicy> policies;  // by origin
    bool answered = false;                         // in this run, and in good order
    bool answered_since_failure = false;
    std::string trouble;  // why it is blocked
    bool over() const {
      return std::all_of(sources.begin(), sources.end(), [](const Source* source) { return source->over; });
    }
  };

  // Setting up.
  Status begin(const SourceRun& source);
  Lane& lane_of(const Source& source);
  Reach reach_of(std::string_view address) const;

  // The loop.
  Status loop();
  Status start_ready();
  void schedule(std::size_t lane, Time at);
  Duration until_ready();
  void drain();
  void let_go(const Fetched& fetched);

  // A lane whose turn it is.
  Status advance(std::size_t index);
  Result<bool> choose_page(Lane& lane, Time& again);
  Result<bool> admit_page(Lane& lane);
  Result<const RobotsPolicy*> policy_for(Lane& lane, const Url& url);
  Status send(std::size_t index);
  Duration delay_of(const Lane& lane) const;
  static Duration patience_with(const Lane& lane);
  std::string why_held(const Lane& lane) const;

  // Tokens (crawl_tokens.cpp).
  bool lacks_token(const Lane& lane) const;
  Result<bool> send_token(std::size_t index);
  Status finish_token(Lane& lane, Fetched& fetched);
  bool token_was_refused(Lane& lane, const Document& answer);
  Result<HostState*> state_of_host(const std::string& host, HostState& otherwise);

  // An answer.
  Status finish(Fetched fetched);
  Status note_host(Lane& lane, const Fetched& fetched);
  Status finish_robots(Lane& lane, Fetched& fetched);
  Status finish_page(Lane& lane, Fetched& fetched);
  Status page_failed(Lane& lane);
  Status page_gone(Lane& lane, const Document& answer);
  Status page_redirected(Lane& lane, const Document& answer);
  Status page_read(Lane& lane, Document& document);
  Status page_unchanged(Lane& lane, Validators validators);
  Status page_refused(Lane& lane, Dropped why, std::string_view reason);
  std::vector<Request> admissible(const Source& source, std::vector<Request> follow);

  // Ends.
  Status put_off(Lane& lane, std::string_view why, Time until);
  Result<bool> rests(Source& source);
  Status end_source(Source& source, RunEnd end, Time next_run);
  Status end_all();
  Time next_run_of(const Lane& lane) const;

  void tell(EventKind kind, const Lane& lane, const Source* source, std::string what, Duration wait = Duration{0});

  Frontier& frontier_;
  Fetcher& fetcher_;
  const Clock& clock_;
  const CrawlerOptions& options_;
  Credentials& credentials_;
  AddressGuard guard_;
  const PageHandler& handler_;
  const Observer& observer_;
  std::stop_token stop_;

  RunReport report_;
  std::vector<std::unique_ptr<Source>> sources_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::set<std::pair<Time, std::size_t>> ready_;  // lanes that wait for their turn
  std::pair<Time, std::size_t> told_waiting_{};
};

}  // namespace hw::crawler
