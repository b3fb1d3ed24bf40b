#include "parsers/phpbb.h"

#include "common/text.h"
#include "parsers/adapters.h"
#include "parsers/addresses.h"
#include "parsers/html_text.h"
#include "parsers/select.h"

namespace hw::parsers::phpbb {
namespace {

using namespace forum;

bool recognises(const Document& document) {
  if (!is_html(document)) return false;
  return holds_any(document.body, {"<body id=\"phpbb\"", "phpBB style name:"}) ||
         (holds(document.body, "viewforum.php?") && holds(document.body, "memberlist.php"));
}

// "./viewtopic.php?f=1&t=2&start=10&sid=…" is viewtopic.php?t=2&start=10: the first page has no start.
std::optional<Place> numbered_place(const Url& url, PageRole role, std::string_view script, std::string_view name) {
  const std::string number(number_after("", query_parameter(url, name)));
  if (!url.path.ends_with(script) || number.empty()) return std::nullopt;
  const std::string start(number_after("", query_parameter(url, "start")));
  const std::string first = url.origin() + url.path + "?" + std::string(name) + "=" + number;
  return Place{role, number, start.empty() || start == "0" ? 0 : page_number(start), 0, first, first + "&start="};
}

std::optional<Place> place_of(std::string_view page_url, std::string_view reference) {
  const auto url = page_link(page_url, reference);
  if (!url) return std::nullopt;
  if (auto topic = numbered_place(*url, PageRole::thread, "viewtopic.php", "t")) return topic;
  return numbered_place(*url, PageRole::listing, "viewforum.php", "f");
}

Kind kind_by_markup(const Page& page) {
  const Node body = first(page.root, {.tag = "body"});
  if (first(body, {.tag = "form", .id = "login"}) || first(body, {.id = "login_forum"})) return Kind::login;
  if (first(body, {.id = "message"})) return Kind::message;
  if (body.has_class("section-viewtopic")) return Kind::thread;
  if (body.has_class("section-viewforum") || body.has_class("section-index")) return Kind::listing;
  const bool listing = page.own && page.own->role == PageRole::listing;
  if ((page.own && !listing) || first(body, {.tag = "p", .with_class = "author"})) return Kind::thread;
  const bool lists = first(body, {.with_class = "topictitle"}) || first(body, {.with_class = "forumtitle"});
  return listing || lists ? Kind::listing : Kind::unknown;
}

bool shows_anything(Node root) {
  return first(root, {.with_class = "topictitle"}) || first(root, {.with_class = "forumtitle"}) ||
         !posts_in(root).empty();
}

bool asks_for_an_account(Node root) {
  const Node page = first(root, {.id = "page-body"});
  const Node password = first(page, {.tag = "input", .attribute = "name", .containing = "password"});
  return password && !closest(password, {.with_class = "quick-login"});
}

Kind kind_of(const Page& page) {
  return !shows_anything(page.root) && asks_for_an_account(page.root) ? Kind::login : kind_by_markup(page);
}

// A forum's or a topic's row: <li class="row"> in all of 3.x.
Node row_of(Node title) { return closest(title, {.tag = "li", .with_class = "row"}); }

// "24" of <dd class="topics">24 <dfn>Topics</dfn></dd>.
std::string_view count_in(Node row, std::string_view kind) {
  return trim(first(row, {.tag = "dd", .with_class = kind}).child(0).text());
}

std::string_view last_post_in(Node row) {
  const Node cell = first(row, {.tag = "dd", .with_class = "lastpost"});
  const Node link = first(cell, {.tag = "a", .attribute = "href", .containing = "p="});
  if (link) return number_in(link.attribute("href"), "p");
  return (first(cell, {.tag = "time", .attribute = "datetime"}).attribute("datetime"));
}

// What changes when something is written: the last post and the counts, never the views. Empty (always due) where the
// style shows neither.
std::string stamp_of(Node row) {
  const std::string_view last = last_post_in(row);
  const std::string_view posts = count_in(row, "posts");
  if (last.empty() && posts.empty()) return {};
  return "p" + std::string(last) + "/" + std::string(posts) + "/" + std::string(count_in(row, "topics"));
}

// Subforums named in a row are left to that forum's own page, which states their stamps; what is written in them shows
// in this row's, too. A category's header has no row: its forums are listed below it.
void add_forums(const Page& page, std::vector<Row>& rows) {
  for (const Node title : all_of(page.root, {.tag = "a", .with_class = "forumtitle"})) {
    const Node row = row_of(title);
    const auto place = place_of(page.base, title.attribute("href"));
    const bool leads_elsewhere = static_cast<bool>(first(row, {.tag = "dl", .with_class = "forum_link"}));
    if (place && place->role == PageRole::listing && !leads_elsewhere) rows.push_back({*place, stamp_of(row)});
  }
}

// A moved topic leaves a row behind whose stamp stands still; the topic itself is listed where it is now.
std::vector<Row> rows_in(const Page& page) {
  std::vector<Row> rows;
  add_forums(page, rows);
  for (const Node title : all_of(page.root, {.tag = "a", .with_class = "topictitle"})) {
    const Node row = row_of(title);
    const auto place = place_of(page.base, title.attribute("href"));
    const bool has_moved = static_cast<bool>(first(row, {.tag = "dl", .with_class = "topic_moved"}));
    if (place && place->role == PageRole::thread && !has_moved) rows.push_back({*place, stamp_of(row)});
  }
  return rows;
}

// "There are no topics or posts in this forum.", on a panel.
bool says_empty(const Page& page) {
  if (!page.own && !first(page.root, {.tag = "body"}).has_class("section-viewforum")) return false;
  for (const Node panel : all_of(first(page.root, {.id = "page-body"}), {.tag = "div", .with_class = "panel"}))
    if (first(panel, {.tag = "strong"})) return true;
  return false;
}

// The page's own, not those of the topics in its list.
std::vector<Node> paginations_in(Node root) {
  std::vector<Node> found = all_of(root, {.with_class = "pagination"});
  std::erase_if(found, [](Node pagination) { return static_cast<bool>(row_of(pagination)); });
  return found;
}

constexpr Engine kEngine{recognises, place_of, kind_of,   rows_in,  says_empty, paginations_in,
                         thread_of,  posts_in, read_post, "id=\"p", {},         permalink};

}  // namespace

Parser adapter() {
  return {"phpbb", recognises, [](const config::SourceSpec& source, const Cursor&) { return plan(source, place_of); },
          [](const Document& document) { return read(document, kEngine); }};
}

}  // namespace hw::parsers::phpbb
