#include "parsers/forum_pages.h"

#include <algorithm>
#include <charconv>

#include "parsers/select.h"

namespace hw::parsers {
namespace {

constexpr long kMostPages = 1000;  // of one thread; what lies beyond is named by the last of them

}  // namespace

std::string Place::address(long page_number) const {
  return page_number <= first_page ? first : before + std::to_string(page_number) + after;
}

std::vector<Request> further_pages(const Place& own, long last, long step, std::string_view stamp) {
  std::vector<Request> pages;
  if (stamp == kFullPage || step <= 0) return pages;
  const long begin = own.first_page + ((own.page - own.first_page) / step + 1) * step;
  for (long page = begin; page <= last && std::ssize(pages) < kMostPages; page += step)
    pages.push_back({own.address(page), PageRole::thread, std::string(kFullPage)});
  if (!pages.empty()) pages.back().stamp = stamp;
  return pages;
}

LinkedPages pages_linked(const std::vector<Node>& paginations, const Place& own, std::string_view page_url,
                         PlaceOf place_of) {
  LinkedPages linked{{own.first_page, own.page}, own};
  std::vector<long>& pages = linked.pages;
  for (const Node pagination : paginations) {
    for (const Node link : all_of(pagination, {.tag = "a", .attribute = "href"})) {
      const auto place = place_of(page_url, link.attribute("href"));
      if (!place || !place->same_as(own)) continue;
      pages.push_back(place->page);
      if (place->page == place->first_page) continue;
      linked.own.before = place->before;
      linked.own.after = place->after;
    }
  }
  std::sort(pages.begin(), pages.end());
  pages.erase(std::unique(pages.begin(), pages.end()), pages.end());
  return linked;
}

long page_number(std::string_view digits) {
  long page = 1;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), page);
  return error == std::errc{} && page > 0 && page < 1'000'000'000 ? page : 1;
}

long smallest_step(const std::vector<long>& pages) {
  long step = pages.size() > 1 ? pages.back() : 0;
  for (std::size_t i = 1; i < pages.size(); ++i) step = std::min(step, pages[i] - pages[i - 1]);
  return step;
}

}  // namespace hw::parsers
