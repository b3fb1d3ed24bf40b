// The part of CrawlRun that gives a lane its turn: which page it asks for next, whether it may, and when.
#include <algorithm>

#include "crawler/crawl_run.h"
#include "crawler/redirect.h"

namespace hw::crawler {
namespace {

constexpr Duration kPatience{std::chrono::minutes(2)};  // for a blocked host, before its sources are put off

}  // namespace

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
  if (lane.reach != Reach::listed && used_up(lane.state, options_.requests_a_day, now))
    return rest_until_tomorrow(lane);
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
      if (!*chosen && lane.sitemaps) return send(index);
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
    else if (const auto sitemap = begin_sitemaps(lane, source); !sitemap)
      return tl::unexpected(sitemap.error());
    else if (*sitemap)
      return false;
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
  if (lane.sitemap_is_next()) {
    request = sitemap_request(lane);
  } else if (lane.robots) {
    request.proxy = lane.page->source->proxy;
    request.request.url = lane.robots->journey.target.text();
    request.accept = kAcceptRobots;
  } else {
    request.proxy = lane.page->source->proxy;
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

}  // namespace hw::crawler
