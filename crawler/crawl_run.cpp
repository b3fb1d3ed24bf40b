#include "crawler/crawl_run.h"

#include <algorithm>

#include <fmt/format.h>

#include "crawler/redirect.h"

namespace hw::crawler {
namespace {

constexpr Duration kPatience{std::chrono::minutes(2)};             // for a blocked host, before its sources are put off
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
      readers_(stages, options.readers, [&fetcher] { fetcher.wake(); }) {}

Result<RunReport> CrawlRun::run(const std::vector<SourceRun>& sources) {
  for (const SourceRun& source : sources)
    if (auto begun = begin(source); !begun) return tl::unexpected(begun.error());
  for (std::size_t lane = 0; lane < lanes_.size(); ++lane) schedule(lane, clock_.now());
  auto ran = loop();
  if (ran) ran = end_all();
  if (ran) return report_;
  save_hosts();
  drain();
  return tl::unexpected(ran.error());
}

Status CrawlRun::begin(const SourceRun& run) {
  const auto site = parse_url(run.access.site.empty() ? run.source->url : run.access.site);
  if (!site) return within("source " + run.source->name, site.error());
  sources_.push_back(std::make_unique<Source>(Source{run.source,
                                                     run.hours,
                                                     *site,
                                                     clock_.now(),
                                                     run.source->max_pages,
                                                     {},
                                                     false,
                                                     run.access,
                                                     run.secrets,
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

void CrawlRun::send_all() {
  for (const auto& [lane, request] : std::exchange(outbox_, {})) fetcher_.start(lane, request);
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

Duration CrawlRun::delay_of(const Lane& lane) const {
  std::optional<Duration> crawl_delay;
  for (const auto& [origin, policy] : lane.policies)
    if (policy.crawl_delay()) crawl_delay = std::max(crawl_delay.value_or(Duration{0}), *policy.crawl_delay());
  return delay_between(lane.delay, crawl_delay, lane.reach);
}

// The reason is not kept over a restart, only the time is.
std::string CrawlRun::why_held(const Lane& lane) const {
  return lane.trouble.empty() ? "the host is in backoff" : lane.trouble;
}

// A run does not wait for a host that has not answered it once: it may be away for days.
Duration CrawlRun::patience_with(const Lane& lane) { return lane.answered ? kPatience : Duration{0}; }

// The lane's turn: sends its next request, or finds out when it has one.
Status CrawlRun::advance(std::size_t index) {
  Lane& lane = *lanes_[index];
  const Time now = clock_.now();
  const Time ready = ready_at(lane.state, delay_of(lane), now);
  if (lane.over()) return {};
  if (blocked(lane.state, now) && ready - now > patience_with(lane)) return put_off(lane, why_held(lane), ready);
  if (ready > now) {
    schedule(index, ready);
    return {};
  }
  while (!lane.robots) {
    Time again = now;
    if (!lane.page) {
      const auto chosen = choose_page(lane, again);
      if (!chosen) return tl::unexpected(chosen.error());
      if (!*chosen && again > now && !lane.parked) schedule(index, again);
      if (!*chosen) return {};
    }
    const auto admitted = admit_page(lane);
    if (!admitted) return tl::unexpected(admitted.error());
    if (*admitted) break;
  }
  if (!lane.robots && lacks_token(lane)) {
    const auto sent = send_token(index);
    return sent ? Status() : tl::unexpected(sent.error());
  }
  return send(index);
}

// The next page of the lane's sources, each in turn. False where there is none now; `again` is then when there may be
// one.
Result<bool> CrawlRun::choose_page(Lane& lane, Time& again) {
  std::optional<Time> earliest;
  for (std::size_t tried = 0; tried < lane.sources.size(); ++tried) {
    Source& source = *lane.sources[lane.turn++ % lane.sources.size()];
    if (source.over) continue;
    if (source.in_hand > 0 && source.reads_in_order()) {
      lane.parked = true;
      continue;
    }
    const auto resting = rests(source);
    if (!resting) return tl::unexpected(resting.error());
    if (*resting) continue;
    auto page = frontier_.next(source.spec->name);
    if (!page) return tl::unexpected(page.error());
    const Time now = clock_.now();
    const bool wanted = *page && source.pages_left > 0;
    if (wanted && (*page)->due <= now) {
      const auto target = parse_url((*page)->request.url);
      --source.pages_left;
      lane.page = PageJob{&source, std::move(**page), {target.value_or(Url{}), {}}};
      lane.page->journey.visited = {lane.page->page.request.url};
      return true;
    }
    const Time due = *page ? (*page)->due : now;
    if (*page) frontier_.put_back(source.spec->name, std::move(**page));
    if (source.in_hand > 0)
      lane.parked = true;
    else if (wanted && due - now <= kPatience)
      earliest = std::min(earliest.value_or(due), due);
    else if (auto ended = end_source(source, RunEnd::finished,
                                     config::next_run(source.spec->timetable, source.spec->every, source.started));
             !ended)
      return tl::unexpected(ended.error());
  }
  if (earliest) again = *earliest;
  return false;
}

// Whether the lane's page may be sent now. False also when its robots.txt must be asked for first.
Result<bool> CrawlRun::admit_page(Lane& lane) {
  const Url& target = lane.page->journey.target;
  if (!same_site(lane.page->source->site, target) && lane.page->journey.visited.size() == 1) {
    auto refused = page_refused(lane, Dropped::unwanted, "on another host than its source");
    return refused ? Result<bool>(false) : tl::unexpected(refused.error());
  }
  if (lane.page->source->access.by_own_terms()) return true;
  const auto policy = policy_for(lane, target);
  if (!policy) return tl::unexpected(policy.error());
  if (*policy == nullptr) {
    Url robots = target;
    robots.path = "/robots.txt";
    robots.query.clear();
    lane.robots = RobotsJob{target.origin(), {robots, {robots.text()}}};
    return false;
  }
  const RobotsVerdict verdict = (*policy)->judge(target);
  if (verdict.allowed) return true;
  if (lane.page->page.request.role == PageRole::entry)
    lane.page->source->trouble = "its entry page is forbidden: " + verdict.reason;
  auto refused = page_refused(lane, Dropped::forbidden, verdict.reason);
  return refused ? Result<bool>(false) : tl::unexpected(refused.error());
}

// Nothing when it must be fetched.
Result<const RobotsPolicy*> CrawlRun::policy_for(Lane& lane, const Url& url) {
  const std::string origin = url.origin();
  if (const auto known = lane.policies.find(origin); known != lane.policies.end()) {
    if (known->second.fresh(clock_.now())) return &known->second;
    lane.policies.erase(known);
  }
  const auto record = frontier_.robots(origin);
  if (!record) return tl::unexpected(record.error());
  if (!*record) return nullptr;
  RobotsPolicy policy(**record);
  if (!policy.fresh(clock_.now())) return nullptr;
  return &lane.policies.insert_or_assign(origin, std::move(policy)).first->second;
}

// The delay is on the disk before the request is on the wire, so that a restart keeps it too.
Status CrawlRun::send(std::size_t index) {
  Lane& lane = *lanes_[index];
  const Duration delay = delay_of(lane);
  lane.asked = clock_.now();
  note_start(lane.state, delay, lane.asked);
  if (delay > Duration{0})
    if (auto saved = frontier_.save_host(lane.host, lane.state); !saved) return saved;
  FetchRequest request;
  if (lane.robots) {
    request.request.url = lane.robots->journey.target.text();
    request.accept = kAcceptRobots;
  } else {
    request.request = lane.page->page.request;
    request.request.url = lane.page->journey.target.text();
    request.etag = lane.page->page.known.etag;
    request.last_modified = lane.page->page.known.last_modified;
    const Source& source = *lane.page->source;
    const bool redirected = lane.page->journey.visited.size() > 1;
    if (!redirected) credentials_.show(source.access, source.secrets, lane.page->journey.target, request);
  }
  outbox_.emplace_back(index, std::move(request));
  return {};
}

// The host holds us off for longer than a run waits: its sources go on later, where they are.
Status CrawlRun::put_off(Lane& lane, std::string_view why, Time until) {
  lane.page.reset();
  lane.robots.reset();
  for (Source* source : lane.sources) {
    if (source->over) continue;
    source->trouble = why;
    if (auto ended = end_source(*source, RunEnd::cut_short, until); !ended) return ended;
  }
  return {};
}

// Whether the source rests from now on: somebody paused it, or its hours are over. It goes on where it was.
Result<bool> CrawlRun::rests(Source& source) {
  const Time now = clock_.now();
  const config::Timetable& timetable = source.spec->timetable;
  const bool closed = source.hours == AtHours::own && !config::open_at(timetable, now);
  if (!closed && !frontier_.standing(source.spec->name).paused) return false;
  auto ended = end_source(source, RunEnd::cut_short, closed ? config::opens_at(timetable, now) : now);
  return ended ? Result<bool>(true) : tl::unexpected(ended.error());
}

Status CrawlRun::end_source(Source& source, RunEnd end, Time next_run) {
  source.over = true;
  if (auto ended = frontier_.end_run(source.spec->name, end, source.trouble, next_run); !ended) return ended;
  if (observer_)
    observer_({EventKind::source_done,
               source.spec->name,
               source.site.host,
               source.trouble.empty() ? (end == RunEnd::finished ? "done" : "cut short, it goes on where it was")
                                      : source.trouble,
               {},
               !source.trouble.empty(),
               &report_});
  return {};
}

// Sources that a stop left unfinished: due at once, or when their host may be asked again.
Status CrawlRun::end_all() {
  const Time now = clock_.now();
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

}  // namespace hw::crawler
