// What an origin's robots.txt means for its pages: RFC 9309 §2.3 (which answers allow, which forbid, how long one
// counts), a shade stricter where a site shows that it does not want visitors. Pure.
#pragma once

#include <optional>
#include <string>

#include "common/url.h"
#include "crawler/frontier.h"
#include "crawler/robots.h"

namespace hw::crawler {

inline constexpr const char* kAcceptRobots = "text/plain,text/html;q=0.1";

// Whether an answer settles the matter. 5xx, 429 and silence do not: nothing is fetched until there is one that does.
bool settles_robots(int status);

struct RobotsVerdict {
  bool allowed = true;
  std::string reason;  // the rule with its line, or the status that decided
};

class RobotsPolicy {
 public:
  explicit RobotsPolicy(const RobotsRecord& record);
  RobotsVerdict judge(const Url& url) const;
  std::optional<Duration> crawl_delay() const { return robots_.crawl_delay; }
  const std::vector<std::string>& sitemaps() const { return robots_.sitemaps; }  // as they are written
  // For a day (§2.4), and not from a clock that has been set back since.
  bool fresh(Time now) const;

 private:
  int status_;
  Time fetched_at_;
  Robots robots_;
};

}  // namespace hw::crawler
