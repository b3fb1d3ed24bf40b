#include "common/text.h"
#include "parsers/addresses.h"
#include "parsers/html_text.h"
#include "parsers/limits.h"
#include "parsers/phpbb.h"
#include "parsers/select.h"

namespace hw::parsers::phpbb {
namespace {

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
void read_forums(Node root, std::string_view page_url, ParsedPage& into) {
  for (const Node title : all_of(root, {.tag = "a", .with_class = "forumtitle"})) {
    const Node row = row_of(title);
    const bool leads_elsewhere = static_cast<bool>(first(row, {.tag = "dl", .with_class = "forum_link"}));
    const auto url = forum_address(page_url, title.attribute("href"));
    if (url && !leads_elsewhere) into.links.push_back({url->text(), PageRole::listing, stamp_of(row)});
  }
}

// A moved topic leaves a row behind whose stamp stands still; the topic itself is listed where it is now.
bool has_moved(Node row) { return static_cast<bool>(first(row, {.tag = "dl", .with_class = "topic_moved"})); }

// The address and stamp of the last topic listed, as the mark of where this page ends.
std::string read_topics(Node root, std::string_view page_url, ParsedPage& into) {
  std::string end;
  for (const Node title : all_of(root, {.tag = "a", .with_class = "topictitle"})) {
    const Node row = row_of(title);
    const auto url = topic_address(page_url, title.attribute("href"));
    if (!url || has_moved(row)) continue;
    const Url topic = with_only(*url, {"t"});
    std::string stamp = stamp_of(row);
    end = stamp.empty() ? std::string() : "t" + query_parameter(topic, "t") + "/" + stamp;
    into.links.push_back({topic.text(), PageRole::thread, std::move(stamp)});
  }
  return end;
}

}  // namespace

Node pagination_of(Node root) {
  for (const Node found : all_of(root, {.with_class = "pagination"}))
    if (!row_of(found)) return found;
  return {};
}

void read_listing(Node root, std::string_view page_url, ParsedPage& into) {
  read_forums(root, page_url, into);
  std::string end = read_topics(root, page_url, into);
  into.links = each_once(std::move(into.links));
  if (const auto own = forum_address(page_url, page_url))
    into.next = next_listing(pagination_of(root), *own, std::move(end));
}

}  // namespace hw::parsers::phpbb
