// MyBB 1.8, its default templates and what is derived from them.
#include "common/text.h"
#include "parsers/adapters.h"
#include "parsers/addresses.h"
#include "parsers/forum.h"
#include "parsers/html_text.h"
#include "parsers/select.h"

namespace hw::parsers::mybb {
namespace {

using namespace forum;

// "showthread.php?tid=7&page=2" and, with friendly addresses, "thread-7-page-2.html". What else such an address holds
// (action=lastpost, pid=9) leads into the same thread.
std::optional<Place> numbered_place(const Url& url, PageRole role, std::string_view script, std::string_view parameter,
                                    std::string_view friendly) {
  const std::string folder = url.origin() + url.path.substr(0, url.path.rfind('/') + 1);
  const std::string_view file = std::string_view(url.path).substr(url.path.rfind('/') + 1);
  if (file == script) {
    const std::string number(number_after("", query_parameter(url, parameter)));
    if (number.empty()) return std::nullopt;
    const std::string first = folder + std::string(script) + "?" + std::string(parameter) + "=" + number;
    return Place{role, number, page_number(query_parameter(url, "page")), 1, first, first + "&page=", ""};
  }
  const std::string number(digits_after(friendly, file));
  if (number.empty() || !file.starts_with(friendly) || !file.ends_with(".html")) return std::nullopt;
  const std::string stem = folder + std::string(friendly) + number;
  return Place{role, number, page_number(digits_after("-page-", file)), 1, stem + ".html", stem + "-page-", ".html"};
}

std::optional<Place> place_of(std::string_view page_url, std::string_view reference) {
  const auto url = page_link(page_url, reference);
  if (!url) return std::nullopt;
  if (auto thread = numbered_place(*url, PageRole::thread, "showthread.php", "tid", "thread-")) return thread;
  return numbered_place(*url, PageRole::listing, "forumdisplay.php", "fid", "forum-");
}

bool recognises(const Document& document) {
  return is_html(document) && (holds_any(document.body, {"Powered By <a href=\"https://mybb.com\"",
                                                         "Powered By <a href=\"http://www.mybb.com\"", "MyBB.whoPosted",
                                                         "var MyBBEditor", "<!-- MyBB is free software"}) ||
                               (holds(document.body, "my_post_key") && holds(document.body, "thead")));
}

Node content_of(Node root) {
  const Node content = first(root, {.id = "content"});
  return content ? content : root;
}

std::vector<Node> posts_in(Node root) {
  std::vector<Node> posts;
  for (const Node node : all_of(root, {.attribute = "id", .containing = "post_"}))
    if (!number_after("post_", node.attribute("id")).empty() && node.tag() != "a") posts.push_back(node);
  return posts;
}

// An error stands alone in a table of one title and one cell.
bool is_message(Node content) {
  const auto cells = all_of(content, {.tag = "td", .with_class = "trow1"});
  return cells.size() == 1 && !cells.front().has_attribute("colspan") && !first(content, {.with_class = "tcat"}) &&
         all_of(content, {.with_class = "thead"}).size() == 1;
}

Kind kind_of(const Page& page) {
  const Node content = content_of(page.root);
  if (!posts_in(content).empty()) return Kind::thread;
  if (asks_to_log_in(content)) return Kind::login;
  if (is_message(content)) return Kind::message;
  if (page.own) return page.own->role == PageRole::thread ? Kind::thread : Kind::listing;
  const bool lists = first(content, {.attribute = "href", .containing = "forumdisplay.php"}) ||
                     first(content, {.attribute = "href", .containing = "forum-"});
  return lists ? Kind::listing : Kind::unknown;
}

std::string clock_of(Node root) {
  const std::string line = line_of(first(root, {.id = "current_time"}));
  const std::size_t colon = line.find(": ");
  return colon == std::string::npos ? line : line.substr(colon + 2);
}

std::vector<std::string> texts_of(Node root, std::string_view with_class) {
  std::vector<std::string> texts{clock_of(root)};
  for (const Node node : all_of(root, {.with_class = with_class})) texts.push_back(time_text(node));
  return texts;
}

// A thread's row: its replies and the time of its last post.
std::string stamp_of_thread(Node row, const TimeStyle& style) {
  std::string replies;
  for (const Node link : all_of(row, {.tag = "a", .attribute = "href"}))
    if (holds(link.attribute("href"), "whoposted")) replies = digits_in(line_of(link));
  const std::string last = stamp_of_time(first(row, {.with_class = "lastpost"}), style);
  return replies.empty() && last.empty() ? std::string() : "r" + replies + "/" + last;
}

// A forum's row: its threads, its posts and the time of its last post, each in a cell of its own.
std::string stamp_of_forum(Node row, const TimeStyle& style) {
  std::string stamp;
  for (std::size_t i = 0; i < row.child_count(); ++i) {
    const Node cell = row.child(i);
    const std::string count = cell.tag() == "td" ? digits_in(line_of(cell)) : std::string();
    if (!count.empty() && !first(cell, {.tag = "strong"})) stamp += "/" + count;
  }
  for (const Node cell : all_of(row, {.tag = "span", .with_class = "smalltext"}))
    if (first(cell, {.attribute = "href", .containing = "lastpost"})) stamp += "/" + stamp_of_time(cell, style);
  return stamp.find_first_of("0123456789") == std::string::npos ? std::string() : "f" + stamp;
}

// A forum's link stands in bold in a row of its own; in a category's head and in breadcrumbs it does not.
void add_forums(const Page& page, const TimeStyle& style, std::vector<Row>& rows) {
  for (const Node link : all_of(content_of(page.root), {.tag = "a", .attribute = "href"})) {
    const Node row = closest(link, {.tag = "tr"});
    if (link.parent().tag() != "strong" || !row || closest(link, {.with_class = "thead"})) continue;
    const auto place = place_of(page.base, link.attribute("href"));
    if (!place || place->role != PageRole::listing || closest(link, {.with_class = "tcat"})) continue;
    rows.push_back({*place, stamp_of_forum(row, style)});
  }
}

std::vector<Row> rows_in(const Page& page) {
  const TimeStyle style = times_of(page, {}, clock_of(page.root), texts_of(page.root, "lastpost"));
  std::vector<Row> rows;
  add_forums(page, style, rows);
  for (const Node subject : all_of(page.root, {.attribute = "id", .containing = "tid_"})) {
    const auto place = place_of(page.base, first(subject, {.tag = "a", .attribute = "href"}).attribute("href"));
    const Node row = closest(subject, {.tag = "tr"});
    if (place && place->role == PageRole::thread) rows.push_back({*place, stamp_of_thread(row, style)});
  }
  return rows;
}

// "There are currently no threads in this forum …", across all columns.
bool says_empty(const Page& page) {
  const Node cell = first(content_of(page.root), {.tag = "td", .with_class = "trow1"});
  return cell.has_attribute("colspan");
}

std::vector<Node> paginations_in(Node root) { return all_of(root, {.with_class = "pagination"}); }

Thread thread_of(const Page& page) {
  Thread thread;
  thread.base = page.base;
  thread.title = line_of(first(first(page.root, {.with_class = "navigation"}), {.with_class = "active"}));
  thread.times = times_of(page, {}, clock_of(page.root), texts_of(page.root, "post_date"));
  return thread;
}

std::string_view user_number(std::string_view profile) {
  const std::string_view number = digits_after("uid=", profile);
  return number.empty() ? digits_after("user-", profile) : number;
}

Post read_post(Node node, Thread& thread) {
  Post post;
  post.id = number_after("post_", node.attribute("id"));
  const Node author = first(first(node, {.with_class = "author_information"}), {.with_class = "largetext"});
  post.author = line_of(author);
  post.author_id = user_number(first(author, {.tag = "a", .attribute = "href"}).attribute("href"));
  const Node head = first(node, {.with_class = "post_head"});
  const Node permalink = first(head, {.tag = "a", .attribute = "href", .containing = "pid"});
  post.url = written_link(thread.base, permalink.attribute("href"));
  post.title = title_of(permalink.attribute("title"), thread.title);
  post.created_at = thread.time_in(first(head, {.with_class = "post_date"}), "post_edit");
  if (node.has_class("deleted_post")) {
    post.state = PostState::deleted;
    return post;
  }
  if (!line_of(first(node, {.with_class = "post_edit"})).empty()) post.state = PostState::edited;
  const Node content = first(node, {.with_class = "post_body"});
  write_into(post, content, thread);
  const Node cite = first(first(content, {.tag = "blockquote"}), {.tag = "cite"});
  post.reply_to = digits_after("pid=", first(cite, {.tag = "a", .attribute = "href"}).attribute("href"));
  return post;
}

constexpr Engine kEngine{recognises,     place_of,  kind_of,  rows_in,   says_empty,
                         paginations_in, thread_of, posts_in, read_post, "id=\"post_"};

}  // namespace

Parser adapter() {
  return {"mybb", recognises, [](const config::SourceSpec& source, const Cursor&) { return plan(source, place_of); },
          [](const Document& document) { return read(document, kEngine); }};
}

}  // namespace hw::parsers::mybb
