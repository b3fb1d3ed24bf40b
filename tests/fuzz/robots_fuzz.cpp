// robots.txt from anywhere: parsing and matching never crash, and a file's own product group is never more than its
// rules.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "crawler/robots.h"

// The first line is the target, the rest the file.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto end = input.find('\n');
  const std::string_view target = input.substr(0, end);
  const std::string_view body = end == std::string_view::npos ? std::string_view{} : input.substr(end + 1);
  const hw::crawler::Robots robots = hw::crawler::parse_robots(body);
  const hw::crawler::RobotsDecision decision = hw::crawler::judge(robots, target);
  if (!decision.allowed && decision.rule.empty()) std::abort();  // a refusal always names its rule
  if (decision.rule.empty() != (decision.line == 0)) std::abort();
  if (!hw::crawler::judge(robots, "/robots.txt").allowed) std::abort();
  return 0;
}
