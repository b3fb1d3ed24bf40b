// Invision Community 4 and 5.
#include "common/text.h"
#include "parsers/adapters.h"
#include "parsers/addresses.h"
#include "parsers/forum.h"
#include "parsers/html_text.h"
#include "parsers/limits.h"
#include "parsers/select.h"

namespace hw::parsers::invision {
namespace {

using namespace forum;

// "/topic/12-a-title/?page=2", "/topic/12-a-title/page/2/" and "/index.php?/topic/12-a-title/".
std::optional<Place> routed_place(const std::string& address, std::string_view route, PageRole role) {
  const std::size_t at = address.find("/" + std::string(route) + "/");
  if (at == std::string::npos) return std::nullopt;
  const std::size_t from = at + route.size() + 2;
  const std::string_view name = std::string_view(address).substr(from);
  const std::string number(digits_after("/", std::string_view(address).substr(from - 1)));
  if (number.empty() || !name.starts_with(number)) return std::nullopt;
  const std::size_t end = std::min(address.find_first_of("/?&#", from), address.size());
  const std::string first = address.substr(0, end) + "/";
  const std::string_view rest = std::string_view(address).substr(end);
  const std::string_view in_path = digits_after("/page/", rest);
  if (!in_path.empty() || holds(std::string_view(address).substr(0, at), "?"))
    return Place{role, number, page_number(in_path), 1, first, first + "page/", "/"};
  return Place{role, number, page_number(digits_after("page=", rest)), 1, first, first + "?page=", ""};
}

std::optional<Place> place_of(std::string_view page_url, std::string_view reference) {
  const auto url = page_link(page_url, reference);
  if (!url || holds(url->query, "do=") || holds(url->query, "tab=")) return std::nullopt;
  if (auto topic = routed_place(url->text(), "topic", PageRole::thread)) return topic;
  return routed_place(url->text(), "forum", PageRole::listing);
}

bool recognises(const Document& document) {
  return is_html(document) && holds_any(document.body, {"ips.setSetting", "ipsLayout_container", "id=\"ipsLayout",
                                                        "ipsComment_content", "id=\"elComment_", "class=\"ipsApp"});
}

std::vector<Node> posts_in(Node root) {
  std::vector<Node> posts;
  for (const Node node : all_of(root, {.attribute = "id", .containing = "elComment_"}))
    if (!number_after("elComment_", node.attribute("id")).empty()) posts.push_back(node);
  return posts;
}

Kind kind_of(const Page& page) {
  const Node root = page.root;
  if (!posts_in(root).empty()) return Kind::thread;
  const Node content = first(root, {.id = "ipsLayout_mainArea"});
  Node main = content ? content : first(root, {.id = "ipsLayout_main"});
  if (!main) main = first(root, {.tag = "main"});
  const bool error = first(root, {.id = "elError"}) || first(root, {.with_class = "ipsError"});
  if (first(root, {.attribute = "data-rowid"}) || first(root, {.with_class = "cForumRow"})) return Kind::listing;
  if (asks_to_log_in(main)) return Kind::login;
  if (error) return Kind::message;
  if (page.own) return page.own->role == PageRole::thread ? Kind::thread : Kind::listing;
  return first(root, {.attribute = "data-role", .containing = "tableRows"}) ? Kind::listing : Kind::unknown;
}

// A row's counts and the time of its last post, which has an attribute of its own.
std::string stamp_of(Node row, const TimeStyle& style) {
  std::string stamp;
  for (const std::string_view name : {"ipsDataItem_stats_number", "ipsData__stats-number", "cForumTopicCount"})
    if (const Node count = first(row, {.with_class = name})) stamp += "/" + digits_in(line_of(count));
  for (const std::string_view name : {"ipsDataItem_lastPoster", "ipsData__last"})
    if (const Node last = first(row, {.with_class = name}))
      stamp += "/" + stamp_of_time(first(last, {.tag = "time"}), style);
  return stamp.find_first_of("0123456789") == std::string::npos ? std::string() : "c" + stamp;
}

// The first link in a row that leads to a board or a thread; later ones lead to its last post.
void add_row(const Page& page, Node row, PageRole role, std::vector<Row>& rows) {
  for (const Node link : all_of(row, {.tag = "a", .attribute = "href"})) {
    const auto place = place_of(page.base, link.attribute("href"));
    if (!place || place->role != role) continue;
    rows.push_back({*place, stamp_of(row, {})});
    return;
  }
}

std::vector<Row> rows_in(const Page& page) {
  std::vector<Row> rows;
  for (const Node row : all_of(page.root, {.with_class = "cForumRow"})) add_row(page, row, PageRole::listing, rows);
  for (const Node row : all_of(page.root, {.tag = "li", .attribute = "data-rowid"}))
    add_row(page, row, PageRole::thread, rows);
  return rows;
}

bool says_empty(const Page& page) {
  return first(page.root, {.attribute = "data-role", .containing = "tableRows"}) ||
         first(page.root, {.with_class = "ipsEmpty"}) || first(page.root, {.with_class = "ipsEmptyMessage"}) ||
         first(page.root, {.with_class = "ipsType_large"});
}

std::vector<Node> paginations_in(Node root) { return all_of(root, {.with_class = "ipsPagination"}); }

std::string title_in(Node root) {
  for (const std::string_view name : {"ipsPageHeader__title", "ipsType_pageTitle"})
    if (const Node title = first(root, {.with_class = name})) return line_of(title);
  return std::string(first(root, {.attribute = "property", .containing = "og:title"}).attribute("content"));
}

Thread thread_of(const Page& page) {
  Thread thread;
  thread.base = page.base;
  thread.title = title_in(page.root);
  thread.times = times_of(page, {}, {}, {});
  for (const Node list : all_of(page.root, {.with_class = "ipsTags"}))
    for (const Node tag : all_of(list, {.tag = "a"}))
      if (thread.tags.size() < kMostTags && !holds(tag.attribute("class"), "prefix"))
        thread.tags.push_back(line_of(tag));
  return thread;
}

Node author_in(Node post) {
  for (const std::string_view name : {"cAuthorPane_author", "ipsEntry__username", "ipsUsername", "ipsComment_author"}) {
    const Node found = first(post, {.with_class = name});
    if (found && !line_of(found).empty()) return found;
  }
  return {};
}

// The post's own time, not one within its text: the page's links to the post itself carry it.
Node time_in(Node post) {
  for (const Node time : all_of(post, {.tag = "time", .attribute = "datetime"}))
    if (!closest(time, {.attribute = "data-role", .containing = "commentContent"})) return time;
  return {};
}

std::string_view permalink_in(Node post) {
  for (const char* part : {"findComment", "#findComment", "#comment-"})
    if (const Node link = first(post, {.tag = "a", .attribute = "href", .containing = part}))
      return link.attribute("href");
  return {};
}

Post read_post(Node node, Thread& thread) {
  Post post;
  post.id = number_after("elComment_", node.attribute("id"));
  const Node author = author_in(node);
  post.author = line_of(author);
  const Node profile = first(node, {.tag = "a", .attribute = "href", .containing = "/profile/"});
  post.author_id = digits_after("/profile/", profile.attribute("href"));
  post.url = written_link(thread.base, permalink_in(node));
  post.title = thread.title;
  post.created_at = thread.time_in(time_in(node));
  const Node content = first(node, {.attribute = "data-role", .containing = "commentContent"});
  if (!content) {
    post.state = PostState::deleted;
    return post;
  }
  if (first(node, {.attribute = "data-excludequote"})) post.state = PostState::edited;
  write_into(post, content, thread);
  const Node quoted = first(content, {.attribute = "data-ipsquote-contentcommentid"});
  post.reply_to = number_after("", quoted.attribute("data-ipsquote-contentcommentid"));
  post.tags = thread.tags;
  return post;
}

constexpr Engine kEngine{recognises,     place_of,  kind_of,  rows_in,   says_empty,
                         paginations_in, thread_of, posts_in, read_post, "id=\"elComment_"};

}  // namespace

Parser adapter() {
  return {"invision", recognises,
          [](const config::SourceSpec& source, const Cursor&) { return plan(source, place_of); },
          [](const Document& document) { return read(document, kEngine); }};
}

}  // namespace hw::parsers::invision
