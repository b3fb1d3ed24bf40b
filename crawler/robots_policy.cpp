#include "crawler/robots_policy.h"

#include <fmt/format.h>

namespace hw::crawler {
namespace {

constexpr Duration kFresh{std::chrono::hours(24)};

bool is_success(int status) { return status >= 200 && status < 300; }

// §2.3.1.3 lets a crawler in on any 4xx; these four say no in so many words.
bool forbids(int status) { return status == 401 || status == 403 || status == 429 || status == 451; }

}  // namespace

bool settles_robots(int status) { return is_success(status) || (status >= 400 && status < 500 && status != 429); }

RobotsPolicy::RobotsPolicy(const RobotsRecord& record) : status_(record.status), fetched_at_(record.fetched_at) {
  if (is_success(status_)) robots_ = parse_robots(record.body);
}

RobotsVerdict RobotsPolicy::judge(const Url& url) const {
  if (forbids(status_) || !settles_robots(status_)) return {false, fmt::format("robots.txt answers {}", status_)};
  if (!is_success(status_)) return {true, fmt::format("robots.txt answers {}", status_)};
  const std::string target = url.path + (url.query.empty() ? "" : "?" + url.query);
  const RobotsDecision decision = hw::crawler::judge(robots_, target);
  if (decision.rule.empty()) return {true, "no rule in robots.txt speaks of it"};
  return {decision.allowed, fmt::format("robots.txt, line {}: {}", decision.line, decision.rule)};
}

bool RobotsPolicy::fresh(Time now) const { return now >= fetched_at_ && now < fetched_at_ + kFresh; }

}  // namespace hw::crawler
