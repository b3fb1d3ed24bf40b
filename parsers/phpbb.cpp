#include "parsers/phpbb.h"

#include <algorithm>

#include "parsers/adapters.h"
#include "parsers/addresses.h"
#include "parsers/charset.h"
#include "parsers/select.h"

namespace hw::parsers::phpbb {
namespace {

bool recognises(const Document& document) {
  if (!is_html(document)) return false;
  const std::string_view body = document.body;
  return body.find("<body id=\"phpbb\"") != std::string_view::npos ||
         body.find("phpBB style name:") != std::string_view::npos ||
         (body.find("viewforum.php?") != std::string_view::npos &&
          body.find("memberlist.php") != std::string_view::npos);
}

std::vector<Request> plan(const config::SourceSpec& source, const Cursor&) {
  const auto url = page_address(source.url);
  if (!url) return {};
  if (const auto topic = topic_address(url->text(), url->text())) return {{topic->text(), PageRole::entry, {}}};
  if (const auto forum = forum_address(url->text(), url->text())) return {{forum->text(), PageRole::entry, {}}};
  return {{url->text(), PageRole::entry, {}}};
}

// phpBB says so in its own words on a panel: "There are no topics or posts in this forum."
bool says_why_empty(Node root) {
  const Node page = first(root, {.id = "page-body"});
  for (const Node panel : all_of(page, {.tag = "div", .with_class = "panel"}))
    if (first(panel, {.tag = "strong"})) return true;
  return false;
}

bool asks_to_log_in(Node root) {
  const Node page = first(root, {.id = "page-body"});
  const Node password = first(page, {.tag = "input", .attribute = "name", .containing = "password"});
  return password && !closest(password, {.with_class = "quick-login"});
}

ReadState state_of_empty(Node root, Page page) {
  if (page == Page::login || asks_to_log_in(root)) return ReadState::login_wall;
  if (page == Page::message) return ReadState::error_page;
  if (page == Page::unknown) return ReadState::not_ours;
  return page == Page::forum && says_why_empty(root) ? ReadState::ok : ReadState::changed;
}

void warn_of(const ParsedPage& page, std::vector<std::string>& warnings) {
  const auto count = [&](auto lacks) { return std::count_if(page.posts.begin(), page.posts.end(), lacks); };
  const auto without_time = count([](const Post& post) { return !post.created_at; });
  const auto without_author = count([](const Post& post) { return post.author.empty(); });
  if (without_time > 0) warnings.push_back(std::to_string(without_time) + " posts without a time that could be read");
  if (without_author > 0) warnings.push_back(std::to_string(without_author) + " posts without an author");
}

ParsedPage read_without_tree(std::string_view html, const Document& document) {
  ParsedPage page;
  read_topic_in_pieces(html, document, page);
  page.warnings.emplace_back("nested too deep for a tree: posts were read one by one, the deepest as text alone");
  if (page.posts.empty()) page.state = ReadState::changed;
  return page;
}

ParsedPage parse(const Document& document) {
  std::string html = to_utf8(document.body, document.charset, Markup::html);
  const auto tree = HtmlTree::build(html);
  if (!tree) return read_without_tree(html, document);
  ParsedPage page;
  const Page kind = page_of(tree->root(), document.url);
  if (kind == Page::topic) read_topic(tree->root(), document, page);
  if (kind == Page::index || kind == Page::forum) read_listing(tree->root(), document.url, page);
  if (page.posts.empty() && page.links.empty()) {
    page.state = state_of_empty(tree->root(), kind);
    if (page.state == ReadState::not_ours && recognises(document)) page.state = ReadState::changed;
  }
  warn_of(page, page.warnings);
  return page;
}

}  // namespace

Page page_of(Node root, std::string_view url) {
  const Node body = first(root, {.tag = "body"});
  if (first(body, {.tag = "form", .id = "login"}) || first(body, {.id = "login_forum"})) return Page::login;
  if (first(body, {.id = "message"})) return Page::message;
  if (body.has_class("section-viewtopic")) return Page::topic;
  if (body.has_class("section-viewforum")) return Page::forum;
  if (body.has_class("section-index")) return Page::index;
  if (topic_address(url, url) || first(body, {.tag = "p", .with_class = "author"})) return Page::topic;
  if (forum_address(url, url) || first(body, {.with_class = "topictitle"})) return Page::forum;
  return first(body, {.with_class = "forumtitle"}) ? Page::index : Page::unknown;
}

Parser adapter() { return {"phpbb", recognises, plan, parse}; }

}  // namespace hw::parsers::phpbb
