// Craigslist: search listings and postings. Postings have no author; a posting is read once, for it does not grow.
#include <algorithm>

#include "common/text.h"
#include "parsers/adapters.h"
#include "parsers/addresses.h"
#include "parsers/charset.h"
#include "parsers/forum.h"
#include "parsers/html_text.h"
#include "parsers/limits.h"
#include "parsers/select.h"
#include "parsers/served.h"

namespace hw::parsers::craigslist {
namespace {

using namespace forum;

bool recognises(const Document& document) {
  return is_html(document) && holds_any(document.body, {"id=\"postingbody\"", "cl-static-search-result",
                                                        "cl-search-result", "class=\"result-row\"", "post-not-found"});
}

std::vector<Request> plan(const config::SourceSpec& source, const Cursor&) {
  const auto url = page_address(source.url);
  if (!url) return {};
  return {{url->text(), PageRole::entry, {}}};
}

// "…/d/a-title/7712345678.html".
std::string_view posting_number(std::string_view address) {
  const std::size_t slash = address.rfind('/');
  if (slash == std::string_view::npos || !address.ends_with(".html")) return {};
  return number_after("", address.substr(slash + 1, address.size() - slash - 6));
}

// Postings change only when their author edits them, which renews the time that a listing shows.
void add_postings(Node root, const Document& document, ParsedPage& into) {
  for (const std::string_view name : {"cl-static-search-result", "cl-search-result", "result-row"}) {
    for (const Node row : all_of(root, {.with_class = name})) {
      const auto url = page_link(document.url, first(row, {.tag = "a", .attribute = "href"}).attribute("href"));
      if (!url || posting_number(url->path).empty()) continue;
      const Node time = first(row, {.tag = "time", .attribute = "datetime"});
      const std::string_view seen = time ? time.attribute("datetime") : std::string_view("once");
      into.links.push_back({url->text(), PageRole::thread, std::string(seen)});
    }
  }
  into.links = each_once(std::move(into.links));
  Node next = first(root, {.tag = "a", .with_class = "next"});
  if (!next) next = first(root, {.tag = "link", .attribute = "rel", .containing = "next"});
  const auto url = resolve_url(document.url, next.attribute("href"));  // "?s=120" is a place in the list, no session
  const auto own = parse_url(document.url);
  if (url && own && next && url->authority() == own->authority() && url->scheme == own->scheme &&
      url->text() != own->text())
    into.next = Request{url->text(), PageRole::listing, {}};
}

// "post id: 7712345678" below a posting; its address says the same.
std::string id_of(Node root, const Document& document) {
  for (const Node info : all_of(root, {.with_class = "postinginfo"})) {
    const std::string line = line_of(info);
    if (const auto number = digits_after("id: ", line); !number.empty()) return std::string(number);
  }
  const auto url = page_address(document.url);
  return url ? std::string(posting_number(url->path)) : std::string();
}

std::vector<std::string> tags_of(Node root) {
  std::vector<std::string> tags;
  for (const Node group : all_of(root, {.with_class = "attrgroup"}))
    for (const Node tag : all_of(group, {.tag = "span"}))
      if (tags.size() < kMostTags && !line_of(tag).empty()) tags.push_back(line_of(tag));
  return tags;
}

void read_posting(Node root, const Document& document, ParsedPage& into) {
  const Node body = first(root, {.id = "postingbody"});
  Post post;
  post.id = id_of(root, document);
  if (post.id.empty()) return;
  post.url = document.url;
  post.title = line_of(first(root, {.id = "titletextonly"}));
  Node date = first(root, {.tag = "time", .with_class = "date"});
  if (!date) date = first(first(root, {.id = "display-date"}), {.tag = "time"});
  post.created_at = machine_time(date);
  post.tags = tags_of(root);
  Written written = written_in(body, document.url);
  post.text = std::move(written.text);
  post.links = std::move(written.links);
  post.quotes = std::move(written.quotes);
  post.as_served = served_fragment(body);
  into.posts.push_back(std::move(post));
}

// What its author deleted, or others flagged away, says so in its place.
void read_removed(Node notice, const Document& document, ParsedPage& into) {
  Post post;
  const auto url = page_address(document.url);
  post.id = url ? std::string(posting_number(url->path)) : std::string();
  if (post.id.empty()) return;
  post.url = document.url;
  post.state = PostState::deleted;
  post.as_served = served_fragment(notice);
  into.posts.push_back(std::move(post));
}

Node notice_in(Node root) {
  const Node removed = first(root, {.with_class = "removed"});
  return removed ? removed : first(root, {.with_class = "post-not-found"});
}

ReadState state_of_empty(Node root) {
  if (notice_in(root)) return ReadState::error_page;
  if (asks_to_log_in(root)) return ReadState::login_wall;
  const bool list = first(root, {.with_class = "cl-static-search-results"}) || first(root, {.id = "search-results"}) ||
                    first(root, {.with_class = "no-results"}) || first(root, {.with_class = "noresults"});
  return list ? ReadState::ok : ReadState::changed;
}

ParsedPage parse(const Document& document) {
  ParsedPage page;
  const auto tree = HtmlTree::build(to_utf8(document.body, document.charset, Markup::html));
  if (!tree) {
    page.state = ReadState::changed;
    page.warnings.emplace_back("nested too deep for a tree: nothing was read");
    return page;
  }
  if (first(tree->root(), {.id = "postingbody"}))
    read_posting(tree->root(), document, page);
  else if (const Node notice = notice_in(tree->root()))
    read_removed(notice, document, page);
  else
    add_postings(tree->root(), document, page);
  if (page.posts.empty() && page.links.empty())
    page.state = recognises(document) ? state_of_empty(tree->root()) : ReadState::not_ours;
  return page;
}

}  // namespace

Parser adapter() { return {"craigslist", recognises, plan, parse}; }

}  // namespace hw::parsers::craigslist
