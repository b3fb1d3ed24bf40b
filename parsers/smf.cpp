// Simple Machines Forum 2.0, 2.1 and 3.
#include "common/text.h"
#include "parsers/adapters.h"
#include "parsers/addresses.h"
#include "parsers/forum.h"
#include "parsers/html_text.h"
#include "parsers/select.h"

namespace hw::parsers::smf {
namespace {

using namespace forum;

// "index.php?topic=12.40", "…?topic=12.msg99#new", "…?PHPSESSID=x&topic=12.0;wap2" and, with friendly addresses,
// "index.php/topic,12.40.html". SMF counts posts, not pages: 40 is the page that begins with the 41st.
std::optional<Place> numbered_place(const Url& url, PageRole role, std::string_view name) {
  const std::string address = url.text();
  const std::size_t script = address.find("index.php");
  for (const char after : {'=', ','}) {
    const std::size_t at = address.find(std::string(name) + after);
    if (at == std::string::npos || at == 0 || !holds("?&;/", address.substr(at - 1, 1))) continue;
    if (after == '=' && script == std::string::npos) continue;
    const std::string_view rest = std::string_view(address).substr(at + name.size());
    const std::string number(digits_after(std::string_view(&after, 1), rest));
    if (number.empty() || rest.substr(1, number.size()) != number) continue;
    const std::string head = after == '=' ? address.substr(0, script) + "index.php?" : address.substr(0, at);
    const std::string stem = head + std::string(name) + after + number + ".";
    const std::string tail = after == ',' ? ".html" : "";
    const std::string_view offset = digits_after(".", rest.substr(0, rest.find_first_of(";&#m")));
    const long from = offset.empty() || offset == "0" ? 0 : page_number(offset);
    return Place{role, number, from, 0, stem + "0" + tail, stem, tail};
  }
  return std::nullopt;
}

std::optional<Place> place_of(std::string_view page_url, std::string_view reference) {
  const auto url = page_link(page_url, reference);
  if (!url || holds(url->query, "action=")) return std::nullopt;
  if (auto thread = numbered_place(*url, PageRole::thread, "topic")) return thread;
  return numbered_place(*url, PageRole::listing, "board");
}

bool recognises(const Document& document) {
  return is_html(document) &&
         holds_any(document.body, {"smf_scripturl", "smf_theme_url", "smf_default_theme_url", "Simple Machines</a>"});
}

// The text of a post: <div class="inner" id="msg_12">.
Node text_in(Node post) {
  for (const Node inner : all_of(post, {.with_class = "inner"}))
    if (!number_after("msg_", inner.attribute("id")).empty()) return inner;
  return {};
}

std::vector<Node> posts_in(Node root) {
  std::vector<Node> posts;
  for (const Node wrapper : all_of(root, {.with_class = "post_wrapper"}))
    if (text_in(wrapper)) posts.push_back(wrapper);
  return posts;
}

Kind kind_of(const Page& page) {
  const Node root = page.root;
  if (!posts_in(root).empty()) return Kind::thread;
  if (first(root, {.id = "frmLogin"}) || first(root, {.tag = "form", .id = "frmLogin2"})) return Kind::login;
  if (first(root, {.id = "fatal_error"})) return Kind::message;
  const bool lists = first(root, {.id = "messageindex"}) || first(root, {.id = "topic_container"}) ||
                     first(root, {.id = "boardindex_table"}) || first(root, {.id = "boardindex_0"});
  if (lists || first(root, {.attribute = "id", .containing = "board_"})) return Kind::listing;
  if (page.own) return page.own->role == PageRole::thread ? Kind::thread : Kind::listing;
  return Kind::unknown;
}

// The head of 2.1's pages shows the time twice: for machines in UTC, for people in the board's zone.
std::optional<Duration> zone_of(Node root) {
  const Node user = first(root, {.with_class = "user"});
  const Node shown = first(user, {.tag = "time", .attribute = "datetime"});
  const auto exact = machine_time(shown);
  if (!exact) return std::nullopt;
  TimeStyle style;
  style.now = *exact;
  return zone_by_clock(line_of(shown), style);
}

TimeStyle times_on(const Page& page) {
  TimeStyle style =
      times_of(page, {}, line_of(first(first(page.root, {.with_class = "user"}), {.with_class = "time"})), {});
  if (const auto zone = zone_of(page.root)) style.zone = zone;
  return style;
}

// 99 of "topic=12.msg99#new", or of 2.1's "msg=99".
std::string_view message_number(std::string_view reference) {
  const std::string_view number = digits_after(".msg", reference);
  return number.empty() ? digits_after("msg=", reference) : number;
}

// The number of the last post, from the link that leads to it.
std::string stamp_of(Node row, bool of_board) {
  Node last = first(row, {.with_class = "lastpost"});
  if (!last) last = row;
  std::string stamp;
  for (const Node link : all_of(last, {.tag = "a", .attribute = "href"}))
    if (const auto number = message_number(link.attribute("href")); !number.empty()) stamp = "m" + std::string(number);
  const std::string counts = of_board ? line_of(first(row, {.with_class = "stats"})) : std::string();
  if (stamp.empty()) return {};
  return counts.empty() ? stamp : stamp + "/" + digits_in(counts);
}

Node row_of(Node link, std::string_view container) {
  if (const Node row = closest(link, {.tag = "tr"})) return row;
  return closest(link, {.with_class = container});
}

void add_boards(const Page& page, std::vector<Row>& rows) {
  for (const std::string_view name : {"subject", "mobile_subject"}) {
    for (const Node link : all_of(page.root, {.tag = "a", .with_class = name})) {
      const auto place = place_of(page.base, link.attribute("href"));
      Node row = row_of(link, "up_contain");
      if (!row) row = closest(link, {.attribute = "id", .containing = "board_"});
      if (place && place->role == PageRole::listing) rows.push_back({*place, stamp_of(row, true)});
    }
  }
}

// A topic's title: the first link in <span id="msg_12">. A moved topic's row leads to no topic of its own.
void add_topics(const Page& page, std::vector<Row>& rows) {
  for (const Node title : all_of(page.root, {.tag = "span", .attribute = "id", .containing = "msg_"})) {
    const auto place = place_of(page.base, first(title, {.tag = "a", .attribute = "href"}).attribute("href"));
    const Node row = row_of(title, "windowbg");
    if (place && place->role == PageRole::thread && !row.has_class("moved"))
      rows.push_back({*place, stamp_of(row, false)});
  }
}

std::vector<Row> rows_in(const Page& page) {
  std::vector<Row> rows;
  add_boards(page, rows);
  add_topics(page, rows);
  return rows;
}

bool says_empty(const Page& page) {
  return first(page.root, {.id = "messageindex"}) || first(page.root, {.id = "topic_container"}) ||
         first(page.root, {.with_class = "topic_table"});
}

std::vector<Node> paginations_in(Node root) { return all_of(root, {.with_class = "pagelinks"}); }

std::string title_in(Node root) {
  if (const Node title = first(root, {.id = "top_subject"})) {
    const std::string line = line_of(title);  // 2.0: "Topic: A title  (Read 12 times)"
    const std::size_t from = line.find(": ");
    const std::size_t end = line.rfind(" (");
    if (from == std::string::npos || end == std::string::npos || end < from) return line;
    return std::string(trim(std::string_view(line).substr(from + 2, end - from - 2)));
  }
  const Node head = first(root, {.id = "display_head"});
  return line_of(first(head, {.tag = "span"}));
}

Thread thread_of(const Page& page) {
  Thread thread;
  thread.base = page.base;
  thread.title = title_in(page.root);
  thread.times = times_on(page);
  return thread;
}

// 2.0: "« Reply #1 on: May 01, 2010, 10:10:10 AM »", where what stands before the time is in bold; so is "Today".
std::string time_line(Node info) {
  std::string line;
  for (std::size_t i = 0; i < info.child_count(); ++i) {
    const Node part = info.child(i);
    const std::string text = part.is_element() ? line_of(part) : std::string(part.text());
    if (part.tag() != "strong" || !holds(text, ":")) line += text + ' ';
  }
  return line;
}

std::optional<Time> time_of(Node wrapper, Thread& thread) {
  const Node info = first(wrapper, {.with_class = "postinfo"});
  if (info) return thread.time_in(first(info, {.tag = "a", .with_class = "smalltext"}));
  const Node small = first(first(wrapper, {.with_class = "keyinfo"}), {.with_class = "smalltext"});
  if (const auto exact = machine_time(small)) return exact;
  const auto time = written_time(time_line(small), thread.times);
  if (time && !thread.times.zone) ++thread.zones_assumed;
  return time;
}

Node author_in(Node wrapper) {
  const Node heading = first(first(wrapper, {.with_class = "poster"}), {.tag = "h4"});
  for (const Node link : all_of(heading, {.tag = "a", .attribute = "href"}))
    if (!line_of(link).empty()) return link;
  return heading;
}

Post read_post(Node wrapper, Thread& thread) {
  Post post;
  const Node inner = text_in(wrapper);
  post.id = number_after("msg_", inner.attribute("id"));
  const Node author = author_in(wrapper);
  post.author = line_of(author);
  post.author_id = digits_after("u=", author.attribute("href"));
  const Node subject = first(wrapper, {.id = "subject_" + post.id});
  Node permalink = first(subject, {.tag = "a", .attribute = "href"});
  if (!permalink) permalink = first(first(wrapper, {.with_class = "postinfo"}), {.tag = "a", .attribute = "href"});
  post.url = written_link(thread.base, permalink.attribute("href"));
  post.title = title_of(line_of(subject), thread.title);
  post.created_at = time_of(wrapper, thread);
  if (!line_of(first(wrapper, {.with_class = "modified"})).empty()) post.state = PostState::edited;
  write_into(post, inner, thread);
  Node origin = first(first(inner, {.with_class = "quoteheader"}), {.tag = "a", .attribute = "href"});
  if (!origin) origin = first(first(inner, {.tag = "cite"}), {.tag = "a", .attribute = "href"});
  post.reply_to = message_number(origin.attribute("href"));
  return post;
}

constexpr Engine kEngine{recognises,     place_of,  kind_of,  rows_in,   says_empty,
                         paginations_in, thread_of, posts_in, read_post, "class=\"post_wrapper\"",
                         "id=\"msg_"};

}  // namespace

Parser adapter() {
  return {"smf", recognises, [](const config::SourceSpec& source, const Cursor&) { return plan(source, place_of); },
          [](const Document& document) { return read(document, kEngine); }};
}

}  // namespace hw::parsers::smf
