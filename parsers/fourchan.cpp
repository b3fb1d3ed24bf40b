// 4chan's read-only API (a.4cdn.org): a board's list of threads, each with when it last changed, and the threads. What
// changed is told by that time, so a thread is asked for again only when somebody wrote in it; pages are asked for with
// If-Modified-Since, as the API's rules want it.
#include <algorithm>

#include "parsers/adapters.h"
#include "parsers/api.h"
#include "parsers/limits.h"
#include "parsers/select.h"

namespace hw::parsers::fourchan {
namespace {

constexpr std::string_view kApi = "https://a.4cdn.org";
constexpr std::string_view kSite = "https://boards.4chan.org";

bool is_word(std::string_view text) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789";
  return !text.empty() && text.size() <= 16 && text.find_first_not_of(kAllowed) == std::string_view::npos;
}

bool is_digits(std::string_view text) {
  return !text.empty() && text.size() < 19 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// "/g/", "/g/catalog", "/g/thread/123", "/g/threads.json", "/g/thread/123.json"
struct Place {
  std::string board;
  std::string thread;
};

std::optional<Place> place_of(const Url& url) {
  const auto parts = path_parts(url);
  if (parts.empty() || !is_word(parts[0])) return std::nullopt;
  Place place{parts[0], {}};
  if (parts.size() > 2 && parts[1] == "thread") {
    place.thread = parts[2].substr(0, parts[2].find('.'));
    if (!is_digits(place.thread)) return std::nullopt;
  }
  return place;
}

bool is_board_host(const Url& url) {
  return is_on(url, "4chan.org") || is_on(url, "4channel.org") || url.host == "a.4cdn.org" || is_loopback(url.host);
}

Result<Access> access(const config::SourceSpec& source) {
  const auto url = parse_url(source.url);
  if (!url || !is_board_host(*url) || !place_of(*url)) return not_read("name a board (https://boards.4chan.org/NAME/)");
  Access access;
  access.site = api_origin(source, kApi);
  return access;
}

std::string thread_address(std::string_view origin, const Place& place) {
  return api_address(origin, "/" + place.board + "/thread/" + place.thread + ".json", {});
}

std::vector<Request> plan(const config::SourceSpec& source, const Cursor&) {
  if (!access(source)) return {};
  const auto place = place_of(*parse_url(source.url));
  const std::string origin = api_origin(source, kApi);
  if (!place->thread.empty()) return {{thread_address(origin, *place), PageRole::entry, {}}};
  return {{api_address(origin, "/" + place->board + "/threads.json", {}), PageRole::entry, {}}};
}

void read_threads(const Json& pages, const Url& url, const Place& place, ParsedPage& page) {
  for (const Json& listed : pages.items())
    for (const Json& thread : listed.at("threads").items()) {
      const std::string number = thread.text("no");
      if (!is_digits(number)) continue;
      const std::string stamp = thread.text("last_modified") + "/" + thread.text("replies");
      page.links.push_back({thread_address(url.origin(), {place.board, number}), PageRole::thread, stamp});
    }
  page.links = each_once(std::move(page.links));
  if (page.links.empty() && pages.size() > 0) page.state = ReadState::changed;
}

// The post that the first "&gt;&gt;123" answers.
std::string answered_in(const std::string& html) {
  const auto at = html.find("href=\"#p");
  if (at == std::string::npos) return {};
  const std::string_view rest = std::string_view(html).substr(at + 8);
  const std::string_view number = rest.substr(0, rest.find('"'));
  return is_digits(number) ? std::string(number) : std::string();
}

// Nobody is "Anonymous": a name stands for an account only where a tripcode, or the id that a board gives, proves it.
void read_poster(const Json& source, const std::string& thread, Post& post) {
  const std::string name = written_in(source.text("name"), {}, nullptr).text;
  const std::string trip = source.text("trip");
  const std::string id = source.text("id");
  post.author_display = name;
  if (!trip.empty())
    post.author = post.author_id = name + trip;
  else if (!id.empty())
    post.author = post.author_id = thread + "/" + id;
}

Post read_post(const Json& source, const Place& place, ParsedPage& page) {
  Post post;
  const std::string number = source.text("no");
  if (!is_digits(number)) return post;
  post.id = place.board + "/" + number;
  post.as_served = source.as_served();
  std::string thread = source.text("resto");
  if (thread.empty() || thread == "0") thread = number;
  post.url = std::string(kSite) + "/" + place.board + "/thread/" + thread + "#p" + number;
  post.created_at = from_seconds(source.number("time"));
  read_poster(source, thread, post);
  const std::string html = source.text("com");
  take_html(html, post.url, post, page);
  post.title = written_in(source.text("sub"), {}, nullptr).text;
  if (thread != number) {
    const std::string answered = answered_in(html);
    post.reply_to = place.board + "/" + (answered.empty() ? thread : answered);
  }
  return post;
}

void read_thread(const Json& posts, const Place& place, ParsedPage& page) {
  for (const Json& post : posts.items()) add_post(read_post(post, place, page), page);
  if (page.posts.empty()) page.state = ReadState::changed;
}

ParsedPage parse(const Document& document) {
  ParsedPage page;
  const auto tree = read_json(document, page);
  const auto url = parse_url(document.url);
  const auto place = url ? place_of(*url) : std::nullopt;
  if (!tree) return page;
  const Json root = tree->root();
  if (!place)
    page.state = ReadState::not_ours;
  else if (root.at("posts").is_array())
    read_thread(root.at("posts"), *place, page);
  else if (root.is_array())
    read_threads(root, *url, *place, page);
  else
    read_api_error(root, page);
  return page;
}

bool recognises(const Document& document) {
  const auto url = parse_url(document.url);
  return url && (url->host == "a.4cdn.org" || url->path.ends_with("/threads.json"));
}

}  // namespace

Parser adapter() { return {"4chan", recognises, plan, parse, access, "4chan"}; }

}  // namespace hw::parsers::fourchan
