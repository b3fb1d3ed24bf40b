#include "crawler/stream_permission.h"

#include "crawler/robots.h"
#include "crawler/robots_policy.h"

namespace hw::crawler {
namespace {

// Redirects are not followed: a stream's host that sends elsewhere for its robots.txt has none of its own.
Result<RobotsRecord> fetched(const Url& url, Fetcher& fetcher, const Clock& clock) {
  Url robots = url;
  robots.path = "/robots.txt";
  robots.query.clear();
  FetchRequest request;
  request.request.url = robots.text();
  request.accept = kAcceptRobots;
  fetcher.start(1, request);
  const std::vector<Fetched> done = fetcher.wait(std::chrono::minutes(3));
  if (done.empty()) return fail(ErrorCode::network, "robots.txt has no answer");
  const Fetched& answer = done.front();
  if (!answer.document && answer.status == 0) return tl::unexpected(answer.document.error());
  const bool elsewhere = answer.status >= 300 && answer.status < 400;
  RobotsRecord record{elsewhere ? 404 : answer.status, "", clock.now()};
  if (answer.document) record.body = answer.document->body.substr(0, kMostRobotsBytes);
  return record;
}

}  // namespace

Status may_stream(const Url& url, Frontier& frontier, Fetcher& fetcher, const Clock& clock) {
  const auto known = frontier.robots(url.origin());
  if (!known) return tl::unexpected(known.error());
  std::optional<RobotsPolicy> policy;
  if (*known) policy.emplace(**known);
  if (!policy || !policy->fresh(clock.now())) {
    auto record = fetched(url, fetcher, clock);
    if (!record) return tl::unexpected(record.error());
    if (!settles_robots(record->status)) return fail(ErrorCode::network, "robots.txt has no answer that counts");
    if (auto saved = frontier.save_robots(url.origin(), *record); !saved) return saved;
    policy.emplace(*record);
  }
  const RobotsVerdict verdict = policy->judge(url);
  return verdict.allowed ? Status{} : fail(ErrorCode::refused, verdict.reason);
}

}  // namespace hw::crawler
