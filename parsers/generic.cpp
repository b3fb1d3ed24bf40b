#include "parsers/generic.h"

#include <algorithm>
#include <array>
#include <set>

#include "common/text.h"
#include "parsers/adapters.h"
#include "parsers/addresses.h"
#include "parsers/charset.h"
#include "parsers/html_text.h"
#include "parsers/limits.h"
#include "parsers/select.h"

namespace hw::parsers::generic {
namespace {

using namespace forum;

constexpr double kStated = 0.9;   // the page says itself which its posts are
constexpr double kGuessed = 0.5;  // blocks that repeat

// How often an id of this form stands in the page with different numbers, up to `enough`: id="post-12", id="msg12".
bool repeats(std::string_view body, std::string_view form, std::size_t enough) {
  std::set<std::string_view> numbers;
  for (std::size_t at = body.find(form); at != std::string_view::npos; at = body.find(form, at + 1)) {
    const std::string_view number = digits_after(form, body.substr(at, form.size() + 20));
    if (!number.empty()) numbers.insert(number);
    if (numbers.size() >= enough) return true;
  }
  return false;
}

// A page that names its posts, or that numbers several as forums do. Blogs number their articles likewise, and mark
// them (hentry); comments below an article are numbered as comments.
bool recognises(const Document& document) {
  if (!is_html(document)) return false;
  const std::string_view body = document.body;
  if (holds(body, "DiscussionForumPosting")) return true;
  if (holds_any(body, {"hentry", "type-post", "wp-content"})) return false;
  static constexpr std::array<std::string_view, 7> kForms{"id=\"post", "id=\"post-",    "id=\"post_",  "id=\"msg",
                                                          "id=\"msg_", "id=\"message-", "id=\"message"};
  return std::any_of(kForms.begin(), kForms.end(), [&](auto form) { return repeats(body, form, 3); });
}

std::vector<Request> plan(const config::SourceSpec& source, const Cursor&) {
  const auto url = page_address(source.url);
  if (!url) return {};
  return {{url->text(), PageRole::entry, {}}};
}

// What the pages of one thread all say above its posts.
std::string title_in(Node root) {
  if (const Node heading = first(root, {.tag = "h1"}); heading && !line_of(heading).empty()) return line_of(heading);
  const Node stated = first(root, {.attribute = "property", .containing = "og:title"});
  if (stated) return std::string(stated.attribute("content"));
  return std::string(trim(first(root, {.tag = "title"}).child(0).text()));
}

Thread thread_of(Node root, const Document& document) {
  Thread thread;
  thread.title = title_in(root);
  thread.base = document.url;
  thread.times.now = made_at(document);
  for (const Node text : texts_in(root)) {
    if (!holds_any(text.text(), {"times are GMT", "times are UTC"})) continue;
    thread.times.zone = stated_zone(text.text());
    break;
  }
  return thread;
}

// Each once, first come.
void add_posts(std::vector<Post> posts, ParsedPage& into) {
  std::set<std::string> seen;
  for (Post& post : posts)
    if (into.posts.size() < kMostPosts && seen.insert(post.id).second) into.posts.push_back(std::move(post));
}

std::optional<Request> next_page(Node root, const Document& document, PageRole role) {
  const auto own = page_address(document.url);
  std::vector<Node> links = all_of(root, {.attribute = "rel", .containing = "next"});
  for (const Node link : all_of(root, {.tag = "a", .with_class = "next"})) links.push_back(link);
  for (const Node link : links) {
    const auto url = page_link(document.url, link.attribute("href"));
    if (url && own && url->text() != own->text()) return Request{url->text(), role, document.request.stamp};
  }
  return std::nullopt;
}

void read_posts(Node root, Thread& thread, ParsedPage& into) {
  std::vector<Post> stated = read_microdata(root, thread);
  if (stated.size() < 2)
    if (std::vector<Post> linked = read_json_ld(root, thread); linked.size() > stated.size())
      stated = std::move(linked);
  std::vector<Post> guessed = stated.size() < 2 ? read_blocks(root, thread) : std::vector<Post>();
  const bool guess = guessed.size() > stated.size();
  into.confidence = guess ? kGuessed : kStated;
  add_posts(guess ? std::move(guessed) : std::move(stated), into);
  if (into.posts.empty()) return;
  into.warnings.emplace_back(guess ? "no adapter knows this engine: posts were guessed from blocks that repeat, "
                                     "confidence 0.5; compare them with the page"
                                   : "no adapter knows this engine: posts are those that the page's markup names, "
                                     "confidence 0.9");
}

void read_page(Node root, const Document& document, ParsedPage& into) {
  Thread thread = thread_of(root, document);
  read_posts(root, thread, into);
  if (into.posts.empty()) into.links = read_rows(root, thread);
  const PageRole role = into.posts.empty() ? PageRole::listing : PageRole::thread;
  if (!into.posts.empty() || !into.links.empty()) into.next = next_page(root, document, role);
  if (thread.zones_assumed > 0 && !into.posts.empty())
    into.warnings.push_back("the page does not state its time zone: " + std::to_string(thread.zones_assumed) +
                            " times were read as UTC");
  if (into.posts.empty() && into.links.empty())
    into.state = asks_to_log_in(root) ? ReadState::login_wall : ReadState::changed;
}

ParsedPage parse(const Document& document) {
  ParsedPage page;
  page.confidence = kGuessed;
  const auto tree = HtmlTree::build(to_utf8(document.body, document.charset, Markup::html));
  if (tree) {
    read_page(tree->root(), document, page);
  } else {
    page.state = ReadState::changed;
    page.warnings.emplace_back("nested too deep for a tree: nothing was read");
  }
  return page;
}

}  // namespace

Parser adapter() { return {"generic", recognises, plan, parse}; }

}  // namespace hw::parsers::generic
