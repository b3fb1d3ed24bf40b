#include "parsers/vbulletin.h"

#include "common/text.h"
#include "parsers/adapters.h"
#include "parsers/addresses.h"
#include "parsers/html_text.h"
#include "parsers/select.h"

namespace hw::parsers::vbulletin {
namespace {

using namespace forum;

// "showthread.php?t=12&page=2".
std::optional<Place> by_parameter(const Url& url, PageRole role, std::string_view name) {
  const std::string number(number_after("", query_parameter(url, name)));
  if (number.empty()) return std::nullopt;
  const std::string first = url.origin() + url.path + "?" + std::string(name) + "=" + number;
  return Place{role, number, page_number(query_parameter(url, "page")), 1, first, first + "&page=", ""};
}

// "showthread.php/12-a-title/page2" and "showthread.php?12-a-title/page2".
std::optional<Place> by_slug(const std::string& address, std::string_view script, PageRole role) {
  const std::size_t from = address.find(script) + script.size() + 1;
  if (from >= address.size()) return std::nullopt;
  const std::string number(digits_after(address.substr(from - 1, 1), std::string_view(address).substr(from - 1)));
  const std::size_t end = std::min(address.find_first_of("/?&#", from), address.size());
  if (number.empty() || !std::string_view(address).substr(from).starts_with(number)) return std::nullopt;
  const std::string first = address.substr(0, end);
  const long page = page_number(digits_after("/page", std::string_view(address).substr(end)));
  return Place{role, number, page, 1, first, first + "/page", ""};
}

std::optional<Place> scripted_place(const Url& url, std::string_view script, PageRole role, std::string_view name) {
  const std::size_t at = url.path.find(script);
  if (at == std::string::npos) return std::nullopt;
  if (auto place = by_parameter(url, role, name)) return place;
  return by_slug(url.text(), script, role);
}

// vBulletin 3 and 4 number their posts in an id: <table id="post12"> and <li id="post_12">.
std::string_view post_number(Node node) {
  const std::string_view id = node.attribute("id");
  if (node.tag() == "table") return number_after("post", id);
  return node.tag() == "li" ? number_after("post_", id) : std::string_view();
}

std::vector<Node> posts_in(Node root) {
  std::vector<Node> posts;
  for (const Node node : all_of(root, {.attribute = "id", .containing = "post"}))
    if (!post_number(node).empty()) posts.push_back(node);
  return posts;
}

bool recognises(const Document& document) {
  if (!is_html(document)) return false;
  const std::string_view body = document.body;
  return is_vbulletin5(body) || holds_any(body, {"id=\"vbulletin_html\"", "content=\"vBulletin ", "vbulletin_global.js",
                                                 "Powered by vBulletin", "vbulletin-core.js", "vbulletin_css"});
}

// Lists of boards and threads; pages of posts; vBulletin's own message with or without a form to log in.
Kind kind_of(const Page& page) {
  const Node root = page.root;
  if (!posts_in(root).empty()) return Kind::thread;
  if (first(root, {.attribute = "id", .containing = "thread_title_"})) return Kind::listing;
  if (first(root, {.with_class = "forumtitle"}) || first(root, {.with_class = "alt1Active"})) return Kind::listing;
  Node message = first(root, {.with_class = "standard_error"});
  if (!message) message = first(root, {.with_class = "panelsurround"});
  if (message) return asks_to_log_in(message) ? Kind::login : Kind::message;
  if (page.own) return page.own->role == PageRole::thread ? Kind::thread : Kind::listing;
  return Kind::unknown;
}

// What follows the list, "All times are GMT -5. The time now is 07:26 PM.", in whatever box a style puts it.
std::string zone_statement(Node root) {
  for (const Node text : texts_in(root))
    if (holds_any(text.text(), {"All times are GMT", "GMT +", "GMT -"})) return std::string(text.text());
  return {};
}

TimeStyle times_on(const Page& page, std::string_view with_class) {
  std::vector<std::string> texts;
  for (const Node node : all_of(page.root, {.with_class = with_class})) texts.push_back(line_of(node));
  return times_of(page, zone_statement(page.root), {}, texts);
}

Node row_of(Node title) {
  if (const Node item = closest(title, {.tag = "li", .attribute = "id"})) return item;
  return closest(title, {.tag = "tr"});
}

// The last post's number, from the link that leads to it, and the counts beside it.
std::string stamp_of(Node row, std::string_view own) {
  std::string stamp;
  for (const Node link : all_of(row, {.tag = "a", .attribute = "href"})) {
    const std::string_view href = link.attribute("href");
    const std::string_view last = number_in(href, "p");
    if (!last.empty()) stamp = "p" + std::string(last);
    if (holds(href, "whoposted") && !own.empty()) stamp += "/" + digits_in(line_of(link));
  }
  return stamp;
}

void add_boards(const Page& page, std::vector<Row>& rows) {
  for (const std::string_view name : {"forumtitle", "alt1Active"}) {
    for (const Node node : all_of(page.root, {.with_class = name})) {
      const auto place = place_of(page.base, first(node, {.tag = "a", .attribute = "href"}).attribute("href"));
      const Node row = row_of(node);
      const bool category = row.attribute("id").starts_with("cat");  // its boards have rows of their own
      if (place && place->role == PageRole::listing && !category) rows.push_back({*place, stamp_of(row, {})});
    }
  }
}

// With addresses of a board's own making the number in "thread_title_12" still says which thread a link leads to.
std::optional<Place> thread_behind(Node title, const std::string& base) {
  if (auto place = place_of(base, title.attribute("href"))) return place;
  const auto url = page_link(base, title.attribute("href"));
  const std::string number(number_after("thread_title_", title.attribute("id")));
  if (!url || number.empty()) return std::nullopt;
  return Place{PageRole::thread, number, 1, 1, url->text(), url->text(), ""};
}

std::vector<Row> rows_in(const Page& page) {
  std::vector<Row> rows;
  add_boards(page, rows);
  for (const Node title : all_of(page.root, {.tag = "a", .attribute = "id", .containing = "thread_title_"}))
    if (const auto place = thread_behind(title, page.base)) rows.push_back({*place, stamp_of(row_of(title), "t")});
  return rows;
}

// "There are no threads to display in this forum."
bool says_empty(const Page& page) {
  return first(page.root, {.id = "threadlist"}) || first(page.root, {.id = "threads"}) ||
         first(page.root, {.id = "threadslist"});
}

std::vector<Node> paginations_in(Node root) {
  std::vector<Node> found = all_of(root, {.with_class = "pagination"});
  for (const Node old : all_of(root, {.with_class = "pagenav"})) found.push_back(old);
  return found;
}

std::string title_in(Node root) {
  if (const Node title = first(root, {.with_class = "threadtitle"})) return line_of(title);
  if (const Node last = first(first(root, {.with_class = "navbar"}), {.tag = "strong"})) return line_of(last);
  return line_of(first(root, {.tag = "td", .with_class = "navbar"}));
}

Thread thread_of(const Page& page) {
  Thread thread;
  thread.base = page.base;
  thread.title = title_in(page.root);
  thread.times = times_on(page, "postdate");
  if (first(page.root, {.tag = "td", .with_class = "thead"})) thread.times = times_on(page, "thead");
  return thread;
}

Node author_in(Node post) {
  if (const Node found = first(first(post, {.with_class = "userinfo"}), {.with_class = "username"})) return found;
  if (const Node found = first(post, {.with_class = "bigusername"})) return found;
  return first(post, {.attribute = "id", .containing = "postmenu_"});
}

// vBulletin 3 dates a post in the first cell of its table's head, beside its anchor.
Node date_in(Node post) {
  if (const Node date = first(post, {.with_class = "postdate"})) return date;
  return first(post, {.with_class = "thead"});
}

std::string title_of_post(Node post) {
  if (const Node title = first(post, {.tag = "h2", .with_class = "title"})) return line_of(title);
  const Node cell = first(post, {.tag = "td", .attribute = "id", .containing = "td_post_"});
  return line_of(first(first(cell, {.tag = "div", .with_class = "smallfont"}), {.tag = "strong"}));
}

Node permalink_in(Node post) {
  if (const Node counter = first(post, {.with_class = "postcounter"})) return counter;
  return first(post, {.tag = "a", .attribute = "id", .containing = "postcount"});
}

bool is_edited(Node post) {
  if (first(post, {.with_class = "lastedited"})) return true;
  const Node cell = first(post, {.tag = "td", .attribute = "id", .containing = "td_post_"});
  for (const Node small : all_of(cell, {.tag = "div", .with_class = "smallfont"}))
    if (!closest(small, {.attribute = "id", .containing = "post_message_"}) && first(small, {.tag = "em"})) return true;
  return false;
}

Post read_post(Node node, Thread& thread) {
  Post post;
  post.id = post_number(node);
  const Node author = author_in(node);
  post.author = line_of(author);
  const Node profile = author.tag() == "a" ? author : first(author, {.tag = "a", .attribute = "href"});
  post.author_id = member_number(profile.attribute("href"));
  post.url = written_link(thread.base, permalink_in(node).attribute("href"));
  post.title = title_of(title_of_post(node), thread.title);
  post.created_at = thread.time_in(date_in(node));
  const Node message = first(node, {.attribute = "id", .containing = "post_message_"});
  if (node.has_class("postbitdeleted") || node.has_class("deleted") || !message) {
    post.state = PostState::deleted;
    return post;
  }
  if (is_edited(node)) post.state = PostState::edited;
  const Node content = first(message, {.with_class = "postcontent"});
  write_into(post, content ? content : message, thread);
  const Node origin = first(message, {.tag = "a", .attribute = "href", .containing = "#post"});
  post.reply_to = number_in(origin.attribute("href"), "p");
  return post;
}

constexpr Engine kEngine{recognises,     place_of,  kind_of,  rows_in,   says_empty,
                         paginations_in, thread_of, posts_in, read_post, "id=\"post_"};

}  // namespace

std::string_view member_number(std::string_view profile) {
  for (const std::string_view mark : {"member.php?u=", "member.php?", "member.php/", "/member/", "members/"})
    if (const std::string_view number = digits_after(mark, profile); !number.empty()) return number;
  return number_in(profile, "u");
}

std::optional<Place> place_of(std::string_view page_url, std::string_view reference) {
  const auto url = page_link(page_url, reference);
  if (!url) return std::nullopt;
  if (auto thread = scripted_place(*url, "showthread.php", PageRole::thread, "t")) return thread;
  return scripted_place(*url, "forumdisplay.php", PageRole::listing, "f");
}

Parser adapter() {
  return {
      "vbulletin", recognises,
      [](const config::SourceSpec& source, const Cursor&) {
        const bool script = source.url.find(".php") != std::string::npos;
        return plan(source, script ? place_of : place_in_5);
      },
      [](const Document& document) { return read(document, is_vbulletin5(document.body) ? vbulletin5() : kEngine); }};
}

}  // namespace hw::parsers::vbulletin
