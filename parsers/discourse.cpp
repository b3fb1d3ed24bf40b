#include "parsers/discourse.h"

#include <algorithm>
#include <array>

#include "common/text.h"
#include "parsers/adapters.h"
#include "parsers/addresses.h"
#include "parsers/charset.h"

namespace hw::parsers::discourse {
namespace {

constexpr std::string_view kJson = ".json";

bool is_number(std::string_view text) {
  return !text.empty() && text.size() < 12 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

struct Route {
  std::string folder;                      // "" or "/forum"
  std::vector<std::string_view> segments;  // "t", "a-slug", "57"; without ".json"
};

// Views into `url`'s path.
Route route_of(const Url& url) {
  static constexpr std::array<std::string_view, 13> kRoutes{
      "t", "c", "tag", "tags", "latest", "top", "hot", "new", "posts", "categories", "u", "users", "login"};
  const auto is_route = [](std::string_view segment) {
    return std::find(kRoutes.begin(), kRoutes.end(), segment) != kRoutes.end();
  };
  Route route;
  for (std::string_view segment : split(url.path, '/')) {
    if (segment.ends_with(kJson)) segment.remove_suffix(kJson.size());
    if (segment.empty()) continue;
    if (route.segments.empty() && !is_route(segment))
      route.folder += "/" + std::string(segment);
    else
      route.segments.push_back(segment);
  }
  return route;
}

// A page that the operator asked for as Discourse shows it to crawlers.
bool asks_for_page(const Url& url) { return url.query.starts_with("_escaped_fragment_"); }

// The API's address for what an address of the board shows. From a site's root the newest posts of the whole board are
// read: one request tells what is new. Nobody's profile is read.
std::string api_address(const Url& url) {
  const Route route = route_of(url);
  const std::string board = url.origin() + route.folder;
  const std::string_view kind = route.segments.empty() ? std::string_view("posts") : route.segments.front();
  if (kind == "u" || kind == "users" || kind == "login") return {};
  if (kind == "t") {
    const std::string topic = topic_in(url);
    return topic.empty() ? std::string() : board + "/t/" + topic + std::string(kJson);
  }
  if (kind == "tags" || kind == "categories") return board + "/latest.json";
  std::string address = board + "/" + std::string(kind);
  for (std::size_t i = 1; i < route.segments.size(); ++i) address += "/" + std::string(route.segments[i]);
  return address + std::string(kJson);
}

bool recognises(const Document& document) {
  const std::string_view body = document.body;
  const auto holds = [&](std::string_view part) { return body.find(part) != std::string_view::npos; };
  if (is_json(document)) return names_discourse(body);
  return is_html(document) && (holds("content=\"Discourse ") || holds("crawler-post") || holds("data-discourse-setup"));
}

std::vector<Request> plan(const config::SourceSpec& source, const Cursor&) {
  const auto url = parse_url(source.url);
  if (!url) return {};
  if (asks_for_page(*url)) return {{url->text(), PageRole::entry, {}}};
  const auto address = parse_url(api_address(*url));
  if (!address) return {};
  return {{address->text(), PageRole::entry, {}}};
}

ParsedPage parse(const Document& document) {
  std::string utf8 = to_utf8(document.body, document.charset, is_json(document) ? Markup::json : Markup::html);
  const std::string_view start = trim(std::string_view(utf8).substr(0, 1024));
  if (start.starts_with('<')) return read_page(document, std::move(utf8));
  return read_api(document, utf8);
}

}  // namespace

std::string board_of(const Url& any) { return any.origin() + route_of(any).folder; }

// "/t/a-slug/57/3", "/t/57.json", "/t/57/3": the number is the first one, but a slug may be a number too.
std::string topic_in(const Url& url) {
  const Route route = route_of(url);
  const auto& segments = route.segments;
  if (segments.size() < 2 || segments.front() != "t") return {};
  if (segments.size() > 2 && is_number(segments[2]) && !is_number(segments[1])) return std::string(segments[2]);
  return is_number(segments[1]) ? std::string(segments[1]) : std::string();
}

std::string post_id(std::string_view topic, std::int64_t number) {
  return std::string(topic) + "/" + std::to_string(number);
}

std::string permalink(const Url& any, std::string_view slug, std::string_view topic, std::int64_t number) {
  const std::string name = slug.empty() ? std::string() : std::string(slug) + "/";
  return board_of(any) + "/t/" + name + post_id(topic, number);
}

bool names_discourse(std::string_view json) {
  static constexpr std::array<std::string_view, 5> kKeys{"\"post_stream\"", "\"topic_list\"", "\"latest_posts\"",
                                                         "\"cooked\"", "\"error_type\""};
  return std::any_of(kKeys.begin(), kKeys.end(), [&](auto key) { return json.find(key) != std::string_view::npos; });
}

Parser adapter() { return {"discourse", recognises, plan, parse}; }

}  // namespace hw::parsers::discourse
