// The half of CrawlRun that deals with answers: what each kind of answer makes of the page, its host and its source.
#include <algorithm>
#include <cstdint>
#include <functional>

#include <fmt/format.h>

#include "crawler/crawl_run.h"
#include "crawler/host_outcome.h"
#include "crawler/redirect.h"
#include "crawler/traps.h"

namespace hw::crawler {
namespace {

constexpr int kMostAttempts = 5;
constexpr std::size_t kMostFollowed = 10000;  // links of one page; more is a trap

// Tells a changed page from an unchanged one; it seals nothing, so it may be the fastest hash at hand. Should another
// standard library hash otherwise, every page counts as changed once.
std::string digest_of(std::string_view body) {
  return fmt::format("{:x}-{:x}", body.size(), std::hash<std::string_view>()(body));
}

std::string_view name_of(PageRole role) {
  switch (role) {
    case PageRole::entry:
      return "entry page";
    case PageRole::listing:
      return "listing";
    case PageRole::thread:
      return "thread";
  }
  return "page";
}

// An API that does not know the place any more from which a source reads on says so with one of these; the next run
// begins afresh.
bool too_old(int status, const std::string& cursor) {
  return !cursor.empty() && (status == 400 || status == 410 || status == 422);
}

int year_of(Time time) {
  return static_cast<int>(std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(time)).year());
}

std::string header_of(const Document& document, std::string_view name) {
  return std::string(document.header(name).value_or(""));
}

}  // namespace

Status CrawlRun::finish(Fetched fetched) {
  const auto index = static_cast<std::size_t>(fetched.ticket);
  Lane& lane = *lanes_[index];
  ++report_.requests;
  if (fetched.status != 0) ++report_.answered;
  report_.bytes += fetched.received_bytes;
  if (lane.asks_token) {
    if (auto done = finish_token(lane, fetched); !done) return done;
    schedule(index, clock_.now());
    return {};
  }
  lane.reach = reach_of(fetched.remote_address.empty() ? lane.host : fetched.remote_address);
  auto done = note_host(lane, fetched);
  if (done) done = lane.robots ? finish_robots(lane, fetched) : finish_page(index, fetched);
  if (!done) return done;
  schedule(index, clock_.now());  // advance() finds out when it goes on, if at all
  return {};
}

Status CrawlRun::note_host(Lane& lane, const Fetched& fetched) {
  const Time now = clock_.now();
  const HostState before = lane.state;
  note_outcome(lane.state, fetched, options_.jitter(), now);
  lane.trouble.clear();
  if (host_failed(fetched)) {
    lane.trouble = failure_words(fetched);
    const Source* source = lane.page ? lane.page->source : nullptr;
    tell(EventKind::failed, lane, source, lane.trouble, lane.state.blocked_until - now);
  } else {
    lane.answered = true;
    lane.trouble = allowance_words(fetched, now);
  }
  const bool changed = before.failures != lane.state.failures || before.blocked_until != lane.state.blocked_until;
  return changed ? frontier_.save_host(lane.host, lane.state) : Status();
}

Status CrawlRun::finish_robots(Lane& lane, Fetched& fetched) {
  Journey& journey = lane.robots->journey;
  if (host_failed(fetched)) {  // asked again, from the start, when the host may be asked at all
    lane.answered_since_failure = false;
    lane.trouble = "robots.txt: " + lane.trouble;
    lane.robots.reset();
    return {};
  }
  if (!fetched.document) return put_off(lane, "robots.txt: " + fetched.document.error().message, next_run_of(lane));
  const Document& answer = *fetched.document;
  if (is_redirect(answer.status)) {
    const auto next = judge_redirect(answer, journey.visited);
    if (!next) return put_off(lane, "robots.txt: " + next.error().message, next_run_of(lane));
    journey.target = *next;
    journey.visited.push_back(next->text());
    return {};
  }
  if (!settles_robots(answer.status))
    return put_off(lane, fmt::format("robots.txt answers {}", answer.status), next_run_of(lane));
  const RobotsRecord record{answer.status, answer.body.substr(0, kMostRobotsBytes), clock_.now()};
  lane.policies.insert_or_assign(lane.robots->origin, RobotsPolicy(record));
  const std::string origin = std::move(lane.robots->origin);
  lane.robots.reset();
  const Time allowed = lane.asked + delay_of(lane);  // its Crawl-delay counts from this very request
  if (allowed > lane.state.next_allowed) {
    lane.state.next_allowed = allowed;
    if (auto saved = frontier_.save_host(lane.host, lane.state); !saved) return saved;
  }
  return frontier_.save_robots(origin, record);
}

Status CrawlRun::finish_page(std::size_t index, Fetched& fetched) {
  Lane& lane = *lanes_[index];
  if (host_failed(fetched)) return page_failed(lane);
  lane.answered_since_failure = true;
  if (!fetched.document) {
    const std::string& reason = fetched.document.error().message;
    // Refused before there was an answer: the address guard, and so every page of this host.
    if (fetched.status == 0) return put_off(lane, reason, next_run_of(lane));
    return page_refused(lane, Dropped::unwanted, reason);
  }
  Document& document = *fetched.document;
  if (token_was_refused(lane, document)) return {};
  if (document.status == 304) return page_unchanged(lane, lane.page->page.known);
  if (is_redirect(document.status)) return page_redirected(lane, document);
  if (document.status == 200 || document.status == 203) return page_came(index, document);
  return page_gone(lane, document);
}

// The page is tried again later. It is the page's own fault only where the host answered others in between; then it is
// given up after some attempts.
Status CrawlRun::page_failed(Lane& lane) {
  PageJob job = std::move(*lane.page);
  lane.page.reset();
  ++report_.failed;
  const std::string& source = job.source->spec->name;
  if (std::exchange(lane.answered_since_failure, false)) ++job.page.attempts;
  if (job.page.attempts >= kMostAttempts) return frontier_.drop(source, job.page, Dropped::exhausted);
  const Time later = clock_.now() + kFirstBackoff * (1 << job.page.attempts);
  return frontier_.retry(source, job.page, std::max(lane.state.blocked_until, later));
}

Status CrawlRun::page_gone(Lane& lane, const Document& answer) {
  const PageJob job = std::move(*lane.page);
  lane.page.reset();
  ++report_.failed;
  const std::string what = fmt::format("the {} answers {}", name_of(job.page.request.role), answer.status);
  if (job.page.request.role == PageRole::entry && job.source->trouble.empty()) job.source->trouble = what;
  tell(EventKind::failed, lane, job.source, what);
  if (job.page.request.role == PageRole::entry && too_old(answer.status, job.source->cursor)) {
    if (auto forgot = frontier_.forget_cursor(job.source->spec->name); !forgot) return forgot;
    job.source->cursor.clear();
  }
  return frontier_.drop(job.source->spec->name, job.page, Dropped::gone);
}

// The next hop is a request of its own, under the same delay and rules. Where it leads to a page that is queued or was
// read in this run, that page counts for both.
Status CrawlRun::page_redirected(Lane& lane, const Document& answer) {
  PageJob& job = *lane.page;
  const auto next = judge_redirect(answer, job.journey.visited);
  if (!next) {
    if (job.page.request.role == PageRole::entry) job.source->trouble = next.error().message;
    return page_refused(lane, Dropped::unwanted, next.error().message);
  }
  const auto covered = frontier_.covered(job.source->spec->name, next->text());
  if (!covered) return tl::unexpected(covered.error());
  if (*covered) {
    ++report_.skipped;
    const PageJob finished = std::move(job);
    lane.page.reset();
    tell(EventKind::skipped, lane, finished.source, "a redirect to a page that is known");
    return frontier_.unchanged(finished.source->spec->name, finished.page, {});
  }
  job.journey.target = *next;
  job.journey.visited.push_back(next->text());
  return {};
}

Status CrawlRun::page_unchanged(Lane& lane, Validators validators) {
  const PageJob job = std::move(*lane.page);
  lane.page.reset();
  ++report_.not_modified;
  tell(EventKind::not_modified, lane, job.source, fmt::format("{} unchanged", name_of(job.page.request.role)));
  return frontier_.unchanged(job.source->spec->name, job.page, validators);
}

// What robots.txt said of the address that was read, for evidence.
std::string CrawlRun::robots_words(const Lane& lane, const Url& target) {
  const auto policy = lane.policies.find(target.origin());
  return policy == lane.policies.end() ? std::string() : "allowed: " + policy->second.judge(target).reason;
}

// Hands the document on, unless it is the one that was handed on last time.
Status CrawlRun::page_came(std::size_t index, Document& document) {
  Lane& lane = *lanes_[index];
  Validators validators{header_of(document, "etag"), header_of(document, "last-modified"), digest_of(document.body)};
  if (validators.digest == lane.page->page.known.digest) return page_unchanged(lane, validators);
  PageInHand page{std::move(*lane.page), index, std::move(validators), document.body.size(), {}, {}, {}};
  lane.page.reset();
  document.request = page.job.page.request;
  document.url = page.job.journey.visited.back();
  document.cursor = page.job.source->cursor;
  const std::vector<std::string>& visited = page.job.journey.visited;
  document.exchange.redirects.assign(visited.begin(), visited.end() - 1);
  document.exchange.robots = robots_words(lane, page.job.journey.target);
  page.document = std::move(document);
  ++page.job.source->in_hand;
  readers_.submit(std::move(page));
  if (options_.readers > 0) return {};
  std::vector<PageInHand> read = readers_.take_read();
  const auto stored = store(read);
  return stored ? record(read) : stored;
}

// What the pages held is committed before the frontier knows of it.
Status CrawlRun::store(std::vector<PageInHand>& pages) {
  if (pages.empty()) return {};
  std::vector<std::unique_ptr<Reading>> readings;
  for (PageInHand& page : pages) readings.push_back(std::move(page.reading));
  auto outcomes = stages_.store(readings);
  if (!outcomes) return tl::unexpected(outcomes.error());
  for (std::size_t i = 0; i < pages.size(); ++i) pages[i].outcome = std::move((*outcomes)[i]);
  return {};
}

Status CrawlRun::record(std::vector<PageInHand>& pages) {
  for (PageInHand& page : pages) {
    --page.job.source->in_hand;
    if (std::exchange(lanes_[page.lane]->parked, false)) schedule(page.lane, clock_.now());
    if (auto done = page_done(page); !done) return done;
  }
  return {};
}

// The page is done, together with all that it led to.
Status CrawlRun::page_done(PageInHand& page) {
  Source& source = *page.job.source;
  PageOutcome& outcome = page.outcome;
  PageDone done;
  if (outcome.trouble.empty())
    done.validators = std::move(page.validators);  // else it is handed on again next time, and the trouble told again
  else if (source.trouble.empty())
    source.trouble = outcome.trouble;
  // Most links of a page are known; to look at their addresses would cost more than everything else.
  report_.skipped += std::erase_if(
      outcome.follow, [&](const Request& request) { return frontier_.settled(source.spec->name, request); });
  done.follow = admissible(source, std::move(outcome.follow));
  done.cursor = std::move(outcome.cursor);
  if (done.cursor) source.cursor = *done.cursor;
  done.also.assign(page.job.journey.visited.begin() + 1, page.job.journey.visited.end());
  done.posts = outcome.posts;
  done.new_posts = outcome.new_posts;
  done.newest_post = outcome.newest_post;
  const auto added = frontier_.done(source.spec->name, page.job.page, done);
  if (!added) return tl::unexpected(added.error());
  ++report_.pages;
  report_.skipped += added->skipped;
  report_.posts += outcome.posts;
  report_.new_posts += outcome.new_posts;
  report_.hits += outcome.hits;
  tell(EventKind::fetched, *lanes_[page.lane], &source,
       fmt::format("{}, {} bytes, {} posts, {} links queued", name_of(page.job.page.request.role), page.bytes,
                   outcome.posts, added->queued));
  return {};
}

Status CrawlRun::page_refused(Lane& lane, Dropped why, std::string_view reason) {
  const PageJob job = std::move(*lane.page);
  lane.page.reset();
  ++report_.refused;
  tell(EventKind::refused, lane, job.source, std::string(reason));
  return frontier_.drop(job.source->spec->name, job.page, why);
}

// The requests that stay on the source's site, their addresses in one form. Where the site is https, its plain http
// links are asked for by https.
std::vector<Request> CrawlRun::admissible(const Source& source, std::vector<Request> follow) {
  std::vector<Request> out;
  const int year = year_of(clock_.now());
  const auto own = parse_url(source.spec->url);
  const std::size_t own_query = own ? own->query.size() : 0;
  for (Request& request : follow) {
    auto url = parse_url(request.url);
    if (url && url->scheme == "http" && url->port == 80 && source.site.scheme == "https") {
      url->scheme = "https";
      url->port = 443;
    }
    if (!url || !same_site(source.site, *url)) {
      ++report_.refused;
    } else if (out.size() == kMostFollowed || !trap_in(*url, year, own_query).empty()) {
      ++report_.skipped;
    } else {
      request.url = without_visitor(*std::move(url)).text();
      out.push_back(std::move(request));
    }
  }
  return out;
}

Time CrawlRun::next_run_of(const Lane& lane) const {
  const Time now = clock_.now();
  Time next = now + kMostBackoff;
  for (const Source* source : lane.sources)
    next = std::min(next, config::next_run(source->spec->timetable, source->spec->every, now));
  return next;
}

}  // namespace hw::crawler
