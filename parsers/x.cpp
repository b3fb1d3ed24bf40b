// X's API v2: recent search, seven days back. Each post that is read costs the operator, so what was read is not asked
// for again (since_id).
#include "parsers/x.h"

#include <map>

#include "common/text.h"
#include "parsers/adapters.h"
#include "parsers/addresses.h"
#include "parsers/limits.h"

namespace hw::parsers::x {
namespace {

constexpr std::string_view kApi = "https://api.x.com";

Result<std::string> query_of(const Url& url) {
  const auto parts = path_parts(url);
  const std::string first = parts.empty() ? "" : parts[0];
  std::string query;
  if (first == "hashtag" && parts.size() > 1) query = "#" + parts[1];
  if (first == "search") query = words_in(url, "q");
  if (first == "2" || first == "i") query = words_in(url, first == "2" ? "query" : "q");
  if (query.empty() && !first.empty() && first != "search" && first != "hashtag" && first != "2" && first != "i")
    return follows_a_person("an account's page");
  if (query.empty())
    return not_read("name a search (https://x.com/search?q=…) or a hashtag (https://x.com/hashtag/NAME)");
  if (names_a_person(query, {"from:", "to:", "retweets_of:", "list:"})) return follows_a_person("a search by account");
  return query;
}

Result<Access> access(const config::SourceSpec& source) {
  const auto url = parse_url(source.url);
  const bool known = url && (is_on(*url, "x.com") || is_on(*url, "twitter.com") || is_loopback(url->host));
  if (!known) return not_read("name a search on https://x.com");
  if (const auto query = query_of(*url); !query) return tl::unexpected(query.error());
  Access access;
  access.site = api_origin(source, kApi);
  access.show = Access::Show::bearer;
  access.credential = "bearer";
  access.needs = {"bearer"};
  return access;
}

std::vector<Request> plan(const config::SourceSpec& source, const Cursor& cursor) {
  if (!access(source)) return {};
  const auto query = query_of(*parse_url(source.url));
  return {{api_address(api_origin(source, kApi), "/2/tweets/search/recent",
                       {{"query", *query},
                        {"max_results", "100"},
                        {"tweet.fields",
                         "author_id,created_at,edit_history_tweet_ids,entities,lang,note_tweet,"
                         "referenced_tweets"},
                        {"expansions", "author_id,referenced_tweets.id,referenced_tweets.id.author_id"},
                        {"user.fields", "description,name,username"},
                        {"since_id", floor_of(cursor, "posts")}}),
           PageRole::entry,
           {}}};
}

// What an answer holds beside its posts, by id.
struct Included {
  std::map<std::string, Json> users;
  std::map<std::string, Json> posts;
};

Included included_in(const Json& answer) {
  Included out;
  for (const Json& user : answer.at("includes").at("users").items()) out.users.emplace(user.text("id"), user);
  for (const Json& post : answer.at("includes").at("tweets").items()) out.posts.emplace(post.text("id"), post);
  return out;
}

// Long posts have their whole text apart.
std::string words_of(const Json& source, Post* post) {
  const Json note = source.at("note_tweet");
  const std::string whole = note.text("text");
  if (!whole.empty()) return readable(whole, note.at("entities").at("urls"), post);
  return readable(source.text("text"), source.at("entities").at("urls"), post);
}

// True when the post only passes on another's.
bool read_references(const Json& source, const Included& included, Post& post) {
  bool passed_on = false;
  for (const Json& reference : source.at("referenced_tweets").items()) {
    const std::string type = reference.text("type");
    const std::string id = reference.text("id");
    if (type == "replied_to") post.reply_to = id;
    if (type != "retweeted" && type != "quoted") continue;
    passed_on = passed_on || type == "retweeted";
    const auto original = included.posts.find(id);
    if (original != included.posts.end()) post.quotes.push_back(words_of(original->second, nullptr));
  }
  return passed_on;
}

void read_author(const Json& source, const Included& included, Post& post) {
  post.author_id = source.text("author_id");
  const auto user = included.users.find(post.author_id);
  if (user == included.users.end()) return;
  post.author = user->second.text("username");
  post.author_display = user->second.text("name");
  post.author_bio =
      readable(user->second.text("description"), user->second.at("entities").at("description").at("urls"), nullptr);
}

Post read_post(const Json& source, const Included& included) {
  Post post;
  post.id = source.text("id");
  post.as_served = source.as_served();
  read_author(source, included, post);
  post.url = address_of(post.author, post.id);
  post.created_at = time_of(source.text("created_at"));
  post.lang = source.text("lang");
  if (post.lang == "und" || post.lang.starts_with('q') || post.lang == "zxx")
    post.lang.clear();  // X's own, no languages
  if (source.at("edit_history_tweet_ids").size() > 1) post.state = PostState::edited;
  if (read_references(source, included, post)) {
    if (post.quotes.empty()) post.quotes.push_back(words_of(source, nullptr));
    return post;
  }
  post.text = words_of(source, &post);
  for (const Json& hashtag : source.at("entities").at("hashtags").items())
    if (std::string tag = hashtag.text("tag"); !tag.empty() && post.tags.size() < kMostTags)
      post.tags.push_back(std::move(tag));
  return post;
}

void read_search(const Json& answer, const Document& document, ParsedPage& page) {
  const Included included = included_in(answer);
  const Json data = answer.at("data");
  Extent extent;
  for (const Json& source : data.items()) {
    if (!source.at("text")) continue;
    Post post = read_post(source, included);
    widen(extent, post.id);
    add_post(std::move(post), page);
  }
  if (page.posts.empty() && data.size() > 0) page.state = ReadState::changed;
  const std::string next = answer.at("meta").text("next_token");
  go_on(document, "posts", extent, next_page(document, "next_token", next), page);
}

void read_statuses(const std::vector<Json>& statuses, ParsedPage& page) {
  for (const Json& status : statuses)
    if (is_status(status)) add_post(read_status(status), page);
  if (page.posts.empty() && !statuses.empty()) page.state = ReadState::changed;
}

ParsedPage parse(const Document& document) {
  ParsedPage page;
  const auto tree = read_json(document, page);
  if (!tree) return page;
  const Json root = tree->root();
  if (root.at("data").is_array() || root.at("meta").at("result_count"))
    read_search(root, document, page);
  else if (root.at("data").at("text"))
    add_post(read_post(root.at("data"), included_in(root)), page);
  else if (root.is_array() || root.at("statuses").is_array())
    read_statuses(root.is_array() ? root.items() : root.at("statuses").items(), page);
  else if (is_status(root))
    add_post(read_status(root), page);
  else
    read_api_error(root, page);
  return page;
}

bool recognises(const Document& document) {
  const auto url = parse_url(document.url);
  if (url && (url->host == "api.x.com" || url->host == "api.twitter.com")) return true;
  const std::string_view body = document.body;
  return is_json(document) && body.find("\"author_id\"") != std::string_view::npos &&
         body.find("\"result_count\"") != std::string_view::npos;
}

bool shows_media(std::string_view address) {
  return address.find("/photo/") != std::string_view::npos || address.find("/video/") != std::string_view::npos;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

}  // namespace

std::string readable(std::string text, const Json& urls, Post* post) {
  constexpr std::size_t kMostUrls = 100;
  std::size_t read = 0;
  for (const Json& entity : urls.items()) {
    const std::string shortened = entity.text("url");
    std::string leads_to = entity.text("unwound_url");
    if (leads_to.empty()) leads_to = entity.text("expanded_url");
    if (shortened.empty() || leads_to.empty() || ++read > kMostUrls) continue;
    const bool media = shows_media(leads_to);
    replace_all(text, shortened, media ? "" : leads_to);
    Link link{written_link("https://x.com/", leads_to), entity.text("display_url")};
    if (post != nullptr && !media && !link.url.empty()) post->links.push_back(std::move(link));
  }
  for (const auto& [escaped, plain] : {std::pair{"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}})
    replace_all(text, escaped, plain);
  return std::string(trim(text));
}

std::string address_of(const std::string& author, const std::string& id) {
  return "https://x.com/" + (author.empty() ? "i/web" : author) + "/status/" + id;
}

Parser adapter() { return {"x", recognises, plan, parse, access, "x"}; }

}  // namespace hw::parsers::x
