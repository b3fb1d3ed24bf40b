// The crawl loop: takes due requests from the frontier, keeps every promise of politeness, fetches, hands each document
// to the caller, and marks a page done only after the caller says that what it found is safely stored.
//
// One thread calls run(): it alone touches frontier and store. The fetcher may work on a thread of its own, and
// documents are read by as many as the options say. Kill the process at any point: the frontier remembers, at most the
// pages in flight are fetched again. Nothing here knows what a post is.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "common/access.h"
#include "common/error.h"
#include "common/request.h"
#include "common/time.h"
#include "config/settings.h"
#include "crawler/credentials.h"
#include "crawler/fetcher.h"
#include "crawler/frontier.h"
#include "crawler/page_stages.h"

namespace hw::crawler {

// Within the hours of the source's timetable, or at any: where a person named it.
enum class AtHours { own, any };

struct SourceRun {
  const config::SourceSpec* source = nullptr;  // borrowed for the run
  std::vector<Request> entry;                  // what its adapter planned
  Access access = {};                          // what its adapter says of the API; a plain site without
  Secrets secrets = {};                        // all that `access` needs
  AtHours hours = AtHours::own;
  Proxy proxy = {};
};

enum class EventKind { fetched, not_modified, skipped, refused, failed, waiting, source_done };
struct Event {
  EventKind kind;
  std::string source;
  std::string host;
  std::string what;                          // one line for people; never a post's content
  Duration wait{0};                          // for waiting
  bool trouble = false;                      // source_done: what is wrong, not that all is well
  const struct RunReport* so_far = nullptr;  // counts of the run; lives as long as the call
};
using Observer = std::function<void(const Event&)>;

struct RunReport {
  std::size_t requests = 0;      // everything sent, robots.txt and redirects included
  std::size_t answered = 0;      // of those, by a server that is there, whatever it said
  std::size_t pages = 0;         // documents handed on
  std::size_t not_modified = 0;  // 304 or the same digest
  std::size_t skipped = 0;       // known addresses with an unchanged stamp, or past a limit
  std::size_t refused = 0;       // robots, guard, type, other host
  std::size_t failed = 0;
  std::size_t posts = 0;
  std::size_t new_posts = 0;
  std::size_t hits = 0;
  std::uint64_t bytes = 0;
  bool stopped = false;  // told to stop before the work was done
};

struct CrawlerOptions {
  FetchRules rules;
  std::size_t concurrency = 16;                  // hosts fetched from at the same time; one connection each
  std::size_t readers = 0;                       // threads that read documents; 0: the one that runs the crawl
  std::uint64_t most_bytes_in_hand = 64U << 20;  // of documents that are read or wait for it
  std::int64_t requests_a_day = 0;               // to one host, over all its sources; 0: no limit
  std::function<double()> jitter{};  // in [0, 1), spreads the ends of backoffs; random unless a test gives its own
  std::function<void()> pulse{};     // called at every turn of the loop: it is alive
};

class Crawler {
 public:
  // All borrowed; they outlive the crawler.
  Crawler(Frontier& frontier, Fetcher& fetcher, const Clock& clock, CrawlerOptions options);

  // Runs the given sources until nothing of theirs is queued, their page limit is reached, or `stop` is asked for (then
  // what is in flight is finished). Pages left over from an interrupted run come first. A source whose hours are over,
  // or that was paused meanwhile, is cut short and goes on where it was. A source whose host asks for more than two
  // minutes of patience is put off until then, with its pages queued; the others go on. Time is asked of the clock, and
  // Fetcher::wait is how the loop sleeps. Fails only when the environment does, or when a range in the rules cannot be
  // read.
  Result<RunReport> run(const std::vector<SourceRun>& sources, PageStages& stages, const Observer& observer,
                        std::stop_token stop);
  // The same with a handler, which this thread calls for one document at a time.
  Result<RunReport> run(const std::vector<SourceRun>& sources, const PageHandler& handler, const Observer& observer,
                        std::stop_token stop);

 private:
  Result<RunReport> run(const CrawlerOptions& options, const std::vector<SourceRun>& sources, PageStages& stages,
                        const Observer& observer, std::stop_token stop);

  Frontier& frontier_;
  Fetcher& fetcher_;
  const Clock& clock_;
  CrawlerOptions options_;
  Credentials credentials_;  // tokens outlive a run
};

}  // namespace hw::crawler
