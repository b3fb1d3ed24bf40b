// Sitemaps (sitemaps.org, protocol 0.9): what a site says of its pages and when they changed. Pure, linear in the size
// of the file, never fails: what cannot be read is passed over.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/time.h"

namespace hw::crawler {

inline constexpr std::size_t kMostSitemapEntries = 50'000;  // as the protocol has it; the rest is not read

struct SitemapEntry {
  std::string url;  // as it is written, references to characters resolved
  std::optional<Time> changed;
};

struct Sitemap {
  bool index = false;  // its entries are sitemaps
  std::vector<SitemapEntry> entries;
};

// XML, or an address a line.
Sitemap parse_sitemap(std::string_view text);

// A sitemap's body as text: as it is, or out of gzip, `most` bytes at most. Nothing when it is no text.
std::optional<std::string> sitemap_text(std::string_view body, std::size_t most);

// "2026-11-22" (its first moment, UTC) or a full date and time.
std::optional<Time> parse_changed(std::string_view text);

}  // namespace hw::crawler
