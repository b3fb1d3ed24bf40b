// What one page may yield at most. Real pages stay far below; a page made to exhaust us does not.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "common/request.h"

namespace hw::parsers {

inline constexpr std::size_t kMostPosts = 10'000;  // of one page
inline constexpr std::size_t kMostLinks = 10'000;
inline constexpr std::size_t kMostTags = 100;              // of one post
inline constexpr std::size_t kMostBytesOfTree = 8U << 20;  // of markup; past that no tree is built

// Each address once, the first stays; at most kMostLinks.
std::vector<Request> each_once(std::vector<Request> links);

// "… posts on one page: …" where a page has more than kMostPosts; empty otherwise. One warning for all adapters.
std::string warning_of_posts(std::size_t found);

}  // namespace hw::parsers
