// The part of CrawlRun that deals with answers: what each kind of answer makes of the page, its host and its source.
#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

#include "crawler/crawl_run.h"
#include "crawler/host_outcome.h"
#include "crawler/redirect.h"

namespace hw::crawler {
namespace {

constexpr int kMostAttempts = 5;

// An API that does not know the place any more from which a source reads on says so with one of these; the next run
// begins afresh.
bool too_old(int status, const std::string& cursor) {
  return !cursor.empty() && (status == 400 || status == 410 || status == 422);
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
  if (done && lane.sitemap_is_next())
    done = finish_sitemap(lane, fetched);
  else if (done)
    done = lane.robots ? finish_robots(lane, fetched) : finish_page(index, fetched);
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
  const std::string what = fmt::format("the {} answers {}", words_for(job.page.request.role), answer.status);
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
  tell(EventKind::not_modified, lane, job.source, fmt::format("{} unchanged", words_for(job.page.request.role)));
  return frontier_.unchanged(job.source->spec->name, job.page, validators);
}

Status CrawlRun::page_refused(Lane& lane, Dropped why, std::string_view reason) {
  const PageJob job = std::move(*lane.page);
  lane.page.reset();
  ++report_.refused;
  if (job.page.request.role == PageRole::entry && job.source->trouble.empty())
    job.source->trouble = "its entry page is refused: " + std::string(reason);
  tell(EventKind::refused, lane, job.source, std::string(reason));
  return frontier_.drop(job.source->spec->name, job.page, why);
}

}  // namespace hw::crawler
