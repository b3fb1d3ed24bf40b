#include <algorithm>
#include <charconv>

#include "common/text.h"
#include "parsers/addresses.h"
#include "parsers/discourse.h"
#include "parsers/html_text.h"
#include "parsers/limits.h"
#include "parsers/select.h"
#include "parsers/served.h"

namespace hw::parsers::discourse {
namespace {

Node property(Node root, std::string_view name) {
  for (const Node node : all_of(root, {.attribute = "itemprop", .containing = name}))
    if (node.attribute("itemprop") == name) return node;
  return {};
}

std::int64_t digits(std::string_view text) {
  std::int64_t number = 0;
  const std::size_t from = text.find_first_of("0123456789");
  if (from != std::string_view::npos) std::from_chars(text.data() + from, text.data() + text.size(), number);
  return number;
}

// "post_3" as its id, or "#3" where it says its place.
std::int64_t number_of(Node post) {
  if (post.attribute("id").starts_with("post_")) return digits(post.attribute("id"));
  return digits(line_of(property(post, "position")));
}

// `next` is the page's next post, if any.
Post read_post(Node node, Node next, const std::string& title, std::string_view topic, const Url& url) {
  Post post;
  const std::int64_t number = number_of(node);
  post.id = post_id(topic, number);
  post.url = permalink(url, {}, topic, number);
  post.title = title;
  const Node author = first(node, {.with_class = "creator"});
  post.author = line_of(property(author, "name"));
  const Node published = property(node, "datePublished");
  const Node modified = property(node, "dateModified");
  const auto time_in = [](Node time) {
    return parse_rfc3339(time.attribute(time.has_attribute("datetime") ? "datetime" : "content"));
  };
  post.created_at = published ? time_in(published) : time_in(first(node, {.tag = "time", .attribute = "datetime"}));
  if (modified && time_in(modified) && time_in(modified) != post.created_at) post.state = PostState::edited;
  post.as_served = served_fragment(node, next);
  Written written = written_in(first(node, {.tag = "div", .with_class = "post"}), board_of(url) + "/");
  post.text = std::move(written.text);
  post.links = std::move(written.links);
  post.quotes = std::move(written.quotes);
  return post;
}

std::string title_in(Node root) {
  const Node heading = first(first(root, {.id = "topic-title"}), {.tag = "a"});
  if (heading) return line_of(heading);
  return std::string(property(root, "headline").attribute("content"));
}

// With the query that asks for pages, where this page was asked for with it.
std::optional<Url> page_of(std::string_view reference, const Url& own) {
  auto url = page_link(own.text(), reference);
  if (!url || !own.query.starts_with("_escaped_fragment_")) return url;
  const std::string page = query_parameter(*url, "page");
  url->query = page.empty() ? "_escaped_fragment_=" : "_escaped_fragment_=&page=" + page;
  return url;
}

std::optional<Request> next_page(Node root, const Url& own, PageRole role) {
  for (const char* tag : {"a", "link"}) {
    const Node link = first(root, {.tag = tag, .attribute = "rel", .containing = "next"});
    const auto url = page_of(link.attribute("href"), own);
    if (link && url && url->text() != own.text()) return Request{url->text(), role, {}};
  }
  return std::nullopt;
}

void read_topic(Node root, const std::vector<Node>& posts, const Url& url, ParsedPage& into) {
  const std::string topic = topic_in(url);
  const std::string title = title_in(root);
  for (std::size_t i = 0; i < std::min(posts.size(), kMostPosts); ++i)
    if (!topic.empty() && number_of(posts[i]) > 0)
      into.posts.push_back(read_post(posts[i], i + 1 < posts.size() ? posts[i + 1] : Node(), title, topic, url));
  if (posts.size() > kMostPosts) into.warnings.push_back(warning_of_posts(posts.size()));
  into.next = next_page(root, url, PageRole::thread);
  if (into.posts.empty()) into.state = ReadState::changed;
}

void read_listing(Node root, const Url& url, ParsedPage& into) {
  for (const Node link : all_of(root, {.tag = "a", .with_class = "raw-topic-link"})) {
    const auto address = page_of(link.attribute("href"), url);
    if (address && !topic_in(*address).empty()) into.links.push_back({address->text(), PageRole::thread, {}});
  }
  into.links = each_once(std::move(into.links));
  into.next = next_page(root, url, PageRole::listing);
  if (into.links.empty()) into.state = ReadState::changed;
}

bool is_login(Node root, const Url& url) {
  return url.path.ends_with("/login") || first(root, {.with_class = "login-page"}) || first(root, {.id = "login-form"});
}

}  // namespace

ParsedPage read_page(const Document& document, std::string utf8) {
  ParsedPage page;
  const bool ours = utf8.find("Discourse") != std::string::npos || utf8.find("crawler-post") != std::string::npos;
  const auto url = parse_url(document.url);
  const auto tree = HtmlTree::build(std::move(utf8));
  if (!ours || !url) {
    page.state = ReadState::not_ours;
    return page;
  }
  if (!tree) {
    page.state = ReadState::changed;
    page.warnings.emplace_back("nested too deep for a tree: nothing was read");
    return page;
  }
  const Node root = tree->root();
  const std::vector<Node> posts = all_of(root, {.with_class = "crawler-post"});
  if (!posts.empty() || !topic_in(*url).empty())
    read_topic(root, posts, *url, page);
  else
    read_listing(root, *url, page);
  if (page.state == ReadState::changed && is_login(root, *url)) page.state = ReadState::login_wall;
  if (page.state == ReadState::changed && first(root, {.with_class = "page-not-found"}))
    page.state = ReadState::error_page;
  return page;
}

}  // namespace hw::parsers::discourse
