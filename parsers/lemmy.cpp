// Lemmy's API, 0.19 (/api/v3) and 1.0 (/api/v4): posts and comments of a community or of a whole server, in Markdown.
// Asked by the page's address it is v3, which 1.0 answers too; an address under /api/v4 is asked as it stands.
#include "common/text.h"
#include "parsers/adapters.h"
#include "parsers/addresses.h"
#include "parsers/api.h"
#include "parsers/limits.h"
#include "parsers/markdown.h"

namespace hw::parsers::lemmy {
namespace {

constexpr std::size_t kPageSize = 50;

struct Wanted {
  std::string api = "/api/v3";
  std::string community;
  bool local = false;
  bool posts = true;
  bool comments = true;
};

Result<Wanted> wanted_by(const Url& url) {
  auto parts = path_parts(url);
  Wanted wanted;
  if (parts.size() > 1 && parts[0] == "api") {
    if (parts[1] != "v3" && parts[1] != "v4") return not_read("its API is one of /api/v3 and /api/v4");
    wanted.api = "/api/" + parts[1];
    parts.erase(parts.begin(), parts.begin() + 2);
    wanted.community = query_parameter(url, "community_name");
  }
  wanted.local =
      to_lower(query_parameter(url, "type_")) == "local" || to_lower(query_parameter(url, "listingType")) == "local";
  const std::string first = parts.empty() ? "" : parts[0];
  if (first == "u") return follows_a_person("an account's page");
  if (!query_parameter(url, "creator_id").empty() || !query_parameter(url, "person_id").empty())
    return follows_a_person("an account's posts");
  if (!query_parameter(url, "community_id").empty()) return not_read("name the community by its name (/c/NAME)");
  if (first == "c" && parts.size() > 1) wanted.community = parts[1];
  const bool list = parts.size() > 1 && parts[1] == "list";
  if (first == "post" && list) wanted.comments = false;
  if (first == "comment" && list) wanted.posts = false;
  const bool known = first.empty() || first == "c" || !wanted.posts || !wanted.comments;
  if (!known || (first == "c" && parts.size() < 2))
    return not_read("name a community (https://SERVER/c/NAME) or the server itself");
  return wanted;
}

Result<Access> access(const config::SourceSpec& source) {
  const auto url = parse_url(source.url);
  const auto wanted = url ? wanted_by(*url) : Result<Wanted>(tl::unexpected(url.error()));
  if (!wanted) return tl::unexpected(wanted.error());
  return Access{};
}

Request list_of(const Url& url, const Wanted& wanted, std::string_view kind) {
  const bool v4 = wanted.api == "/api/v4";
  return {api_address(url.origin(), wanted.api + "/" + std::string(kind) + "/list",
                      {{"community_name", wanted.community},
                       {"type_", wanted.local ? (v4 ? "local" : "Local") : (v4 ? "all" : "All")},
                       {"sort", v4 ? "new" : "New"},
                       {"limit", std::to_string(kPageSize)}}),
          PageRole::entry,
          {}};
}

std::vector<Request> plan(const config::SourceSpec& source, const Cursor&) {
  const auto url = parse_url(source.url);
  const auto wanted = url ? wanted_by(*url) : Result<Wanted>(tl::unexpected(url.error()));
  std::vector<Request> requests;
  if (!wanted) return requests;
  if (wanted->posts) requests.push_back(list_of(*url, *wanted, "post"));
  if (wanted->comments) requests.push_back(list_of(*url, *wanted, "comment"));
  return requests;
}

// v3 writes times without a zone before 0.19; they are UTC.
std::optional<Time> time_in(const Json& value, std::string_view v3, std::string_view v4) {
  std::string text = value.text(v4);
  if (text.empty()) text = value.text(v3);
  if (const auto time = parse_rfc3339(text)) return time;
  return parse_rfc3339(text + "Z");
}

std::string host_in(const std::string& address) {
  const auto url = parse_url(address);
  return url ? url->authority() : std::string();
}

// "name" for who is at home on this server, "name@home" for others.
void read_creator(const Json& creator, const std::string& base, Post& post) {
  post.author = creator.text("name");
  std::string home = creator.text("ap_id");
  if (home.empty()) home = creator.text("actor_id");
  if (const std::string host = host_in(home); !post.author.empty() && !host.empty() && host != host_in(base))
    post.author += "@" + host;
  post.author_id = creator.text("id");
  post.author_display = creator.text("display_name");
  post.author_bio = written_in_markdown(creator.text("bio"), base).text;
}

void read_state(const Json& entry, Post& post) {
  if (time_in(entry, "updated", "updated_at")) post.state = PostState::edited;
  if (entry.flag("deleted") || entry.flag("removed")) post.state = PostState::deleted;
}

Post read_post(const Json& view, const std::string& base, ParsedPage& page) {
  const Json entry = view.at("post");
  Post post;
  post.as_served = view.as_served({"community"});
  post.id = "post/" + entry.text("id");
  post.url = entry.text("ap_id");
  post.created_at = time_in(entry, "published", "published_at");
  read_creator(view.at("creator"), base, post);
  read_state(entry, post);
  if (post.state == PostState::deleted) return post;
  post.title = entry.text("name");
  take_markdown(entry.text("body"), base, post, page);
  Link link{written_link(base, entry.text("url")), ""};
  if (!link.url.empty()) post.links.push_back(std::move(link));
  for (const Json& tag : view.at("tags").items())
    if (std::string name = tag.text("display_name"); !name.empty() && post.tags.size() < kMostTags)
      post.tags.push_back(std::move(name));
  return post;
}

// "0.12.34": what 34 answers is 12; the first answers the post.
std::string answered_by(const Json& entry) {
  const std::string path = entry.text("path");
  const auto ids = split(path, '.');
  if (ids.size() > 2) return "comment/" + std::string(ids[ids.size() - 2]);
  return "post/" + entry.text("post_id");
}

Post read_comment(const Json& view, const std::string& base, ParsedPage& page) {
  const Json entry = view.at("comment");
  Post post;
  post.as_served = view.as_served({"community", "post"});
  post.id = "comment/" + entry.text("id");
  post.url = entry.text("ap_id");
  post.created_at = time_in(entry, "published", "published_at");
  post.reply_to = answered_by(entry);
  read_creator(view.at("creator"), base, post);
  read_state(entry, post);
  if (post.state != PostState::deleted) take_markdown(entry.text("content"), base, post, page);
  return post;
}

// Featured posts stand above the order.
bool is_featured(const Json& entry) { return entry.flag("featured_community") || entry.flag("featured_local"); }

// v4 names what leads on; v3 does for posts, and counts pages for comments.
std::optional<Request> following(const Json& answer, const Document& document, std::size_t entries, bool comments) {
  const std::string next = answer.text("next_page");
  if (!next.empty()) return next_page(document, "page_cursor", next);
  const auto url = parse_url(document.url);
  const bool counted = comments && url && url->path.starts_with("/api/v3/");
  if (!counted || entries < kPageSize) return std::nullopt;
  const std::string page = query_parameter(*url, "page");
  const int number = page.empty() || page.size() > 6 ? 1 : std::atoi(page.c_str());
  return next_page(document, "page", std::to_string(number + 1));
}

void read_list(const Json& answer, const std::vector<Json>& views, bool comments, const Document& document,
               ParsedPage& page) {
  const auto url = parse_url(document.url);
  const std::string base = url ? url->origin() + "/" : std::string();
  Extent extent;
  for (const Json& view : views) {
    const Json entry = view.at(comments ? "comment" : "post");
    if (entry.text("id").empty()) continue;
    add_post(comments ? read_comment(view, base, page) : read_post(view, base, page), page);
    if (!is_featured(entry)) widen(extent, entry.text("id"));
  }
  if (page.posts.empty() && !views.empty()) page.state = ReadState::changed;
  go_on(document, comments ? "comments" : "posts", extent, following(answer, document, views.size(), comments), page);
}

bool holds_comments(const Json& answer) {
  if (answer.at("comments").is_array()) return true;
  const auto items = answer.at("items").items();
  return !items.empty() && items.front().at("comment");
}

ParsedPage parse(const Document& document) {
  ParsedPage page;
  const auto tree = read_json(document, page);
  if (!tree) return page;
  const Json root = tree->root();
  for (const char* key : {"posts", "comments", "items"}) {
    if (!root.at(key).is_array()) continue;
    read_list(root, root.at(key).items(), holds_comments(root), document, page);
    return page;
  }
  read_api_error(root, page);
  return page;
}

bool recognises(const Document& document) {
  const auto url = parse_url(document.url);
  if (!url) return false;
  const bool list = url->path.ends_with("/post/list") || url->path.ends_with("/comment/list");
  return list && (url->path.starts_with("/api/v3/") || url->path.starts_with("/api/v4/"));
}

}  // namespace

Parser adapter() { return {"lemmy", recognises, plan, parse, access, {}}; }

}  // namespace hw::parsers::lemmy
