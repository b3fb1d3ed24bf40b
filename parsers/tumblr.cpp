// Tumblr's API v2: what was posted under a tag. HTML is asked for, not text: only there do a blog's own words stand
// apart from what it passes on.
#include "common/text.h"
#include "parsers/adapters.h"
#include "parsers/addresses.h"
#include "parsers/api.h"
#include "parsers/limits.h"

namespace hw::parsers::tumblr {
namespace {

constexpr std::string_view kApi = "https://api.tumblr.com";
constexpr std::string_view kSite = "https://www.tumblr.com/";
constexpr std::size_t kPageSize = 20;

Result<std::string> tag_of(const Url& url) {
  const auto parts = path_parts(url);
  if (parts.size() == 2 && parts[0] == "tagged") {
    const bool of_one_blog = url.host != "www.tumblr.com" && url.host != "tumblr.com" && !is_loopback(url.host);
    if (of_one_blog) return follows_a_person("one blog's posts");
    return parts[1];
  }
  if (parts.size() == 2 && parts[0] == "v2" && parts[1] == "tagged") {
    if (std::string tag = query_parameter(url, "tag"); !tag.empty()) return tag;
  }
  const bool lists = parts.empty() || parts[0] == "search" || parts[0] == "explore" || parts[0] == "tagged";
  if (!lists || (url.host != "www.tumblr.com" && url.host != "tumblr.com")) return follows_a_person("a blog");
  return not_read("name a tag (https://www.tumblr.com/tagged/NAME)");
}

Result<Access> access(const config::SourceSpec& source) {
  const auto url = parse_url(source.url);
  if (!url || !(is_on(*url, "tumblr.com") || is_loopback(url->host)))
    return not_read("name a tag (https://www.tumblr.com/tagged/NAME)");
  if (const auto tag = tag_of(*url); !tag) return tl::unexpected(tag.error());
  Access access;
  access.site = api_origin(source, kApi);
  access.show = Access::Show::parameter;
  access.credential = "api_key";
  access.parameter = "api_key";
  access.needs = {"api_key"};
  return access;
}

std::vector<Request> plan(const config::SourceSpec& source, const Cursor&) {
  if (!access(source)) return {};
  const auto tag = tag_of(*parse_url(source.url));
  return {{api_address(api_origin(source, kApi), "/v2/tagged", {{"tag", *tag}, {"limit", std::to_string(kPageSize)}}),
           PageRole::entry,
           {}}};
}

std::string quoted(const std::string& html) { return written_in(html, kSite, nullptr).text; }

void add_quote(std::string text, Post& post) {
  if (!text.empty()) post.quotes.push_back(std::move(text));
}

// A trail is the chain of reblogs, the oldest first: what this blog added is its current item.
std::string own_of_trail(const Json& source, Post& post) {
  std::string own;
  for (const Json& item : source.at("trail").items()) {
    std::string html = item.text("content_raw");
    if (html.empty()) html = item.text("content");
    if (item.flag("is_current_item"))
      own = html;
    else
      add_quote(quoted(html), post);
  }
  return own;
}

// Posts made of blocks: their text, one a line.
std::string blocks_of(const Json& content, Post& post) {
  std::string html;
  for (const Json& block : content.items()) {
    const std::string text = block.text("text");
    for (const Json& mark : block.at("formatting").items())
      if (Link link{written_link(kSite, mark.text("url")), ""}; !link.url.empty())
        post.links.push_back(std::move(link));
    if (block.text("type") == "link")
      if (Link link{written_link(kSite, block.text("url")), block.text("title")}; !link.url.empty())
        post.links.push_back(std::move(link));
    if (!text.empty()) html += text + '\n';
  }
  return html;
}

// The parts of a post that are its author's, as HTML, by its type; what is another's goes to the quotes.
std::string own_of_type(const Json& source, Post& post) {
  const std::string type = source.text("type");
  if (type == "answer") {
    add_quote(quoted(source.text("question")), post);
    return source.text("answer");
  }
  if (type == "quote") {
    add_quote(quoted(source.text("text")), post);
    return source.text("source");
  }
  if (type == "link") {
    add_quote(quoted(source.text("excerpt")), post);
    if (Link link{written_link(kSite, source.text("url")), source.text("title")}; !link.url.empty())
      post.links.push_back(std::move(link));
    return source.text("description");
  }
  const std::string body = source.text("body");
  return body.empty() ? source.text("caption") : body;
}

void read_words(const Json& source, Post& post, ParsedPage& page) {
  std::string own = own_of_trail(source, post);
  const std::string comment = source.at("reblog").text("comment");
  if (!comment.empty()) own = comment;
  const bool passed_on = source.at("reblogged_from_id") || source.at("parent_post_url");
  if (own.empty() && !passed_on) own = own_of_type(source, post);
  if (source.at("content").size() > 0) {
    post.text = blocks_of(source.at("content"), post);
    for (const Json& item : source.at("trail").items()) {
      Post unused;
      add_quote(std::string(trim(blocks_of(item.at("content"), unused))), post);
    }
    post.text = std::string(trim(post.text));
    return;
  }
  std::vector<Link> links = std::move(post.links);
  take_html(own, std::string(kSite), post, page);
  post.links.insert(post.links.end(), links.begin(), links.end());
}

Post read_post(const Json& source, ParsedPage& page) {
  Post post;
  post.id = source.text("id_string");
  if (post.id.empty()) post.id = source.text("id");
  post.as_served = source.as_served({"trail", "tree_html", "question", "asking_name"});
  post.url = source.text("post_url");
  const Json blog = source.at("blog");
  post.author = source.text("blog_name");
  if (post.author.empty()) post.author = blog.text("name");
  post.author_id = blog.text("uuid");
  post.author_display = blog.text("title");
  post.author_bio = quoted(blog.text("description"));
  post.created_at = from_seconds(source.number("timestamp"));
  post.reply_to = source.text("reblogged_from_id");
  post.title = written_in(source.text("title"), kSite, nullptr).text;
  for (const Json& tag : source.at("tags").items())
    if (std::string name = tag.text(); !name.empty() && post.tags.size() < kMostTags)
      post.tags.push_back(std::move(name));
  read_words(source, post, page);
  return post;
}

// Pages are cut by time. Posts of the same second as the last may be on the next page, so that second is asked for
// again, once.
std::optional<Request> before(const Document& document, const std::string& oldest) {
  const auto url = parse_url(document.url);
  const std::int64_t second = oldest.size() < 12 ? std::atoll(oldest.c_str()) : 0;
  if (!url || second <= 0) return std::nullopt;
  const std::string again = std::to_string(second + 1);
  return next_page(document, "before", query_parameter(*url, "before") == again ? oldest : again);
}

void read_tagged(const Json& posts, const Document& document, ParsedPage& page) {
  Extent extent;
  for (const Json& source : posts.items()) {
    if (!source.is_object()) continue;
    add_post(read_post(source, page), page);
    std::string moment = source.text("featured_timestamp");
    widen(extent, moment.empty() ? source.text("timestamp") : moment);
  }
  if (page.posts.empty() && posts.size() > 0) page.state = ReadState::changed;
  go_on(document, "posts", extent, before(document, extent.oldest), page);
}

ParsedPage parse(const Document& document) {
  ParsedPage page;
  const auto tree = read_json(document, page);
  if (!tree) return page;
  const Json root = tree->root();
  const std::int64_t status = root.at("meta").number("status");
  if (root.at("response").is_array() && (status == 0 || status == 200))
    read_tagged(root.at("response"), document, page);
  else
    read_api_error(root, page);
  return page;
}

bool recognises(const Document& document) {
  const auto url = parse_url(document.url);
  return url && (url->host == "api.tumblr.com" || url->path == "/v2/tagged");
}

}  // namespace

Parser adapter() { return {"tumblr", recognises, plan, parse, access, "tumblr"}; }

}  // namespace hw::parsers::tumblr
