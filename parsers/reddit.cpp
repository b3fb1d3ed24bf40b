// Reddit's API (oauth.reddit.com): new posts and comments of subreddits, and searches. For an application's own token;
// nobody logs in. A listing's `after` leads on until about 1,000 entries back.
#include "parsers/adapters.h"
#include "parsers/addresses.h"
#include "parsers/api.h"

namespace hw::parsers::reddit {
namespace {

constexpr std::string_view kApi = "https://oauth.reddit.com";
constexpr std::string_view kSite = "https://www.reddit.com";

// What an address asks for: listings by their path, or a search.
struct Wanted {
  std::vector<std::string> listings;
  std::string query;
  std::string within;  // "/r/garden", for a search
};

bool is_profile(const std::string& subreddit) { return subreddit.starts_with("u_"); }

Result<Wanted> wanted_by(const Url& url) {
  const auto parts = path_parts(url);
  const std::string kind = parts.empty() ? "" : parts[0];
  if (kind == "user" || kind == "u") return follows_a_person("a user's page");
  Wanted wanted;
  const bool board = kind == "r" && parts.size() > 1;
  if (board && is_profile(parts[1])) return follows_a_person("a user's page");
  if (board) wanted.within = "/r/" + parts[1];
  const std::string what = board && parts.size() > 2 ? parts[2] : board ? "" : kind;
  if (what == "search") {
    wanted.query = words_in(url, "q");
    if (wanted.query.empty()) return not_read("a search without q=…");
    if (names_a_person(wanted.query, {"author:"})) return follows_a_person("a search by author");
    return wanted;
  }
  if (!board || (what == "comments" && parts.size() > 3))
    return not_read("name a subreddit (https://www.reddit.com/r/NAME, …/new, …/comments) or a search");
  if (what != "comments") wanted.listings.push_back(wanted.within + "/new");
  if (what != "new") wanted.listings.push_back(wanted.within + "/comments");
  return wanted;
}

bool is_reddit(const Url& url) { return is_on(url, "reddit.com") || is_loopback(url.host); }

Result<Access> access(const config::SourceSpec& source) {
  const auto url = parse_url(source.url);
  if (!url || !is_reddit(*url)) return not_read("name one on www.reddit.com");
  if (const auto wanted = wanted_by(*url); !wanted) return tl::unexpected(wanted.error());
  Access access;
  access.site = api_origin(source, kApi);
  access.show = Access::Show::bearer;
  access.exchange.endpoint = api_origin(source, kSite) + "/api/v1/access_token";
  access.exchange.fields = {{"grant_type", "client_credentials", ""}};
  access.exchange.basic_user = "client_id";
  access.exchange.basic_password = "client_secret";
  access.needs = {"client_id", "client_secret"};
  return access;
}

std::vector<Request> plan(const config::SourceSpec& source, const Cursor&) {
  if (!access(source)) return {};
  const auto wanted = wanted_by(*parse_url(source.url));
  const std::string origin = api_origin(source, kApi);
  std::vector<Request> requests;
  for (const std::string& listing : wanted->listings)
    requests.push_back({api_address(origin, listing, {{"limit", "100"}, {"raw_json", "1"}}), PageRole::entry, {}});
  if (!wanted->query.empty())
    requests.push_back({api_address(origin, wanted->within + "/search",
                                    {{"q", wanted->query},
                                     {"restrict_sr", wanted->within.empty() ? "" : "1"},
                                     {"sort", "new"},
                                     {"type", "link"},
                                     {"limit", "100"},
                                     {"raw_json", "1"}}),
                        PageRole::entry,
                        {}});
  return requests;
}

bool is_gone(const Json& data, const std::string& text) {
  return text == "[deleted]" || text == "[removed]" || !data.text("removed_by_category").empty();
}

// Without raw_json=1 the HTML comes escaped once more.
std::string html_in(const Json& data, std::string_view key) {
  std::string html = data.text(key);
  return html.starts_with("&lt;") ? written_in(html, {}, nullptr).text : html;
}

void read_body(const Json& data, std::string_view key, Post& post, ParsedPage& page) {
  const std::string html = html_in(data, std::string(key) + "_html");
  const std::string base = std::string(kSite) + "/";
  if (html.empty())
    take_markdown(data.text(key), base, post, page);
  else
    take_html(html, base, post, page);
}

// A link that is the post, and what is posted again from elsewhere: that is another's.
void read_shared(const Json& data, Post& post) {
  for (const Json& original : data.at("crosspost_parent_list").items()) {
    const std::string text = original.text("title") + '\n' + original.text("selftext");
    if (text.size() > 1) post.quotes.push_back(text);
  }
  if (data.flag("is_self")) return;
  Link link{written_link(std::string(kSite) + "/", data.text("url")), ""};
  if (!link.url.empty()) post.links.push_back(std::move(link));
}

Post read_entry(const Json& data, bool comment, ParsedPage& page) {
  Post post;
  post.id = data.text("name");
  post.as_served = data.as_served({"replies", "crosspost_parent_list"});
  const std::string permalink = data.text("permalink");
  if (permalink.starts_with('/')) post.url = std::string(kSite) + permalink;
  const std::string author = data.text("author");
  if (author != "[deleted]") {
    post.author = author;
    post.author_id = data.text("author_fullname");
  }
  post.created_at = from_seconds(data.number("created_utc"));
  if (comment) post.reply_to = data.text("parent_id");
  const std::string_view key = comment ? "body" : "selftext";
  if (data.number("edited") > 0) post.state = PostState::edited;
  if (is_gone(data, data.text(key))) {
    post.state = PostState::deleted;
    return post;
  }
  read_body(data, key, post, page);
  if (comment) return post;
  post.title = data.text("title");
  if (const std::string flair = data.text("link_flair_text"); !flair.empty()) post.tags.push_back(flair);
  read_shared(data, post);
  return post;
}

// The entries of a listing; a thread's comments hold their replies as further listings.
std::size_t read_listing(const Json& listing, ParsedPage& page, Extent& extent, std::string& track) {
  std::vector<Json> waiting{listing};
  std::size_t entries = 0;
  while (!waiting.empty()) {
    const auto children = waiting.back().at("data").at("children").items();
    waiting.pop_back();
    entries += children.size();
    for (const Json& child : children) {
      const std::string kind = child.text("kind");
      if (kind != "t1" && kind != "t3") continue;
      const Json data = child.at("data");
      if (data.at("replies").is_object()) waiting.push_back(data.at("replies"));
      Post post = read_entry(data, kind == "t1", page);
      if (post.id.size() > 3) widen(extent, post.id.substr(3));
      track = kind;
      add_post(std::move(post), page);
    }
  }
  return entries;
}

void read_answer(const Json& root, const Document& document, ParsedPage& page) {
  const std::vector<Json> listings = root.is_array() ? root.items() : std::vector<Json>{root};
  Extent extent;
  std::string track = document.url.find("/comments") != std::string::npos ? "t1" : "t3";
  std::size_t entries = 0;
  bool any = false;
  for (const Json& listing : listings) {
    if (listing.text("kind") != "Listing" || !listing.at("data").at("children").is_array()) continue;
    any = true;
    entries += read_listing(listing, page, extent, track);
  }
  if (!any) return read_api_error(root, page);
  if (page.posts.empty() && entries > 0) page.state = ReadState::changed;
  if (root.is_array()) return;
  const std::string after = root.at("data").text("after");
  go_on(document, track, extent, next_page(document, "after", after), page);
}

ParsedPage parse(const Document& document) {
  ParsedPage page;
  if (const auto tree = read_json(document, page)) read_answer(tree->root(), document, page);
  return page;
}

bool recognises(const Document& document) {
  const auto url = parse_url(document.url);
  if (url && is_on(*url, "reddit.com")) return true;
  const auto start = std::string_view(document.body).substr(0, 400);
  return is_json(document) && start.find("\"Listing\"") != std::string_view::npos;
}

}  // namespace

Parser adapter() { return {"reddit", recognises, plan, parse, access, "reddit"}; }

}  // namespace hw::parsers::reddit
