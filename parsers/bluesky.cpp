// Bluesky's search for posts. https://docs.bsky.app/docs/api/app-bsky-feed-search-posts
#include "parsers/bluesky.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "common/text.h"
#include "common/url.h"
#include "parsers/adapters.h"
#include "parsers/api.h"
#include "parsers/limits.h"

namespace hw::parsers::bluesky {
namespace {

constexpr std::string_view kSearch = "/xrpc/app.bsky.feed.searchPosts";
constexpr std::size_t kPageSize = 100;
constexpr std::int64_t kDeepestCursor = 9'000;  // a search goes no deeper than 10,000: what is older is a slice anew
// Posts are indexed a little after they were written.
constexpr Duration kOverlap{std::chrono::minutes(10)};

bool recognises(const Document& document) {
  const std::string_view body = document.body;
  const auto holds = [&](std::string_view part) { return body.find(part) != std::string_view::npos; };
  if (!is_json(document) || holds("\"time_us\"")) return false;
  const bool answer = holds("\"posts\":[") || holds("\"feed\":[");  // not a person's own repository
  return (answer && holds(kPostCollection)) || document.url.find("/xrpc/app.bsky.feed.") != std::string::npos;
}

// Searches that are for what a named person wrote, or what names them.
bool follows_a_person(const Url& url) {
  const std::string query = to_lower(query_parameter(url, "q"));
  const auto holds = [&](std::string_view part) { return query.find(part) != std::string::npos; };
  return !query_parameter(url, "author").empty() || !query_parameter(url, "mentions").empty() || holds("from:") ||
         holds("to:") || holds("mentions:") || holds("did:");
}

std::optional<Url> search_in(const config::SourceSpec& source) {
  auto url = parse_url(source.url);
  if (!url || query_parameter(*url, "q").empty() || follows_a_person(*url)) return std::nullopt;
  if (url->path.find("/xrpc/") != std::string::npos && url->path != kSearch) return std::nullopt;
  url->path = kSearch;
  *url = without_parameters(*url, {"cursor", "since", "until", "sort", "limit"});
  return with_parameter(with_parameter(*url, "sort", "latest"), "limit", std::to_string(kPageSize));
}

// The cursor is the time of the newest post that was seen.
std::vector<Request> plan(const config::SourceSpec& source, const Cursor& cursor) {
  auto url = search_in(source);
  if (!url) return {};
  if (const auto newest = parse_rfc3339(cursor)) url = with_parameter(*url, "since", to_rfc3339(*newest - kOverlap));
  const auto address = parse_url(url->text());
  if (!address) return {};
  return {{address->text(), PageRole::entry, {}}};
}

// The public AppView searches for nobody who has no session: an account of the operator's own, at the server that it
// lives at, whose app password can do no more than that. A session is made anew before it ends, one an hour: servers
// allow 300 a day (https://docs.bsky.app/docs/advanced-guides/rate-limits), so that a refresh token need not be kept.
Result<Access> access(const config::SourceSpec& source) {
  const auto url = search_in(source);
  if (!url)
    return fail(ErrorCode::configuration,
                "its url must be a search at the server of your account, https://pds.example/?q=words, and for nothing "
                "that a named person wrote");
  Access access;
  if (source.credentials.empty()) return access;
  access.show = Access::Show::bearer;
  access.needs = {"identifier", "app_password"};
  access.exchange.endpoint = url->origin() + "/xrpc/com.atproto.server.createSession";
  access.exchange.body = TokenExchange::Body::json;
  access.exchange.fields = {{"identifier", "", "identifier"}, {"password", "", "app_password"}};
  access.exchange.token_key = "accessJwt";
  return access;
}

// "at://did:plc:x/app.bsky.feed.post/3k"
std::string record_key_in(const std::string& uri) { return uri.substr(uri.rfind('/') + 1); }

// The posts that this one shows below its own words.
void read_quotes(Json embed, Post& post) {
  for (const Json record : {embed.at("record"), embed.at("record").at("record")}) {
    std::string text = record.at("value").text("text");
    if (!text.empty()) post.quotes.push_back(std::move(text));
  }
}

Post read_post(Json view) {
  Post post;
  post.id = view.text("uri");
  const Json author = view.at("author");
  post.author = author.text("handle");
  post.author_id = author.text("did");
  post.author_display = author.text("displayName");
  post.author_bio = author.text("description");
  post.url = permalink(post.author_id, record_key_in(post.id));
  read_record(view.at("record"), post);
  if (!post.created_at) post.created_at = parse_rfc3339(view.text("indexedAt"));
  read_quotes(view.at("embed"), post);
  // Without quoted posts, pictures, and what the reading account has to do with it.
  post.as_served = view.as_served({"value", "viewer", "avatar", "thumb", "fullsize", "playlist", "image", "thumbnail"});
  return post;
}

// A search's hits are posts; in a feed each is wrapped.
std::vector<Json> views_in(Json answer) {
  std::vector<Json> views = answer.at("posts").items();
  for (const Json item : answer.at("feed").items()) views.push_back(item.at("post"));
  std::erase_if(views, [](Json view) { return !view.at("record").is_object() || view.text("uri").empty(); });
  return views;
}

std::optional<Time> sorted_by(Json view) {
  const auto indexed = parse_rfc3339(view.text("indexedAt"));
  const auto created = parse_rfc3339(view.at("record").text("createdAt"));
  return indexed && created ? std::min(indexed, created) : indexed;
}

// Some servers count, others write a time and a record's name: those know no depth.
bool is_deep(const std::string& cursor) {
  std::int64_t offset = 0;
  const auto [end, error] = std::from_chars(cursor.data(), cursor.data() + cursor.size(), offset);
  return error == std::errc{} && end == cursor.data() + cursor.size() && offset > kDeepestCursor;
}

// By the answer's cursor; where it gives none and the page is full, or the search is as deep as it goes, the next slice
// ends where this page does.
std::optional<Request> next_page(Json answer, const std::vector<Json>& views, const Url& url) {
  if (url.path != kSearch || views.empty()) return std::nullopt;
  const std::string cursor = answer.text("cursor");
  std::optional<Url> next;
  if (!cursor.empty() && !is_deep(cursor)) {
    next = with_parameter(url, "cursor", cursor);
  } else if (const auto oldest = sorted_by(views.back()); oldest && (!cursor.empty() || views.size() >= kPageSize)) {
    next = with_parameter(without_parameters(url, {"cursor"}), "until", to_rfc3339(*oldest));
  }
  const auto address = next ? parse_url(next->text()) : tl::unexpected(Error{});
  if (!address || address->text() == url.text()) return std::nullopt;
  return Request{address->text(), PageRole::listing, {}};
}

void remember_newest(const std::vector<Json>& views, const Document& document, ParsedPage& into) {
  std::optional<Time> newest = parse_rfc3339(document.cursor);
  for (const Json view : views)
    if (const auto time = sorted_by(view); time && *time <= document.fetched_at && (!newest || *time > *newest))
      newest = time;
  if (newest) into.cursor = to_rfc3339(*newest);
}

ReadState state_of_other(Json answer) {
  static constexpr std::array<std::string_view, 5> kNoSession{"AuthMissing", "AuthenticationRequired", "ExpiredToken",
                                                              "InvalidToken", "Forbidden"};
  const std::string error = answer.text("error");
  if (std::find(kNoSession.begin(), kNoSession.end(), error) != kNoSession.end()) return ReadState::login_wall;
  return error.empty() ? ReadState::not_ours : ReadState::error_page;
}

ParsedPage parse(const Document& document) {
  ParsedPage page;
  const auto tree = read_json(document, page);
  if (!tree) return page;
  const auto url = parse_url(document.url);
  const Json answer = tree->root();
  if (!url || !answer.is_object()) {
    page.state = recognises(document) ? ReadState::changed : ReadState::not_ours;
    return page;
  }
  if (!answer.at("posts").is_array() && !answer.at("feed").is_array()) {
    page.state = state_of_other(answer);
    return page;
  }
  const std::vector<Json> views = views_in(answer);
  for (const Json view : views)
    if (page.posts.size() < kMostPosts) page.posts.push_back(read_post(view));
  if (views.size() > kMostPosts) page.warnings.push_back(warning_of_posts(views.size()));
  if (views.empty() && !(answer.at("posts").items().empty() && answer.at("feed").items().empty()))
    page.state = ReadState::changed;
  page.next = next_page(answer, views, *url);
  remember_newest(views, document, page);
  return page;
}

}  // namespace

Parser adapter() { return {"bluesky", recognises, plan, parse, access, "bluesky"}; }

}  // namespace hw::parsers::bluesky
