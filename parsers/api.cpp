#include "parsers/api.h"

#include <algorithm>
#include <map>

#include "common/text.h"
#include "parsers/charset.h"
#include "parsers/instead.h"
#include "parsers/limits.h"
#include "parsers/markdown.h"

namespace hw::parsers {
namespace {

// The parts of a cursor are separated by what no id holds.
bool plain_id(const std::string& id) {
  return !id.empty() && id.size() <= 64 && id.find_first_of(" =/") == std::string::npos;
}

bool later(const std::string& a, const std::string& b) { return a.size() != b.size() ? a.size() > b.size() : a > b; }

struct Track {
  std::string floor;
  std::string top;
};

// "posts=17/23 comments=5/": floor and top of each track.
std::map<std::string, Track, std::less<>> tracks_of(const Cursor& cursor) {
  std::map<std::string, Track, std::less<>> tracks;
  for (const std::string_view part : split(cursor, ' ')) {
    const auto equals = part.find('=');
    const auto slash = part.find('/', equals == std::string_view::npos ? 0 : equals);
    if (equals == std::string_view::npos || slash == std::string_view::npos) continue;
    tracks[std::string(part.substr(0, equals))] = {std::string(part.substr(equals + 1, slash - equals - 1)),
                                                   std::string(part.substr(slash + 1))};
  }
  return tracks;
}

Cursor written(const std::map<std::string, Track, std::less<>>& tracks) {
  Cursor cursor;
  for (const auto& [name, track] : tracks) {
    if (track.floor.empty() && track.top.empty()) continue;
    if (!cursor.empty()) cursor += ' ';
    cursor += name + '=' + track.floor + '/' + track.top;
  }
  return cursor;
}

void take(Written written, bool text_alone, Post& post, ParsedPage& page) {
  post.text = std::move(written.text);
  post.links = std::move(written.links);
  for (std::string& quote : written.quotes) post.quotes.push_back(std::move(quote));
  if (text_alone && page.warnings.empty())
    page.warnings.emplace_back("posts are nested too deep for a tree: their text alone was taken");
}

}  // namespace

std::vector<std::string> path_parts(const Url& url) {
  std::vector<std::string> parts;
  for (const std::string_view part : split(url.path, '/')) {
    if (part.empty()) continue;
    Url one;
    one.query = "p=" + std::string(part);  // the same unescaping
    parts.push_back(query_parameter(one, "p"));
  }
  return parts;
}

std::string words_in(const Url& url, std::string_view parameter) {
  Url spaced = url;
  spaced.query.clear();
  for (const char c : url.query) spaced.query += c == '+' ? std::string("%20") : std::string(1, c);
  return query_parameter(spaced, parameter);
}

bool is_on(const Url& url, std::string_view host) {
  if (url.host == host) return true;
  return url.host.size() > host.size() && url.host.ends_with(host) &&
         url.host[url.host.size() - host.size() - 1] == '.';
}

std::string api_origin(const config::SourceSpec& source, std::string_view official) {
  const auto url = parse_url(source.url);
  return url && is_loopback(url->host) ? url->origin() : std::string(official);
}

std::string api_address(std::string_view origin, std::string_view path,
                        std::initializer_list<std::pair<std::string_view, std::string_view>> parameters) {
  auto url = parse_url(std::string(origin) + std::string(path));
  if (!url) return {};
  Url address = *url;
  for (const auto& [name, value] : parameters) address = with_parameter(address, name, value);
  return address.text();
}

std::optional<Request> next_page(const Document& document, std::string_view parameter, std::string_view value) {
  const auto url = parse_url(document.url);
  if (!url || value.empty()) return std::nullopt;
  const auto next = parse_url(with_parameter(*url, parameter, value).text());
  if (!next || next->text() == url->text()) return std::nullopt;
  return Request{next->text(), PageRole::listing, {}};
}

tl::unexpected<Error> not_read(std::string_view what) {
  return fail(ErrorCode::configuration, "its url is none that this kind reads: " + std::string(what));
}

tl::unexpected<Error> follows_a_person(std::string_view what) {
  return fail(ErrorCode::configuration, "its url leads to " + std::string(what) +
                                            ": no source follows a named person; name a board, a tag or a search");
}

bool names_a_person(std::string_view query, std::initializer_list<std::string_view> operators) {
  const std::string lower = to_lower(query);
  return std::any_of(operators.begin(), operators.end(),
                     [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

std::optional<JsonTree> read_json(const Document& document, ParsedPage& page) {
  const std::string utf8 = to_utf8(document.body, document.charset, Markup::json);
  const std::string_view start = trim(std::string_view(utf8).substr(0, 1024));
  const auto instead = [&](ReadState state, const char* warning) {
    page.state = state;
    page.warnings.emplace_back(warning);
    return std::optional<JsonTree>();
  };
  if (start.empty()) return instead(ReadState::error_page, "the answer is empty");
  if (start.starts_with('<')) {
    return instead(asks_for_password(utf8) ? ReadState::login_wall : ReadState::error_page,
                   "the answer is a page of HTML, not the API's JSON");
  }
  auto tree = JsonTree::parse(utf8);
  if (!tree) return instead(ReadState::changed, "the answer is not JSON, or was cut short");
  return tree;
}

void read_api_error(const Json& answer, ParsedPage& page) {
  const std::int64_t code =
      std::max({answer.number("error"), answer.number("status"), answer.at("meta").number("status")});
  std::string said = answer.text("error") + ' ' + answer.text("message") + ' ' + answer.text("title") + ' ' +
                     answer.text("reason") + ' ' + answer.text("detail") + ' ' + answer.at("meta").text("msg");
  for (const Json& error : answer.at("errors").items()) said += ' ' + error.text("message") + ' ' + error.text("title");
  said = to_lower(said);
  const auto says = [&](std::string_view part) { return said.find(part) != std::string::npos; };
  if (code == 401 || code == 403 || says("unauthor") || says("forbidden") || says("not_logged_in") || says("log in") ||
      says("login") || says("private") || says("authenticated"))
    page.state = ReadState::login_wall;
  else
    page.state = trim(said).empty() && code == 0 ? ReadState::changed : ReadState::error_page;
}

void take_html(std::string_view html, const std::string& base, Post& post, ParsedPage& page) {
  bool text_alone = false;
  Written written = written_in(html, base, &text_alone);
  take(std::move(written), text_alone, post, page);
}

void take_markdown(std::string_view markdown, const std::string& base, Post& post, ParsedPage& page) {
  take(written_in_markdown(markdown, base), false, post, page);
}

void add_post(Post post, ParsedPage& page) {
  if (post.id.empty() || page.posts.size() >= kMostPosts) return;
  if (post.state == PostState::deleted) {
    post.text.clear();
    post.title.clear();
    post.links.clear();
    post.quotes.clear();
    post.tags.clear();
  }
  page.posts.push_back(std::move(post));
}

std::optional<Time> from_seconds(std::int64_t seconds) {
  constexpr std::int64_t kYear2100 = 4'102'444'800;
  if (seconds <= 0 || seconds >= kYear2100) return std::nullopt;
  return from_millis(seconds * 1000);
}

void widen(Extent& extent, const std::string& id) {
  if (!plain_id(id)) return;
  if (extent.newest.empty() || later(id, extent.newest)) extent.newest = id;
  if (extent.oldest.empty() || later(extent.oldest, id)) extent.oldest = id;
}

std::string floor_of(const Cursor& cursor, std::string_view track) {
  const auto tracks = tracks_of(cursor);
  const auto found = tracks.find(track);
  return found == tracks.end() ? std::string() : found->second.floor;
}

Progress progress(const Document& document, std::string_view track, const Extent& extent) {
  auto tracks = tracks_of(document.cursor);
  Track& own = tracks[std::string(track)];
  if (!extent.newest.empty() && (own.top.empty() || later(extent.newest, own.top))) own.top = extent.newest;
  const bool read_before = !own.floor.empty() && !extent.oldest.empty() && !later(extent.oldest, own.floor);
  const bool reached = extent.is_last || read_before || extent.oldest.empty();
  if (reached) {
    if (!own.top.empty() && (own.floor.empty() || later(own.top, own.floor))) own.floor = own.top;
    own.top.clear();
  }
  return {written(tracks), reached};
}

void go_on(const Document& document, std::string_view track, Extent extent, std::optional<Request> next,
           ParsedPage& page) {
  if (page.state != ReadState::ok) return;
  extent.is_last = !next;
  Progress read = progress(document, track, extent);
  if (read.cursor != document.cursor) page.cursor = std::move(read.cursor);
  if (!read.reached) page.next = std::move(next);
}

}  // namespace hw::parsers
