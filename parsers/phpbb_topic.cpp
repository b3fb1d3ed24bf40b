#include <algorithm>

#include "common/text.h"
#include "parsers/addresses.h"
#include "parsers/forum_times.h"
#include "parsers/html_text.h"
#include "parsers/limits.h"
#include "parsers/nesting.h"
#include "parsers/phpbb.h"
#include "parsers/select.h"
#include "parsers/served.h"

namespace hw::parsers::phpbb {
namespace {

// What all posts of a page share.
struct Topic {
  std::string title;
  std::optional<Url> url;  // of this page
  std::string script;      // "https://board.example/viewtopic.php"
  Duration zone{0};
  std::string_view page_url;
  Time fetched_at;
};

// The digits of "p244"; empty when it is no such id.
std::string_view post_number(std::string_view id) {
  if (id.size() < 2 || id.size() > 20 || id.front() != 'p') return {};
  id.remove_prefix(1);
  return std::all_of(id.begin(), id.end(), [](char c) { return c >= '0' && c <= '9'; }) ? id : std::string_view();
}

std::vector<Node> posts_in(Node root) {
  std::vector<Node> posts;
  for (const Node node : all_of(root, {.tag = "div", .with_class = "post"}))
    if (!post_number(node.attribute("id")).empty()) posts.push_back(node);
  return posts;
}

std::string_view without_re(std::string_view subject) {
  while (subject.size() >= 3 && equals_ignoring_case(subject.substr(0, 3), "re:")) subject = trim(subject.substr(3));
  return subject;
}

// A reply's subject is "Re: " and the topic's title, cut at the database's limit, unless its author wrote another.
std::string title_of(std::string_view subject, const std::string& topic_title) {
  const std::string_view own = without_re(subject);
  const bool repeats = own.empty() || std::string_view(topic_title).starts_with(own);
  return std::string(repeats && !topic_title.empty() ? std::string_view(topic_title) : own);
}

Node author_in(Node post) {
  const Node line = first(post, {.tag = "p", .with_class = "author"});
  for (const std::string_view name : {"username-coloured", "username"})
    if (const Node found = first(line, {.with_class = name})) return found;
  if (const Node strong = first(line, {.tag = "strong"})) return strong;
  const Node profile = first(post, {.tag = "dl", .with_class = "postprofile"});
  for (const Node link : all_of(profile, {.tag = "a", .attribute = "href", .containing = "viewprofile"}))
    if (!line_of(link).empty()) return link;
  return {};
}

std::string_view user_number(Node author) {
  const Node link = author.tag() == "a" ? author : first(author, {.tag = "a", .attribute = "href"});
  return number_in(link.attribute("href"), "u");
}

std::optional<Time> time_of(Node post, const Topic& topic) {
  const Node line = first(post, {.tag = "p", .with_class = "author"});
  if (const Node time = first(line, {.tag = "time", .attribute = "datetime"}))
    return parse_rfc3339(time.attribute("datetime"));
  const std::string text = line_of(line);
  const std::size_t mark = text.rfind("»");
  return written_time(mark == std::string::npos ? std::string_view(text) : std::string_view(text).substr(mark + 2),
                      {topic.zone, DayOrder::month_first, topic.fetched_at});
}

// The post that the first quotation names as its origin.
std::string_view quoted_post(Node content) {
  const Node cite = first(first(content, {.tag = "blockquote"}), {.tag = "cite"});
  const Node named = first(cite, {.tag = "a", .attribute = "data-post-id"});
  if (named) return named.attribute("data-post-id");
  return number_in(first(cite, {.tag = "a", .attribute = "href", .containing = "viewtopic.php"}).attribute("href"),
                   "p");
}

PostState state_of(Node post) {
  if (post.has_class("deleted") || first(post, {.with_class = "post_deleted_msg"})) return PostState::deleted;
  const Node notice = first(post, {.with_class = "notice"});
  return notice && first(notice, {.tag = "a", .attribute = "href", .containing = "u="}) ? PostState::edited
                                                                                        : PostState::live;
}

std::string permalink(const Topic& topic, const std::string& id) {
  return topic.script.empty() ? std::string() : topic.script + "?p=" + id + "#p" + id;
}

// `next` is the page's next post, if any.
Post read_post(Node node, Node next, const Topic& topic) {
  Post post;
  post.as_served = served_fragment(node, next);
  post.id = post_number(node.attribute("id"));
  post.url = permalink(topic, post.id);
  const Node author = author_in(node);
  post.author = line_of(author);
  post.author_id = user_number(author);
  const Node body = first(node, {.with_class = "postbody"});
  post.title = title_of(line_of(first(body ? body : node, {.tag = "h3"})), topic.title);
  post.created_at = time_of(node, topic);
  post.state = state_of(node);
  if (post.state == PostState::deleted) return post;
  const Node content = first(body ? body : node, {.with_class = "content"});
  Written written = written_in(content, topic.page_url);
  post.text = std::move(written.text);
  post.links = std::move(written.links);
  post.quotes = std::move(written.quotes);
  post.reply_to = quoted_post(content);
  return post;
}

Node title_link(Node root) {
  if (const Node title = first(root, {.tag = "h2", .with_class = "topic-title"})) return first(title, {.tag = "a"});
  return first(first(root, {.tag = "h2"}), {.tag = "a", .attribute = "href", .containing = "viewtopic.php"});
}

std::string script_of(const std::optional<Url>& page) {
  if (!page) return {};
  return page->origin() + page->path.substr(0, page->path.rfind('/') + 1) + "viewtopic.php";
}

Topic topic_at(const Document& document) {
  Topic topic;
  topic.url = topic_address(document.url, document.url);
  topic.script = script_of(page_address(document.url));
  topic.page_url = document.url;
  topic.fetched_at = document.fetched_at;
  return topic;
}

Topic topic_of(Node root, const Document& document) {
  Topic topic = topic_at(document);
  const Node link = title_link(root);
  topic.title = line_of(link);
  topic.zone = zone_of(root);
  if (!topic.url) topic.url = topic_address(document.url, link.attribute("href"));
  return topic;
}

void add_further_pages(Node root, const Topic& topic, const Document& document, ParsedPage& into) {
  if (!topic.url) return;
  into.links = further_pages(pagination_of(root), *topic.url, document.request.stamp);
  if (into.links.empty()) return;
  into.next = std::move(into.links.front());
  into.links.erase(into.links.begin());
}

// Where each post's element begins.
std::vector<std::size_t> cuts_in(std::string_view html) {
  constexpr std::string_view kStart = "<div id=\"p";
  std::vector<std::size_t> cuts;
  for (std::size_t at = html.find(kStart); at != std::string_view::npos; at = html.find(kStart, at + 1)) {
    const std::string_view id = html.substr(at + kStart.size() - 1, 20);
    if (!post_number(id.substr(0, id.find('"'))).empty()) cuts.push_back(at);
  }
  return cuts;
}

Post read_post_without_tree(std::string_view piece, const Topic& topic) {
  Post post;
  const std::string_view id = piece.substr(piece.find('"') + 1, 20);
  post.id = post_number(id.substr(0, id.find('"')));
  post.url = permalink(topic, post.id);
  post.title = topic.title;
  post.text = text_without_tree(piece);
  post.as_served = served_markup(piece);
  return post;
}

}  // namespace

Duration zone_of(Node root) { return stated_zone(line_of(first(root, {.id = "page-footer"}))).value_or(Duration{0}); }

void read_topic(Node root, const Document& document, ParsedPage& into) {
  const Topic topic = topic_of(root, document);
  const std::vector<Node> posts = posts_in(root);
  for (std::size_t i = 0; i < std::min(posts.size(), kMostPosts); ++i)
    into.posts.push_back(read_post(posts[i], i + 1 < posts.size() ? posts[i + 1] : Node(), topic));
  if (posts.size() > kMostPosts) into.warnings.push_back(warning_of_posts(posts.size()));
  add_further_pages(root, topic, document, into);
}

void read_topic_in_pieces(std::string_view html, const Document& document, ParsedPage& into) {
  const std::vector<std::size_t> cuts = cuts_in(html);
  Topic topic = topic_at(document);
  const auto head = HtmlTree::build(std::string(html.substr(0, cuts.empty() ? html.size() : cuts.front())));
  if (head) {
    topic = topic_of(head->root(), document);
    add_further_pages(head->root(), topic, document, into);
  }
  for (std::size_t i = 0; i < std::min(cuts.size(), kMostPosts); ++i) {
    const std::string_view piece =
        html.substr(cuts[i], i + 1 < cuts.size() ? cuts[i + 1] - cuts[i] : std::string_view::npos);
    const auto tree = HtmlTree::build(std::string(piece));
    const std::vector<Node> posts = tree ? posts_in(tree->root()) : std::vector<Node>();
    into.posts.push_back(posts.empty() ? read_post_without_tree(piece, topic) : read_post(posts.front(), {}, topic));
  }
}

}  // namespace hw::parsers::phpbb
