#include "common/text.h"
#include "parsers/adapters.h"
#include "parsers/addresses.h"
#include "parsers/html_text.h"
#include "parsers/select.h"
#include "parsers/vbulletin.h"

namespace hw::parsers::vbulletin {
namespace {

using namespace forum;

bool recognises5(const Document& document) { return is_html(document) && is_vbulletin5(document.body); }

std::vector<Node> posts_in(Node root) {
  std::vector<Node> posts;
  for (const Node node : all_of(root, {.attribute = "data-node-id"}))
    if (node.has_class("b-post") || node.has_class("b-comment")) posts.push_back(node);
  return posts;
}

Kind kind_of(const Page& page) {
  const Node root = page.root;
  if (!posts_in(root).empty()) return Kind::thread;
  if (first(root, {.with_class = "topic-item"}) || first(root, {.with_class = "forum-item"})) return Kind::listing;
  if (first(root, {.with_class = "topic-list-container"}) || first(root, {.with_class = "forum-list-container"}))
    return Kind::listing;
  if (const Node message = first(root, {.with_class = "error-content"}))
    return asks_to_log_in(message) ? Kind::login : Kind::message;
  if (first(root, {.with_class = "message-page"})) return Kind::message;
  if (page.own) return page.own->role == PageRole::thread ? Kind::thread : Kind::listing;
  return Kind::unknown;
}

// The counts in a row and what it says of its last post.
std::string stamp_of(Node row, const TimeStyle& style) {
  std::string stamp;
  for (const std::string_view name : {"topics-count", "posts-count"})
    if (const Node count = first(row, {.with_class = name})) stamp += "/" + digits_in(line_of(count));
  stamp += "/" + stamp_of_time(first(row, {.with_class = "lastpost-date"}), style);
  if (stamp.find_first_of("0123456789") == std::string::npos) return {};
  return "n" + std::string(row.attribute("data-node-id")) + stamp;
}

std::string zone_statement(Node root) {
  for (const Node text : texts_in(root))
    if (holds(text.text(), "All times are GMT")) return std::string(text.text());
  return {};
}

// A title's address has the form of its parents' names, so that only the row tells a board from a thread.
void add_rows(const Page& page, const TimeStyle& style, std::string_view item, std::string_view title, PageRole role,
              std::vector<Row>& rows) {
  for (const Node row : all_of(page.root, {.with_class = item})) {
    const Node link = first(row, {.tag = "a", .with_class = title});
    const auto url = page_link(page.base, link.attribute("href"));
    if (!url) continue;
    auto place = place_in_5(page.base, link.attribute("href"));
    if (!place) place = Place{role, url->text(), 1, 1, url->text(), url->text() + "/page", ""};
    place->role = role;
    rows.push_back({*place, stamp_of(row, style)});
  }
}

std::vector<Row> rows_in(const Page& page) {
  const TimeStyle style = times_of(page, zone_statement(page.root), {}, {});
  std::vector<Row> rows;
  add_rows(page, style, "forum-item", "forum-title", PageRole::listing, rows);
  add_rows(page, style, "topic-item", "topic-title", PageRole::thread, rows);
  return rows;
}

bool says_empty(const Page& page) {
  return static_cast<bool>(first(page.root, {.with_class = "topic-list-container"}));
}

std::vector<Node> paginations_in(Node root) { return all_of(root, {.with_class = "js-pagenav"}); }

Thread thread_of(const Page& page) {
  Thread thread;
  thread.base = page.base;
  thread.title = line_of(first(page.root, {.with_class = "js-main-title"}));
  if (thread.title.empty()) thread.title = line_of(first(page.root, {.with_class = "main-title"}));
  thread.times = times_of(page, zone_statement(page.root), {}, {});
  return thread;
}

Post read_post(Node node, Thread& thread) {
  Post post;
  post.id = number_after("", node.attribute("data-node-id"));
  const Node author = first(node, {.with_class = "author"});
  post.author = line_of(author);
  post.author_id = member_number(first(author, {.tag = "a", .attribute = "href"}).attribute("href"));
  const Node count = first(node, {.with_class = "b-post__count"});
  post.url = written_link(thread.base, count.attribute("href"));
  post.title = thread.title;
  const auto published = number_after("", node.attribute("data-node-publishdate"));
  if (!published.empty() && published.size() < 12)
    post.created_at = from_millis(std::stoll(std::string(published)) * 1000);
  else
    post.created_at = thread.time_in(first(node, {.with_class = "b-post__timestamp"}));
  const Node content = first(node, {.with_class = "js-post__content-text"});
  if (node.has_class("b-post--deleted") || !content) {
    post.state = PostState::deleted;
    return post;
  }
  if (first(node, {.with_class = "b-post__edit-info"})) post.state = PostState::edited;
  write_into(post, content, thread);
  const Node quoted = first(content, {.with_class = "bbcode_postedby"});
  post.reply_to = number_in(first(quoted, {.tag = "a", .attribute = "href"}).attribute("href"), "p");
  return post;
}

constexpr Engine kEngine{recognises5,    place_in_5, kind_of,  rows_in,   says_empty,
                         paginations_in, thread_of,  posts_in, read_post, "<li data-node-id=\""};

}  // namespace

bool is_vbulletin5(std::string_view body) {
  return holds_any(body,
                   {"content=\"vBulletin 5", "js-pagenav-current-button", "data-vbnamespace", "b-post__content"}) ||
         (holds(body, "data-node-id=\"") && holds(body, "vbulletin"));
}

// "forum/gardening/roses/12-a-title/page2": a thread's name begins with its number, a board's does not.
std::optional<Place> place_in_5(std::string_view page_url, std::string_view reference) {
  const auto url = page_link(page_url, reference);
  if (!url) return std::nullopt;
  std::string path = url->path;
  while (path.ends_with('/')) path.pop_back();
  long page = 1;
  std::size_t slash = path.rfind('/');
  if (slash != std::string::npos && !number_after("/page", std::string_view(path).substr(slash)).empty()) {
    page = page_number(std::string_view(path).substr(slash + 5));
    path.resize(slash);
    slash = path.rfind('/');
  }
  if (slash == std::string::npos || slash == 0) return std::nullopt;
  const std::string_view name = std::string_view(path).substr(slash);
  const std::string number(digits_after("/", name));
  const bool thread = !number.empty() && name.size() > number.size() + 1 && name[number.size() + 1] == '-';
  const std::string first = url->origin() + path;
  return Place{
      thread ? PageRole::thread : PageRole::listing, thread ? number : path, page, 1, first, first + "/page", ""};
}

const Engine& vbulletin5() { return kEngine; }

}  // namespace hw::parsers::vbulletin
