#include "crawler/crawl_run.h"

#include <algorithm>

namespace hw::crawler {
namespace {

constexpr Duration kLongestSleep{std::chrono::milliseconds(500)};  // so that a request to stop is soon seen
constexpr Duration kWorthTelling{std::chrono::seconds(1)};

// After which a run that was cut short is begun anew. One that rests over its closed hours goes on the day after.
Duration longest_break(const config::SourceSpec& source) {
  const bool rests = source.timetable.cron || !source.timetable.only.empty();
  return rests ? std::max<Duration>(source.every, std::chrono::days(1)) : source.every;
}

}  // namespace

CrawlRun::CrawlRun(Frontier& frontier, Fetcher& fetcher, const Clock& clock, const CrawlerOptions& options,
                   Credentials& credentials, AddressGuard guard, PageStages& stages, const Observer& observer,
                   std::stop_token stop)
    : frontier_(frontier),
      fetcher_(fetcher),
      clock_(clock),
      options_(options),
      credentials_(credentials),
      guard_(std::move(guard)),
      stages_(stages),
      observer_(observer),
      stop_(std::move(stop)),
      readers_(stages, options.readers, options.most_bytes_in_hand, [&fetcher] { fetcher.wake(); }) {}

Result<RunReport> CrawlRun::run(const std::vector<SourceRun>& sources) {
  if (auto begun = begin_all(sources); !begun) return tl::unexpected(begun.error());
  for (std::size_t lane = 0; lane < lanes_.size(); ++lane) schedule(lane, clock_.now());
  auto ran = loop();
  if (ran) ran = end_all();
  if (ran) return report_;
  save_hosts();
  drain();
  return tl::unexpected(ran.error());
}

Status CrawlRun::begin_all(const std::vector<SourceRun>& sources) {
  return frontier_.together([&] {
    Status begun;
    for (std::size_t i = 0; begun && i < sources.size(); ++i) begun = begin(sources[i]);
    return begun;
  });
}

Status CrawlRun::begin(const SourceRun& run) {
  const auto site = parse_url(run.access.site.empty() ? run.source->url : run.access.site);
  if (!site) return within("source " + run.source->name, site.error());
  const auto asked = parse_url(run.source->url);
  sources_.push_back(std::make_unique<Source>(Source{run.source,
                                                     run.hours,
                                                     *site,
                                                     clock_.now(),
                                                     run.source->max_pages,
                                                     {},
                                                     false,
                                                     run.access,
                                                     run.secrets,
                                                     run.proxy,
                                                     asked.value_or(*site).query.size(),
                                                     frontier_.cursor(run.source->name)}));
  Source& source = *sources_.back();
  source.access.site = site->origin();
  const auto added = frontier_.begin_run(source.spec->name, admissible(source, run.entry), longest_break(*source.spec));
  if (!added) return tl::unexpected(added.error());
  report_.skipped += added->skipped;
  Lane& lane = lane_of(source);
  lane.sources.push_back(&source);
  lane.delay = std::max(lane.delay, source.spec->delay);
  const auto state = frontier_.host(lane.host);
  if (!state) return tl::unexpected(state.error());
  lane.state = *state;
  return {};
}

// Delays and backoff are kept by host name, whatever scheme and port: behind them is one machine.
Lane& CrawlRun::lane_of(const Source& source) {
  for (const auto& lane : lanes_)
    if (lane->host == source.site.host) return *lane;
  lanes_.push_back(std::make_unique<Lane>());
  lanes_.back()->host = source.site.host;
  lanes_.back()->reach = reach_of(source.site.host);
  return *lanes_.back();
}

Reach CrawlRun::reach_of(std::string_view address) const {
  const auto parsed = parse_address(address);
  return parsed && guard_.lists(*parsed) ? Reach::listed : Reach::open_network;
}

Status CrawlRun::loop() {
  std::vector<Fetched> fetched;
  for (;;) {
    if (options_.pulse) options_.pulse();
    if (stop_.stop_requested()) ready_.clear();
    std::vector<PageInHand> read = readers_.take_read();
    if (auto stored = store(read); !stored) {
      for (const Fetched& one : fetched) let_go(one);
      return stored;
    }
    const bool lane_ready = !ready_.empty() && ready_.begin()->first <= clock_.now() && may_start();
    if (lane_ready || !fetched.empty() || !read.empty()) {
      auto turned = frontier_.together([&] { return take_turn(std::move(fetched), std::move(read)); });
      if (!turned) return turned;
      send_all();
    }
    if (at_end()) return {};
    fetched = wait();
  }
}

bool CrawlRun::at_end() const { return ready_.empty() && fetcher_.under_way() == 0 && readers_.in_hand() == 0; }

Status CrawlRun::take_turn(std::vector<Fetched> fetched, std::vector<PageInHand> read) {
  if (auto finished = finish_all(std::move(fetched)); !finished) return finished;
  if (auto recorded = record(read); !recorded) return recorded;
  if (stop_.stop_requested()) ready_.clear();
  return start_ready();
}

Status CrawlRun::finish_all(std::vector<Fetched> fetched) {
  Status finished;
  for (Fetched& one : fetched)
    if (finished)
      finished = finish(std::move(one));
    else
      let_go(one);
  return finished;
}

// A commit takes its time: the delay counts from when the request goes out, not from when it was decided.
void CrawlRun::send_all() {
  for (const auto& [index, request] : std::exchange(outbox_, {})) {
    fetcher_.start(index, request);
    Lane& lane = *lanes_[index];
    if (const Duration delay = delay_of(lane); delay > Duration{0} && !lane.asks_token)
      lane.state.next_allowed = std::max(lane.state.next_allowed, clock_.now() + delay);
  }
}

std::vector<Fetched> CrawlRun::wait() {
  const bool only_reading = fetcher_.under_way() == 0 && readers_.in_hand() > 0 && (ready_.empty() || !may_start());
  if (!only_reading) return fetcher_.wait(until_ready());
  readers_.wait_for_any();
  return {};
}

void CrawlRun::schedule(std::size_t lane, Time at) { ready_.emplace(at, lane); }

Status CrawlRun::start_ready() {
  while (!ready_.empty() && ready_.begin()->first <= clock_.now() && may_start()) {
    const std::size_t lane = ready_.begin()->second;
    ready_.erase(ready_.begin());
    if (auto advanced = advance(lane); !advanced) return advanced;
  }
  return {};
}

bool CrawlRun::may_start() const {
  return fetcher_.under_way() + outbox_.size() < options_.concurrency && readers_.has_room();
}

// How long to sleep at most; says so once where nothing else goes on.
Duration CrawlRun::until_ready() {
  if (ready_.empty() || !may_start()) return kLongestSleep;
  const auto first = *ready_.begin();
  const Duration wait = std::max(first.first - clock_.now(), Duration{0});
  if (fetcher_.under_way() == 0 && wait >= kWorthTelling && told_waiting_ != first) {
    told_waiting_ = first;
    const Lane& lane = *lanes_[first.second];
    const bool held = blocked(lane.state, clock_.now());
    tell(EventKind::waiting, lane, lane.sources.front(), held ? why_held(lane) : "the delay between two requests",
         wait);
  }
  return std::min(wait, kLongestSleep);
}

// What is in flight when the environment fails is let go; its pages are still queued. What it says of its host is
// noted, where that is still possible.
void CrawlRun::drain() {
  while (fetcher_.under_way() > 0)
    for (const Fetched& fetched : fetcher_.wait(kLongestSleep)) let_go(fetched);
}

// Of a turn that failed nothing was written, and yet some hosts may have said that they want to be left alone.
void CrawlRun::save_hosts() {
  for (const auto& lane : lanes_) static_cast<void>(frontier_.save_host(lane->host, lane->state));
}

void CrawlRun::let_go(const Fetched& fetched) {
  Lane& lane = *lanes_[static_cast<std::size_t>(fetched.ticket)];
  if (!lane.asks_token) static_cast<void>(note_host(lane, fetched));
}

}  // namespace hw::crawler
