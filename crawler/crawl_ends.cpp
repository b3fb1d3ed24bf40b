// The part of CrawlRun that ends sources: done, cut short, put off because of their host; and tells of it.
#include <algorithm>

#include <fmt/format.h>

#include "crawler/crawl_run.h"

namespace hw::crawler {
namespace {

constexpr Duration kLookedUpEvery{std::chrono::seconds(1)};

}  // namespace

// The host holds us off for longer than a run waits: its sources go on later, where they are.
Status CrawlRun::put_off(Lane& lane, std::string_view why, Time until) {
  lane.page.reset();
  lane.robots.reset();
  lane.sitemaps.reset();
  for (Source* source : lane.sources) {
    if (source->over) continue;
    source->trouble = why;
    if (auto ended = end_source(*source, RunEnd::cut_short, until); !ended) return ended;
  }
  return {};
}

// Whether the source rests from now on: somebody paused it, or its hours are over. It goes on where it was. Where no
// delay is between pages, it is not looked up for each of them.
Result<bool> CrawlRun::rests(Source& source) {
  const Time now = clock_.now();
  if (now >= source.looked_up && now - source.looked_up < kLookedUpEvery) return false;
  source.looked_up = now;
  const config::Timetable& timetable = source.spec->timetable;
  const bool closed = source.hours == AtHours::own && !config::open_at(timetable, now);
  if (!closed && !frontier_.standing(source.spec->name).paused) return false;
  auto ended = end_source(source, RunEnd::cut_short, closed ? config::opens_at(timetable, now) : now);
  return ended ? Result<bool>(true) : tl::unexpected(ended.error());
}

// What the host may be asked in a day was asked. That is no trouble: its sources go on tomorrow, where they are.
Status CrawlRun::rest_until_tomorrow(Lane& lane) {
  lane.page.reset();
  lane.robots.reset();
  lane.sitemaps.reset();
  const std::string why =
      fmt::format("{} requests were sent to its host today, it goes on tomorrow", lane.state.requests);
  for (Source* source : lane.sources)
    if (!source->over)
      if (auto ended = end_source(*source, RunEnd::cut_short, next_day(clock_.now()), why); !ended) return ended;
  return {};
}

Status CrawlRun::end_source(Source& source, RunEnd end, Time next_run, std::string_view why) {
  if (why.empty()) why = end == RunEnd::finished ? "done" : "cut short, it goes on where it was";
  source.over = true;
  if (auto ended = frontier_.end_run(source.spec->name, end, source.trouble, next_run); !ended) return ended;
  if (observer_)
    observer_({EventKind::source_done,
               source.spec->name,
               source.site.host,
               source.trouble.empty() ? std::string(why) : source.trouble,
               {},
               !source.trouble.empty(),
               &report_});
  return {};
}

// Sources that a stop left unfinished: due at once, or when their host may be asked again.
Status CrawlRun::end_all() {
  const Time now = clock_.now();
  for (const auto& lane : lanes_)
    if (auto saved = frontier_.save_host(lane->host, lane->state); !saved) return saved;
  for (const auto& lane : lanes_) {
    if (lane->over() || !blocked(lane->state, now)) continue;
    report_.stopped = true;
    if (auto off = put_off(*lane, why_held(*lane), ready_at(lane->state, delay_of(*lane), now)); !off) return off;
  }
  for (const auto& source : sources_) {
    if (source->over) continue;
    report_.stopped = true;
    if (auto ended = end_source(*source, RunEnd::cut_short, now); !ended) return ended;
  }
  return {};
}

void CrawlRun::tell(EventKind kind, const Lane& lane, const Source* source, std::string what, Duration wait) {
  if (observer_)
    observer_({kind, source == nullptr ? "" : source->spec->name, lane.host, std::move(what), wait, false, &report_});
}

Time CrawlRun::next_run_of(const Lane& lane) const {
  const Time now = clock_.now();
  Time next = now + kMostBackoff;
  for (const Source* source : lane.sources)
    next = std::min(next, config::next_run(source->spec->timetable, source->spec->every, now));
  return next;
}

}  // namespace hw::crawler
