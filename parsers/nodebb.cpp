#include "parsers/nodebb.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "common/text.h"
#include "parsers/adapters.h"
#include "parsers/addresses.h"
#include "parsers/charset.h"

namespace hw::parsers::nodebb {
namespace {

bool is_number(std::string_view text) {
  return !text.empty() && text.size() < 12 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// The first path segment that is NodeBB's own and not the folder that the board lies in; npos when there is none.
std::size_t route_in(const std::vector<std::string_view>& segments) {
  static constexpr std::array<std::string_view, 9> kRoutes{"api",     "category", "topic", "recent", "categories",
                                                           "popular", "top",      "tags",  "unread"};
  for (std::size_t i = 0; i < segments.size(); ++i)
    if (std::find(kRoutes.begin(), kRoutes.end(), segments[i]) != kRoutes.end()) return i;
  return std::string_view::npos;
}

struct Route {
  std::string folder;                      // "" or "/forum"
  std::vector<std::string_view> segments;  // after "api"
};

// Views into `url`'s path.
Route route_of(const Url& url) {
  std::vector<std::string_view> segments;
  for (const std::string_view segment : split(url.path, '/'))
    if (!segment.empty()) segments.push_back(segment);
  const std::size_t at = std::min(route_in(segments), segments.size());
  Route route;
  for (std::size_t i = 0; i < at; ++i) route.folder += "/" + std::string(segments[i]);
  const bool api = at < segments.size() && segments[at] == "api";
  route.segments.assign(segments.begin() + static_cast<std::ptrdiff_t>(at + (api ? 1 : 0)), segments.end());
  return route;
}

std::string later_page(const Url& url) {
  const std::string page = query_parameter(url, "page");
  return is_number(page) && page != "0" && page != "1" ? "page=" + page : std::string();
}

bool recognises(const Document& document) {
  const std::string_view body = document.body;
  const auto holds = [&](std::string_view part) { return body.find(part) != std::string_view::npos; };
  if (is_json(document)) return names_nodebb(body);
  return is_html(document) && (holds("id=\"ajaxify-data\"") || (holds("component=\"post\"") && holds("data-pid=")));
}

// From a site's root the categories are asked for, not what is recent: they name every category with its counts and its
// last post, so that an unchanged board costs one request, and their listings reach every topic. /api/recent ends after
// recentMaxTopics (200 unless set otherwise).
std::vector<Request> plan(const config::SourceSpec& source, const Cursor&) {
  const auto url = page_address(source.url);
  if (!url) return {};
  return {{api_address(*url).text(), PageRole::entry, {}}};
}

ParsedPage parse(const Document& document) {
  std::string utf8 = to_utf8(document.body, document.charset, is_json(document) ? Markup::json : Markup::html);
  const std::string_view start = trim(std::string_view(utf8).substr(0, 1024));
  if (start.starts_with('<')) return read_page(document, std::move(utf8));
  return read_api(document, utf8);
}

}  // namespace

std::optional<Time> written_at(std::int64_t millis) {
  constexpr std::int64_t kYear2100 = 4'102'444'800'000;
  if (millis <= 0 || millis >= kYear2100) return std::nullopt;
  return from_millis(millis);
}

bool names_nodebb(std::string_view json) {
  static constexpr std::array<std::string_view, 3> kKeys{"\"mainPid\"", "\"titleRaw\"", "\"bodyClass\""};
  return std::any_of(kKeys.begin(), kKeys.end(), [&](auto key) { return json.find(key) != std::string_view::npos; });
}

Url api_address(const Url& url) {
  const Route route = route_of(url);
  Url api = url;
  api.query.clear();
  const std::string_view kind = route.segments.empty() ? std::string_view("categories") : route.segments.front();
  api.path = route.folder + "/api/" + std::string(kind);
  const bool numbered = (kind == "topic" || kind == "category") && route.segments.size() > 1;
  for (std::size_t i = 1; i < route.segments.size() && !(numbered && i > 1); ++i)
    api.path += "/" + std::string(route.segments[i]);
  api.query = later_page(url);
  return api;
}

std::string board_of(const Url& any) { return any.origin() + route_of(any).folder; }

std::string api_page(const Url& any, std::string_view kind, std::string_view number, std::int64_t page) {
  std::string address = board_of(any) + "/api/" + std::string(kind);
  if (!number.empty()) address += "/" + std::string(number);
  return page > 1 ? address + "?page=" + std::to_string(page) : address;
}

Parser adapter() { return {"nodebb", recognises, plan, parse}; }

}  // namespace hw::parsers::nodebb
