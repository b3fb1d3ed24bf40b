#include <algorithm>
#include <charconv>

#include "parsers/addresses.h"
#include "parsers/phpbb.h"
#include "parsers/select.h"

namespace hw::parsers::phpbb {
namespace {

constexpr long kMostPages = 1000;  // of one topic; what lies beyond is named by the last of them

bool is_number(std::string_view text) {
  return !text.empty() && text.size() < 12 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

long number(std::string_view text) {
  long value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// Of the page that `name` is the parameter for ("t" or "f").
std::optional<Url> numbered_page(std::string_view page_url, std::string_view reference, std::string_view script,
                                 std::string_view name) {
  const auto link = page_link(page_url, reference);
  if (!link || !link->path.ends_with(script) || !is_number(query_parameter(*link, name))) return std::nullopt;
  const std::string start = query_parameter(*link, "start");
  return is_number(start) && number(start) > 0 ? with_only(*link, {name, "start"}) : with_only(*link, {name});
}

long start_of(const Url& url) { return number(query_parameter(url, "start")); }

// Where the topic's pages begin, as far as the pagination tells: sorted, without repetition.
std::vector<long> starts_in(Node pagination, const Url& own) {
  std::vector<long> starts{0, start_of(own)};
  for (const Node link : all_of(pagination, {.tag = "a", .attribute = "href"})) {
    const auto url = topic_address(own.text(), link.attribute("href"));
    if (url && query_parameter(*url, "t") == query_parameter(own, "t")) starts.push_back(start_of(*url));
  }
  std::sort(starts.begin(), starts.end());
  starts.erase(std::unique(starts.begin(), starts.end()), starts.end());
  return starts;
}

long smallest_step(const std::vector<long>& starts) {
  long step = starts.back();
  for (std::size_t i = 1; i < starts.size(); ++i) step = std::min(step, starts[i] - starts[i - 1]);
  return step;
}

}  // namespace

std::optional<Url> topic_address(std::string_view page_url, std::string_view reference) {
  return numbered_page(page_url, reference, "viewtopic.php", "t");
}

std::optional<Url> forum_address(std::string_view page_url, std::string_view reference) {
  return numbered_page(page_url, reference, "viewforum.php", "f");
}

std::vector<Request> further_pages(Node pagination, const Url& own, std::string_view stamp) {
  if (stamp == kFullPage) return {};
  const std::vector<long> starts = starts_in(pagination, own);
  const long step = smallest_step(starts);
  std::vector<Request> pages;
  if (step <= 0) return pages;
  for (long start = (start_of(own) / step + 1) * step; start <= starts.back() && std::ssize(pages) < kMostPages;
       start += step) {
    Url page = with_only(own, {"t"});
    page.query += "&start=" + std::to_string(start);
    pages.push_back({page.text(), PageRole::thread, std::string(kFullPage)});
  }
  if (!pages.empty()) pages.back().stamp = stamp;
  return pages;
}

std::optional<Request> next_listing(Node pagination, const Url& own, std::string stamp) {
  std::optional<Url> next;
  for (const Node link : all_of(pagination, {.tag = "a", .attribute = "href"})) {
    const auto url = forum_address(own.text(), link.attribute("href"));
    if (!url || query_parameter(*url, "f") != query_parameter(own, "f") || start_of(*url) <= start_of(own)) continue;
    if (!next || start_of(*url) < start_of(*next)) next = url;
  }
  if (!next) return std::nullopt;
  return Request{next->text(), PageRole::listing, std::move(stamp)};
}

}  // namespace hw::parsers::phpbb
