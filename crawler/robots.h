// robots.txt as RFC 9309 describes it: parsing and deciding. Pure, linear in the size of the file, never fails.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/time.h"

namespace hw::crawler {

inline constexpr std::string_view kProductToken = "handlewatch";
inline constexpr std::size_t kMostRobotsBytes = 512U << 10;  // RFC 9309 §2.5: at least 500 KiB; the rest is not read

enum class RobotsVerb { allow, disallow };

struct RobotsRule {
  RobotsVerb verb = RobotsVerb::disallow;
  std::string pattern;  // percent-encoding normalised (§2.2.2)
  int line = 0;         // where it stands, from 1
};

// What a file says to one product: the rules of every group that names it, else those of every group for "*".
struct Robots {
  std::vector<RobotsRule> rules;
  std::optional<Duration> crawl_delay;  // not in the RFC; obeyed all the same
  std::vector<std::string> sitemaps;    // whatever the group
};
Robots parse_robots(std::string_view body, std::string_view product = kProductToken);

struct RobotsDecision {
  bool allowed = true;
  std::string rule;  // the rule that decided, as normalised: "Disallow: /private"; empty when none matches
  int line = 0;
};
// `target` is path and query as they are sent: "/viewtopic.php?t=3".
RobotsDecision judge(const Robots& robots, std::string_view target);

}  // namespace hw::crawler
