// One run of the crawl loop: one function per step, in crawl_run.cpp (the loop), crawl_lane.cpp (whose turn it is),
// crawl_answers.cpp, crawl_pages.cpp, crawl_tokens.cpp and crawl_ends.cpp. Only these and crawler.cpp include this.
//
// Lanes wait in the order in which they may go next. A turn of the loop takes what has been fetched and what has been
// read and stored, and finds out what to ask next; all that it writes is one transaction of the frontier, and only then
// are its requests sent.
#pragma once

#include <memory>
#include <set>

#include "crawler/crawl_state.h"
#include "crawler/crawler.h"
#include "crawler/guard.h"
#include "crawler/readers.h"

namespace hw::crawler {

class CrawlRun {
 public:
  CrawlRun(Frontier& frontier, Fetcher& fetcher, const Clock& clock, const CrawlerOptions& options,
           Credentials& credentials, AddressGuard guard, PageStages& stages, const Observer& observer,
           std::stop_token stop);

  Result<RunReport> run(const std::vector<SourceRun>& sources);

 private:
  using Source = CrawledSource;

  // Setting up.
  Status begin_all(const std::vector<SourceRun>& sources);
  Status begin(const SourceRun& source);
  Lane& lane_of(const Source& source);
  Reach reach_of(std::string_view address) const;

  // The loop.
  Status loop();
  bool at_end() const;
  Status take_turn(std::vector<Fetched> fetched, std::vector<PageInHand> read);
  Status finish_all(std::vector<Fetched> fetched);
  Status start_ready();
  bool may_start() const;
  void send_all();
  std::vector<Fetched> wait();
  void schedule(std::size_t lane, Time at);
  Duration until_ready();
  void drain();
  void save_hosts();
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
  Status finish_page(std::size_t lane, Fetched& fetched);
  Status page_failed(Lane& lane);
  Status page_gone(Lane& lane, const Document& answer);
  Status page_redirected(Lane& lane, const Document& answer);
  Status page_came(std::size_t lane, Document& document);
  static std::string robots_words(const Lane& lane, const Url& target);
  Status page_unchanged(Lane& lane, Validators validators);
  Status page_refused(Lane& lane, Dropped why, std::string_view reason);

  // Sitemaps (crawl_sitemaps.cpp).
  Result<bool> begin_sitemaps(Lane& lane, Source& source);
  Result<bool> choose_sitemap(Lane& lane);
  FetchRequest sitemap_request(const Lane& lane) const;
  Status finish_sitemap(Lane& lane, const Fetched& fetched);
  Status take_hints(Lane& lane, const std::vector<struct SitemapEntry>& entries);
  Result<bool> is_news(const struct SitemapEntry& entry) const;

  // Pages that have been read.
  Status store(std::vector<PageInHand>& pages);
  Status record(std::vector<PageInHand>& pages);
  Status page_done(PageInHand& page);
  std::vector<Request> admissible(const Source& source, std::vector<Request> follow);

  // Ends.
  Status put_off(Lane& lane, std::string_view why, Time until);
  Result<bool> rests(Source& source);
  Status rest_until_tomorrow(Lane& lane);
  Status end_source(Source& source, RunEnd end, Time next_run, std::string_view why = "");
  Status end_all();
  Time next_run_of(const Lane& lane) const;

  void tell(EventKind kind, const Lane& lane, const Source* source, std::string what, Duration wait = Duration{0});

  Frontier& frontier_;
  Fetcher& fetcher_;
  const Clock& clock_;
  const CrawlerOptions& options_;
  Credentials& credentials_;
  AddressGuard guard_;
  PageStages& stages_;
  const Observer& observer_;
  std::stop_token stop_;

  RunReport report_;
  std::vector<std::unique_ptr<Source>> sources_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::set<std::pair<Time, std::size_t>> ready_;         // lanes that wait for their turn
  std::vector<std::pair<Ticket, FetchRequest>> outbox_;  // sent when this turn's writes are committed
  std::pair<Time, std::size_t> told_waiting_{};
  Readers readers_;  // ended before the rest goes
};

}  // namespace hw::crawler
