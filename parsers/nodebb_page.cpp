#include <algorithm>
#include <charconv>

#include "parsers/addresses.h"
#include "parsers/html_text.h"
#include "parsers/limits.h"
#include "parsers/nodebb.h"
#include "parsers/select.h"
#include "parsers/served.h"

namespace hw::parsers::nodebb {
namespace {

// NodeBB names the parts of its pages by attribute, whatever the theme.
Node component(Node root, std::string_view name) {
  for (const Node node : all_of(root, {.attribute = "component", .containing = name}))
    if (node.attribute("component") == name) return node;
  return {};
}

std::optional<Time> time_of(Node post) {
  const std::string_view written = post.attribute("data-timestamp");
  std::int64_t millis = 0;
  const auto [end, error] = std::from_chars(written.data(), written.data() + written.size(), millis);
  if (error == std::errc{} && written_at(millis)) return written_at(millis);
  return parse_rfc3339(
      first(post, {.tag = "meta", .attribute = "itemprop", .containing = "datePublished"}).attribute("content"));
}

PostState state_of(Node post) {
  if (post.has_class("deleted")) return PostState::deleted;
  const Node mark = component(post, "post/edit-indicator");
  return mark && !mark.has_class("hidden") ? PostState::edited : PostState::live;
}

// `next` is the page's next post, if any.
Post read_post(Node node, Node next, const std::string& title, const Url& url) {
  Post post;
  post.as_served = served_fragment(node, next);
  post.id = node.attribute("data-pid");
  post.url = board_of(url) + "/post/" + post.id;
  post.author = node.attribute("data-username");
  const std::string_view number = node.attribute("data-uid");
  if (number != "0") post.author_id = number;
  const std::string name = line_of(first(node, {.tag = "a", .attribute = "data-username"}));
  if (!name.empty() && name != post.author) post.author_display = name;
  post.title = title;
  post.created_at = time_of(node);
  post.reply_to = component(node, "post/parent").attribute("data-topid");
  post.state = state_of(node);
  if (post.state == PostState::deleted) return post;
  Written written = written_in(component(node, "post/content"), board_of(url) + "/");
  post.text = std::move(written.text);
  post.links = std::move(written.links);
  post.quotes = std::move(written.quotes);
  return post;
}

std::vector<Node> posts_in(Node root) {
  std::vector<Node> posts;
  for (const Node node : all_of(root, {.attribute = "data-pid"}))
    if (node.attribute("component") == "post" && !node.attribute("data-pid").empty()) posts.push_back(node);
  return posts;
}

std::optional<Request> next_page(Node root, const Document& document) {
  const Node pagination = component(root, "pagination");
  for (const Node item : all_of(pagination, {.tag = "li", .with_class = "next"})) {
    const auto url = page_link(document.url, first(item, {.tag = "a", .attribute = "data-page"}).attribute("href"));
    const auto own = page_address(document.url);
    if (item.has_class("disabled") || item.has_class("pe-none") || !url || !own || url->text() == own->text()) continue;
    if (!query_parameter(*url, "page").empty())
      return Request{with_only(*url, {"page"}).text(), PageRole::thread, document.request.stamp};
  }
  return std::nullopt;
}

std::string title_in(Node root) {
  const Node title = component(root, "topic/title");
  return title ? line_of(title)
               : std::string(first(root, {.tag = "meta", .attribute = "property", .containing = "og:title"})
                                 .attribute("content"));
}

}  // namespace

ParsedPage read_page(const Document& document, std::string utf8) {
  ParsedPage page;
  const bool ours =
      utf8.find("id=\"ajaxify-data\"") != std::string::npos || utf8.find("data-pid=") != std::string::npos;
  const auto url = parse_url(document.url);
  const auto tree = HtmlTree::build(std::move(utf8));
  if (!ours || !url) {
    page.state = ReadState::not_ours;
  } else if (!tree) {
    page.state = ReadState::changed;
    page.warnings.emplace_back("nested too deep for a tree: nothing was read");
  } else {
    const std::string title = title_in(tree->root());
    const std::vector<Node> posts = posts_in(tree->root());
    for (std::size_t i = 0; i < std::min(posts.size(), kMostPosts); ++i)
      page.posts.push_back(read_post(posts[i], i + 1 < posts.size() ? posts[i + 1] : Node(), title, *url));
    page.next = next_page(tree->root(), document);
    if (page.posts.empty()) page.state = component(tree->root(), "login") ? ReadState::login_wall : ReadState::changed;
  }
  return page;
}

}  // namespace hw::parsers::nodebb
