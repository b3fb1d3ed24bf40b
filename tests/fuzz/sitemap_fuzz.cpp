// Sitemaps from anywhere, packed or not: reading one never crashes, and gives no more than the protocol allows.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "crawler/sitemap.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  constexpr std::size_t kMost = 1U << 20;
  const auto text = hw::crawler::sitemap_text(input, kMost);
  if (text && text->size() > kMost) std::abort();
  const hw::crawler::Sitemap sitemap = hw::crawler::parse_sitemap(text ? *text : input);
  if (sitemap.entries.size() > hw::crawler::kMostSitemapEntries) std::abort();
  for (const auto& entry : sitemap.entries)
    if (entry.url.empty()) std::abort();
  return 0;
}
