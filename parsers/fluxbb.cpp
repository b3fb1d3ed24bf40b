// FluxBB and the PunBB that it descends from.
#include "common/text.h"
#include "parsers/adapters.h"
#include "parsers/addresses.h"
#include "parsers/forum.h"
#include "parsers/html_text.h"
#include "parsers/select.h"

namespace hw::parsers::fluxbb {
namespace {

using namespace forum;

// "viewtopic.php?id=12&p=2"; PunBB's friendly addresses are "topic/12/a-title/page/2/" and "topic12-p2.html".
std::optional<Place> scripted_place(const Url& url, std::string_view script, PageRole role) {
  if (!url.path.ends_with(script)) return std::nullopt;
  const std::string number(number_after("", query_parameter(url, "id")));
  if (number.empty()) return std::nullopt;
  const std::string first = url.origin() + url.path + "?id=" + number;
  return Place{role, number, page_number(query_parameter(url, "p")), 1, first, first + "&p=", ""};
}

std::optional<Place> friendly_place(const Url& url, std::string_view route, PageRole role) {
  const std::string address = url.text();
  const std::size_t at = address.rfind("/" + std::string(route));
  if (at == std::string::npos) return std::nullopt;
  const std::string_view rest = std::string_view(address).substr(at + 1 + route.size());
  const bool folder = rest.starts_with('/');
  const std::string number(
      digits_after(folder ? "/" : route, std::string_view(address).substr(at + 1 + (folder ? route.size() : 0))));
  if (number.empty() || !rest.substr(folder ? 1 : 0).starts_with(number)) return std::nullopt;
  if (!folder && !rest.ends_with(".html")) return std::nullopt;
  std::string stem = address.substr(0, at + 1 + route.size() + (folder ? 1 : 0) + number.size());
  if (!folder)
    return Place{role, number, page_number(digits_after("-p", rest)), 1, stem + ".html", stem + "-p", ".html"};
  const std::size_t page = rest.find("/page/");
  const std::size_t slug_end = std::min(page, rest.ends_with('/') ? rest.size() - 1 : rest.size());
  stem = address.substr(0, at + 1 + route.size()) + std::string(rest.substr(0, slug_end)) + "/";
  return Place{role, number, page_number(digits_after("/page/", rest)), 1, stem, stem + "page/", "/"};
}

std::optional<Place> place_of(std::string_view page_url, std::string_view reference) {
  const auto url = page_link(page_url, reference);
  if (!url) return std::nullopt;
  if (auto topic = scripted_place(*url, "viewtopic.php", PageRole::thread)) return topic;
  if (auto forum = scripted_place(*url, "viewforum.php", PageRole::listing)) return forum;
  if (auto topic = friendly_place(*url, "topic", PageRole::thread)) return topic;
  return friendly_place(*url, "forum", PageRole::listing);
}

bool recognises(const Document& document) {
  return is_html(document) &&
         holds_any(document.body, {"id=\"punindex\"", "id=\"punviewforum\"", "id=\"punviewtopic\"", "class=\"pun\"",
                                   "<div id=\"pun", "class=\"punwrap\"", "id=\"brd-viewtopic\"", "id=\"brd-viewforum\"",
                                   "id=\"brd-wrap\"", "id=\"brd-index\""});
}

// FluxBB's <div class="blockpost" id="p12">, PunBB's <div class="post" id="p12">; phpBB has the latter too, with a
// byline of another name.
std::vector<Node> posts_in(Node root) {
  std::vector<Node> posts;
  for (const Node node : all_of(root, {.tag = "div", .attribute = "id", .containing = "p"})) {
    const bool ours =
        node.has_class("blockpost") || (node.has_class("post") && first(node, {.with_class = "post-byline"}));
    if (ours && !number_after("p", node.attribute("id")).empty()) posts.push_back(node);
  }
  return posts;
}

Kind kind_of(const Page& page) {
  const Node root = page.root;
  if (!posts_in(root).empty()) return Kind::thread;
  if (first(root, {.tag = "form", .id = "login"}) || first(root, {.id = "brd-login"})) return Kind::login;
  if (first(root, {.id = "msg"}) || first(root, {.id = "brd-message"})) return Kind::message;
  const bool lists = first(root, {.id = "vf"}) || first(root, {.id = "brdmain", .with_class = "main-forum"}) ||
                     first(root, {.id = "punindex"}) || first(root, {.id = "brd-index"}) ||
                     first(root, {.id = "brd-viewforum"});
  if (lists) return Kind::listing;
  if (page.own) return page.own->role == PageRole::thread ? Kind::thread : Kind::listing;
  return Kind::unknown;
}

// "viewtopic.php?pid=99#p99" leads to the last post; PunBB writes "post/99/#p99".
std::string stamp_of(Node row) {
  std::string stamp;
  for (const Node link : all_of(row, {.tag = "a", .attribute = "href"}))
    if (const auto number = digits_after("#p", link.attribute("href")); !number.empty())
      stamp = "p" + std::string(number);
  return stamp;
}

Node row_of(Node link) {
  if (const Node row = closest(link, {.tag = "tr"})) return row;
  return closest(link, {.with_class = "main-item"});
}

// A row's first link leads to what the row is of. FluxBB keeps a moved topic's row, without a last post.
std::vector<Row> rows_in(const Page& page) {
  std::vector<Row> rows;
  Node seen;
  for (const Node link : all_of(page.root, {.tag = "a", .attribute = "href"})) {
    const Node row = row_of(link);
    if (!row || row == seen) continue;
    const auto place = place_of(page.base, link.attribute("href"));
    if (!place) continue;
    seen = row;
    std::string stamp = stamp_of(row);
    const bool moved = row.has_class("imoved") || row.has_class("moved") || row.has_class("iredirect");
    if (!moved) rows.push_back({*place, std::move(stamp)});
  }
  return rows;
}

bool says_empty(const Page& page) {
  return first(page.root, {.with_class = "tcl"}) || first(page.root, {.id = "vf"}) ||
         first(page.root, {.with_class = "no-topics"}) || first(page.root, {.id = "idx0"});
}

std::vector<Node> paginations_in(Node root) {
  std::vector<Node> found = all_of(root, {.with_class = "pagelink"});
  for (const Node punbb : all_of(root, {.with_class = "paging"})) found.push_back(punbb);
  return found;
}

std::string title_in(Node root) {
  if (const Node crumbs = first(root, {.with_class = "crumbs"})) {
    const auto items = all_of(crumbs, {.tag = "li"});
    const std::string last = items.empty() ? std::string() : line_of(first(items.back(), {.tag = "a"}));
    if (!last.empty()) return last;
  }
  return line_of(first(root, {.with_class = "main-title"}));
}

Thread thread_of(const Page& page) {
  Thread thread;
  thread.base = page.base;
  thread.title = title_in(page.root);
  std::vector<std::string> texts;
  for (const Node head : all_of(page.root, {.tag = "h2"})) texts.push_back(line_of(head));
  thread.times = times_of(page, {}, {}, texts);
  return thread;
}

Node author_in(Node post) {
  if (const Node term = first(first(post, {.with_class = "postleft"}), {.tag = "dt"}))
    return first(term, {.tag = "strong"});
  return first(first(post, {.with_class = "post-byline"}), {.tag = "strong"});
}

// The link in a post's head is its permalink, and its text the time.
Node permalink_in(Node post) {
  Node head = first(post, {.tag = "h2"});
  if (!head) head = first(post, {.with_class = "posthead"});
  Node link;
  for (const Node found : all_of(head, {.tag = "a", .attribute = "href", .containing = "#p"})) link = found;
  return link;
}

std::string subject_of(Node post) {
  const Node body = first(post, {.with_class = "postright"});
  return line_of(first(body ? body : first(post, {.with_class = "postbody"}), {.tag = "h3"}));
}

Post read_post(Node node, Thread& thread) {
  Post post;
  post.id = number_after("p", node.attribute("id"));
  const Node author = author_in(node);
  post.author = line_of(author);
  const std::string_view profile = first(author, {.tag = "a", .attribute = "href"}).attribute("href");
  post.author_id = digits_after("id=", profile);
  if (post.author_id.empty()) post.author_id = digits_after("user/", profile);
  const Node permalink = permalink_in(node);
  post.url = written_link(thread.base, permalink.attribute("href"));
  post.title = title_of(subject_of(node), thread.title);
  post.created_at = thread.time_in(permalink);
  Node content = first(node, {.with_class = "postmsg"});
  if (!content) content = first(node, {.with_class = "entry-content"});
  if (first(node, {.with_class = "postedit"}) || first(node, {.with_class = "lastedit"}))
    post.state = PostState::edited;
  write_into(post, content, thread);
  return post;
}

constexpr Engine kEngine{recognises,     place_of,  kind_of,  rows_in,   says_empty,
                         paginations_in, thread_of, posts_in, read_post, "id=\"p"};

}  // namespace

Parser adapter() {
  return {"fluxbb", recognises, [](const config::SourceSpec& source, const Cursor&) { return plan(source, place_of); },
          [](const Document& document) { return read(document, kEngine); }};
}

}  // namespace hw::parsers::fluxbb
