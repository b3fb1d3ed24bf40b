#include "parsers/limits.h"

#include <unordered_set>

namespace hw::parsers {

std::vector<Request> each_once(std::vector<Request> links) {
  std::unordered_set<std::string> seen;
  std::erase_if(links, [&](const Request& link) { return seen.size() == kMostLinks || !seen.insert(link.url).second; });
  return links;
}

std::string warning_of_posts(std::size_t found) {
  if (found <= kMostPosts) return {};
  return std::to_string(found) + " posts on one page: the first " + std::to_string(kMostPosts) + " were read";
}

}  // namespace hw::parsers
