// XenForo 1 and 2. Both write their posts' numbers, authors and times as attributes; 1 writes older times as text only.
#include "common/text.h"
#include "parsers/adapters.h"
#include "parsers/addresses.h"
#include "parsers/forum.h"
#include "parsers/html_text.h"
#include "parsers/limits.h"
#include "parsers/select.h"

namespace hw::parsers::xenforo {
namespace {

using namespace forum;

// "threads/a-title.12/page-3", "index.php?forums/garden.4/": what stands after the route and the number is a place
// within it ("unread", "post-9", "latest").
std::optional<Place> routed_place(const std::string& address, std::string_view route, PageRole role) {
  std::size_t at = address.find("/" + std::string(route) + "/");
  if (at == std::string::npos) at = address.find("?" + std::string(route) + "/");
  if (at == std::string::npos) return std::nullopt;
  const std::size_t from = at + route.size() + 2;
  const std::size_t end = std::min(address.find_first_of("/?&#", from), address.size());
  const std::string_view slug = std::string_view(address).substr(from, end - from);
  if (slug.empty() || slug == "-") return std::nullopt;
  const std::string number(slug.substr(slug.rfind('.') + 1));
  const std::string first = address.substr(0, end) + "/";
  const std::string_view rest = std::string_view(address).substr(end);
  const long page = rest.starts_with("/page-") ? page_number(digits_after("/page-", rest)) : 1;
  return Place{role, number, page, 1, first, first + "page-", ""};
}

std::optional<Place> place_of(std::string_view page_url, std::string_view reference) {
  const auto url = page_link(page_url, reference);
  if (!url) return std::nullopt;
  if (auto thread = routed_place(url->text(), "threads", PageRole::thread)) {
    const bool numbered = !number_after("", thread->number).empty();
    return numbered ? thread : std::nullopt;
  }
  auto forum = routed_place(url->text(), "forums", PageRole::listing);
  const bool feed = forum && url->path.ends_with(".rss");
  return feed ? std::nullopt : forum;
}

bool recognises(const Document& document) {
  return is_html(document) && holds_any(document.body, {"<html id=\"XF\"", "<html id=\"XenForo\"", "XenForo.init",
                                                        "data-content=\"post-", "Forum software by XenForo"});
}

// 12 of data-content="post-12" (XenForo 2) or of id="post-12" (1).
std::string_view post_number(Node node) {
  const std::string_view content = node.attribute("data-content");
  return number_after("post-", content.empty() ? node.attribute("id") : content);
}

// "members/name.12/" → "12".
std::string_view member_number(std::string_view profile) {
  const std::size_t dot = profile.rfind('.');
  return dot == std::string_view::npos || !holds(profile, "members/") ? std::string_view()
                                                                      : digits_after(".", profile.substr(dot));
}

// A prefix ("[Question]") is a label of its own beside a title's words.
std::string without_labels(Node title) {
  std::string words;
  for (std::size_t i = 0; i < title.child_count(); ++i) {
    const Node part = title.child(i);
    if (part.is_element() && !part.has_class("label") && !part.has_class("prefix") && !part.has_class("label-append"))
      words += line_of(part);
    words += part.text();
  }
  return std::string(trim(words));
}

bool is_post(Node node) {
  return (node.tag() == "article" || node.tag() == "div" || node.tag() == "li") && !post_number(node).empty();
}

std::vector<Node> posts_in(Node root) {
  std::vector<Node> posts;
  for (const Node node : all_of(root, {.with_class = "message"}))
    if (is_post(node)) posts.push_back(node);
  return posts;
}

Kind kind_of(const Page& page) {
  const Node html = page.root;
  const std::string_view shown = html.attribute("data-template");
  if (!posts_in(html).empty()) return Kind::thread;
  if (shown == "login" || first(html, {.tag = "form", .id = "pageLogin"})) return Kind::login;
  const Node content = first(html, {.with_class = "p-body-content"});
  if (asks_to_log_in(content)) return Kind::login;
  if (shown == "error" || first(html, {.with_class = "errorOverlay"})) return Kind::message;
  if (first(html, {.with_class = "structItem"}) || first(html, {.with_class = "node"})) return Kind::listing;
  if (first(html, {.with_class = "discussionListItem"})) return Kind::listing;
  if (page.own) return page.own->role == PageRole::thread ? Kind::thread : Kind::listing;
  return shown == "forum_list" || shown == "category_view" ? Kind::listing : Kind::unknown;
}

// XenForo 1 tells scripts when the board's day began, as seconds since 1970: midnight there.
std::optional<Duration> zone_of(Node root) {
  for (const Node script : all_of(root, {.tag = "script"})) {
    const std::string_view code = script.child(0).text();
    const std::size_t info = code.find("serverTimeInfo");
    if (info == std::string_view::npos) continue;
    const std::string_view today = digits_after("today: ", code.substr(info, 300));
    if (today.empty() || today.size() > 11) continue;
    Duration west = std::chrono::seconds(std::stoll(std::string(today)) % 86'400);
    if (west > std::chrono::hours(12)) west -= std::chrono::hours(24);
    return -west;
  }
  return std::nullopt;
}

TimeStyle times_on(const Page& page) {
  TimeStyle style = times_of(page, {}, {}, {});
  style.zone = zone_of(page.root);
  return style;
}

// "Replies: 12" is the first of a row's counts in both versions.
std::string replies_in(Node row) {
  for (const std::string_view cell : {"structItem-cell--meta", "stats"})
    if (const Node counts = first(row, {.with_class = cell})) return digits_in(line_of(first(counts, {.tag = "dd"})));
  return {};
}

std::string stamp_of_thread(Node row, const TimeStyle& style) {
  Node last = first(row, {.with_class = "structItem-latestDate"});
  if (!last) last = first(first(row, {.with_class = "lastPost"}), {.with_class = "DateTime"});
  const std::string time = stamp_of_time(last, style);
  const std::string replies = replies_in(row);
  return time.empty() && replies.empty() ? std::string() : "r" + replies + "/" + time;
}

void add_threads(const Page& page, const TimeStyle& style, std::vector<Row>& rows) {
  for (const std::string_view kind : {"structItem--thread", "discussionListItem"}) {
    for (const Node row : all_of(page.root, {.with_class = kind})) {
      Node title = first(row, {.with_class = "structItem-title"});
      if (!title) title = first(row, {.with_class = "title"});
      for (const Node link : all_of(title, {.tag = "a", .attribute = "href"})) {
        const auto place = place_of(page.base, link.attribute("href"));
        if (!place || place->role != PageRole::thread) continue;
        rows.push_back({*place, stamp_of_thread(row, style)});
        break;
      }
    }
  }
}

// The counts of a board's row and its last post.
std::string stamp_of_forum(Node row, const TimeStyle& style) {
  std::string stamp;
  for (const Node count : all_of(row, {.tag = "dd"})) stamp += "/" + digits_in(line_of(count));
  Node last = first(row, {.with_class = "node-extra"});
  if (!last) last = first(row, {.with_class = "nodeLastPost"});
  const std::string time = stamp_of_time(first(last, {.with_class = "u-dt"}), style);
  const Node dated = first(last, {.with_class = "DateTime"});
  stamp += "/" + (time.empty() && dated ? stamp_of_time(dated, style) : time);
  return stamp.find_first_of("0123456789") == std::string::npos ? std::string() : stamp;
}

void add_forums(const Page& page, const TimeStyle& style, std::vector<Row>& rows) {
  for (const std::string_view title : {"node-title", "nodeTitle"}) {
    for (const Node node : all_of(page.root, {.with_class = title})) {
      const auto place = place_of(page.base, first(node, {.tag = "a", .attribute = "href"}).attribute("href"));
      const Node row = closest(node, {.with_class = "node"});
      if (place && place->role == PageRole::listing) rows.push_back({*place, stamp_of_forum(row, style)});
    }
  }
}

std::vector<Row> rows_in(const Page& page) {
  const TimeStyle style = times_on(page);
  std::vector<Row> rows;
  add_forums(page, style, rows);
  add_threads(page, style, rows);
  return rows;
}

// "There are no threads in this forum."
bool says_empty(const Page& page) {
  return first(page.root, {.with_class = "structItemContainer"}) || first(page.root, {.with_class = "noThreads"}) ||
         first(first(page.root, {.with_class = "block-body"}), {.with_class = "block-row"}) ||
         first(page.root, {.with_class = "primaryContent"});
}

std::vector<Node> paginations_in(Node root) {
  std::vector<Node> found = all_of(root, {.with_class = "pageNav"});
  for (const Node old : all_of(root, {.with_class = "PageNav"})) found.push_back(old);
  return found;
}

std::string title_in(Node root) {
  if (const Node title = first(root, {.with_class = "p-title-value"})) return without_labels(title);
  return without_labels(first(first(root, {.with_class = "titleBar"}), {.tag = "h1"}));
}

Thread thread_of(const Page& page) {
  Thread thread;
  thread.base = page.base;
  thread.title = title_in(page.root);
  thread.times = times_on(page);
  for (const Node tag : all_of(first(page.root, {.with_class = "tagList"}), {.tag = "a"}))
    if (thread.tags.size() < kMostTags) thread.tags.push_back(line_of(tag));
  return thread;
}

// The line that leads to a post: its time and its permalink.
Node attribution_of(Node post) {
  for (const std::string_view name : {"message-attribution", "datePermalink"})
    if (const Node found = first(post, {.with_class = name})) return found;
  return {};
}

std::string_view permalink_in(Node post) {
  if (const Node link = first(post, {.with_class = "hashPermalink"})) return link.attribute("href");
  const Node attribution = attribution_of(post);
  if (attribution.tag() == "a") return attribution.attribute("href");
  return first(attribution, {.tag = "a", .attribute = "href", .containing = "post"}).attribute("href");
}

// The post that the first quotation names as its origin: "post: 12", or a link to it.
std::string_view quoted_post(Node content) {
  const Node source = first(content, {.attribute = "data-source", .containing = "post"});
  if (source) return digits_after("post: ", source.attribute("data-source"));
  return digits_after("goto/post?id=", first(content, {.with_class = "AttributionLink"}).attribute("href"));
}

Node content_of(Node post) {
  const Node body = first(post, {.with_class = "message-body"});
  if (const Node content = first(body ? body : post, {.with_class = "bbWrapper"})) return content;
  return first(post, {.with_class = "messageText"});
}

Post read_post(Node node, Thread& thread) {
  Post post;
  post.id = post_number(node);
  post.author = node.attribute("data-author");
  const Node user = first(node, {.with_class = "username"});
  if (post.author.empty()) post.author = line_of(user);
  post.author_id = user.attribute("data-user-id");
  if (post.author_id.empty() || post.author_id == "0") post.author_id = member_number(user.attribute("href"));
  post.url = written_link(thread.base, permalink_in(node));
  post.title = thread.title;
  const Node attribution = attribution_of(node);
  const Node dated = first(attribution, {.with_class = "DateTime"});
  post.created_at = thread.time_in(dated ? dated : attribution);
  if (node.has_class("message--deleted") || node.has_class("deleted") || node.has_class("placeholder") ||
      first(node, {.with_class = "messageNotice--deleted"})) {
    post.state = PostState::deleted;
    return post;
  }
  if (first(node, {.with_class = "message-lastEdit"}) || first(node, {.with_class = "editDate"}))
    post.state = PostState::edited;
  const Node content = content_of(node);
  write_into(post, content, thread);
  post.reply_to = quoted_post(content);
  post.tags = thread.tags;
  return post;
}

constexpr Engine kEngine{recognises,     place_of,  kind_of,  rows_in,   says_empty,
                         paginations_in, thread_of, posts_in, read_post, "id=\"js-post-"};

}  // namespace

Parser adapter() {
  return {"xenforo", recognises, [](const config::SourceSpec& source, const Cursor&) { return plan(source, place_of); },
          [](const Document& document) { return read(document, kEngine); }};
}

}  // namespace hw::parsers::xenforo
