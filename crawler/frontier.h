// What is to be fetched, what was, and when each host may be asked again: a journal in its own SQLite file.
//
// It holds addresses of pages, never of authors' profiles, and nothing that shows which page hit. Every change is one
// transaction, or those of together(): kill the process at any point and each page is either done with all that it led
// to, or still queued. What is being fetched stays queued until its outcome is recorded, so there is nothing to repair
// after a crash. One thread.
//
// A source is worked in runs. A run that was cut short (stopped, killed, its host blocked) is continued by the next
// begin_run: what was read in it is not read again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"
#include "common/request.h"
#include "common/time.h"
#include "crawler/politeness.h"
#include "crawler/yield.h"

namespace hw::crawler {

// How a source is doing, for `sources list`.
struct SourceHealth {
  std::string source;
  std::optional<Time> last_run;
  std::optional<Time> last_success;
  std::optional<Time> next_run;
  std::string trouble;      // of the last run; empty when it went well
  std::size_t queued = 0;   // pages waiting
  std::uint64_t pages = 0;  // totals over its life
  std::uint64_t posts = 0;
  std::uint64_t new_posts = 0;
  std::uint64_t errors = 0;
  bool paused = false;
  int bad_runs = 0;                 // in a row, the last one included
  std::optional<Time> told_broken;  // when somebody was told that it is broken; nothing once it recovered
};

// What decides when a source is read next.
struct SourceStanding {
  std::optional<Time> last_run;  // when it began
  std::optional<Time> next_run;
  bool well = true;  // the last run came to its end without trouble
  bool paused = false;
};

// What a server gave to recognise an unchanged page by.
struct Validators {
  std::string etag;
  std::string last_modified;
  std::string digest;  // of the body that was last handed on, opaque bytes
  bool operator==(const Validators&) const = default;
};

struct QueuedPage {
  std::int64_t id = 0;
  Request request;
  Validators known;        // empty when it was never read
  int attempts = 0;        // failed ones since it was queued
  Time due{};              // not before
  Duration pause{0};       // between its last two readings, where it has no stamp
  std::int64_t fruit = 0;  // what readings of it brought; see yield.h
  Rank rank = Rank::ordinary;
};

// What became of a page that was read.
struct PageDone {
  Validators validators;
  std::vector<Request> follow;
  std::optional<std::string> cursor;
  std::vector<std::string> also;  // addresses it was redirected to, read by the same request
  std::uint64_t posts = 0;
  std::uint64_t new_posts = 0;
  std::optional<Time> newest_post{};
};

struct Added {
  std::size_t queued = 0;
  std::size_t skipped = 0;  // read before with the same stamp, or read in this run, or queued already
  std::size_t threads = 0;  // of those queued
};

enum class RunEnd {
  finished,   // nothing is left, or the page limit was reached: the next run is a new one
  cut_short,  // the next begin_run continues it
};

enum class Dropped {
  gone,       // 404 and the like: queued again only when it is offered with another stamp
  unwanted,   // not text: likewise
  forbidden,  // robots.txt: queued again when a later run offers it
  exhausted,  // tried too often: likewise
};

// A robots.txt as it was last fetched from an origin.
struct RobotsRecord {
  int status = 0;    // HTTP status after redirects
  std::string body;  // at most kMostRobotsBytes
  Time fetched_at{};
};

// What it may keep in memory.
struct FrontierOptions {
  std::size_t known_bytes = std::size_t{16} << 20;  // of addresses that need not be looked up (offers.h): 2 million
  std::size_t page_bytes = std::size_t{16} << 20;   // of the file's pages
};

class Frontier {
 public:
  static Result<Frontier> open(const std::filesystem::path& file, const Clock& clock,
                               const FrontierOptions& options = {});
  Frontier(Frontier&&) noexcept;
  Frontier& operator=(Frontier&&) noexcept;
  ~Frontier();

  // For those who schedule and list.
  std::string cursor(std::string_view source) const;
  Status forget_cursor(std::string_view source);
  Result<std::vector<SourceHealth>> health() const;
  // When the source is next due; the past when it never ran.
  Time due(std::string_view source) const;
  // Of a source that was never read, and where the file cannot be read: the default.
  SourceStanding standing(std::string_view source) const;
  // A paused source stays so, over restarts, until it is resumed. Known to the frontier or not.
  Status pause(std::string_view source);
  Status resume(std::string_view source);
  // Whether somebody was told that the source is broken.
  Status note_told(std::string_view source, bool broken);
  // When somebody was last told of what an alarm of that kind says, over restarts; nothing: never, or it was not
  // delivered. Not in a dump.
  std::optional<Time> alarm_told(std::string_view kind) const;
  Status note_alarm(std::string_view kind, std::optional<Time> told);
  // The network was away since then, not the hosts: their backoff from that time is taken back, and the sources that
  // were put off are due. What a host asked for by itself (429, 503, Retry-After) stays.
  Status forgive(Time since);

  // A run of one source. The entry requests are queued behind what is left over; in a continued run those that were
  // read in it already are skipped. `every` limits what counts as continuing: after a longer break the run is a new
  // one.
  Result<Added> begin_run(std::string_view source, const std::vector<Request>& entry, Duration every);
  // Hands out the page to fetch next: those never tried first, the promising before the ordinary and those before what
  // brings nothing (yield.h), in the order in which they were queued; then those to be tried again. Until its outcome
  // is recorded, the run ends or it is put back, it is not handed out again.
  Result<std::optional<QueuedPage>> next(std::string_view source);
  void put_back(std::string_view source, QueuedPage page);
  Status end_run(std::string_view source, RunEnd end, std::string_view trouble, Time next_run);

  // All that `work` writes is one transaction: together, or not at all.
  Status together(const std::function<Status()>& work);

  // The outcomes of a page; each takes it from the queue, retry() excepted. A page that was offered with another stamp
  // while it was handed out stays queued.
  Result<Added> done(std::string_view source, const QueuedPage& page, const PageDone& outcome);
  Status unchanged(std::string_view source, const QueuedPage& page, const Validators& validators);
  Status retry(std::string_view source, const QueuedPage& page, Time due);  // keeps page.attempts
  Status drop(std::string_view source, const QueuedPage& page, Dropped why);
  // Sitemaps. Whether the source's own links say how fresh they are: then a sitemap says nothing that they do not.
  bool stamped(std::string_view source) const;
  // When a sitemap was last read; nothing: never.
  Result<std::optional<Time>> sitemap_read(std::string_view url) const;
  Status note_sitemap(std::string_view url);
  // What a sitemap says of an address. One that was read without a stamp is queued again where it changed since. A new
  // one is queued where `fresh` allows it and its kind has brought posts. Both come last. True when it was queued.
  Result<bool> hint(std::string_view source, std::string_view url, std::optional<Time> changed, bool fresh);

  // Drops those that it would change nothing to offer again, as far as memory knows; how many they were.
  std::size_t drop_settled(std::string_view source, std::vector<Request>& requests) const;
  // Whether an address need not be fetched: it is queued itself, or was read in this run.
  Result<bool> covered(std::string_view source, std::string_view url) const;

  // Hosts. An unknown one has the default state.
  Result<HostState> host(std::string_view name) const;
  Status save_host(std::string_view name, const HostState& state);
  Result<std::optional<RobotsRecord>> robots(std::string_view origin) const;
  Status save_robots(std::string_view origin, const RobotsRecord& record);

  // The journal as JSON Lines, to look at or to carry to another machine (frontier_dump.cpp): sources, pages, when
  // hosts may be asked again, yields. robots.txt is not in it, it is asked for anew.
  Status dump(const std::function<void(std::string_view line)>& line) const;
  // Lines of a dump, into a frontier that knows no source yet; all or none. `next` gives nothing at their end.
  Status restore(const std::function<std::optional<std::string>()>& next);

 private:
  struct Impl;
  explicit Frontier(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace hw::crawler
