#include "parsers/forum.h"

#include <algorithm>
#include <set>

#include "common/text.h"
#include "parsers/addresses.h"
#include "parsers/charset.h"
#include "parsers/date_words.h"
#include "parsers/html_text.h"
#include "parsers/limits.h"
#include "parsers/nesting.h"
#include "parsers/select.h"
#include "parsers/served.h"

namespace hw::parsers::forum {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string base_of(Node root, const std::string& url) {
  const Node base = first(root, {.tag = "base", .attribute = "href"});
  const auto own = parse_url(url);
  const auto stated = resolve_url(url, base.attribute("href"));
  return base && own && stated && stated->authority() == own->authority() ? stated->text() : url;
}

std::optional<Place> own_place(const Page& page, PlaceOf place_of) {
  if (auto place = place_of(page.document->url, page.document->url)) return place;
  const Node canonical = first(page.root, {.tag = "link", .attribute = "rel", .containing = "canonical"});
  return place_of(page.base, canonical.attribute("href"));
}

Page page_at(Node root, const Document& document, const Engine& engine) {
  Page page{root, &document, base_of(root, document.url), std::nullopt};
  page.own = own_place(page, engine.place_of);
  return page;
}

// Boards whose addresses follow a rule of their own still link to the next page.
std::optional<Request> page_that_follows(const Page& page, PageRole role, std::string stamp) {
  const auto own = page_address(page.document->url);
  for (const char* tag : {"link", "a"}) {
    const Node link = first(page.root, {.tag = tag, .attribute = "rel", .containing = "next"});
    const auto url = page_link(page.base, link.attribute("href"));
    if (link && url && (!own || url->text() != own->text())) return Request{url->text(), role, std::move(stamp)};
  }
  return std::nullopt;
}

void add_further_pages(const Page& page, const Engine& engine, ParsedPage& into) {
  const std::string& stamp = page.document->request.stamp;
  if (!page.own || page.own->role != PageRole::thread) {
    into.next = page_that_follows(page, PageRole::thread, stamp);
    return;
  }
  const LinkedPages linked = pages_linked(engine.paginations_in(page.root), *page.own, page.base, engine.place_of);
  const long step = page.own->first_page == 0 ? smallest_step(linked.pages) : 1;
  into.links = further_pages(linked.own, linked.pages.back(), step, stamp);
  if (into.links.empty()) return;
  into.next = std::move(into.links.front());
  into.links.erase(into.links.begin());
}

// The stamp of a listing's next page says what this page ends with: a thread that is written to moves to the front, so
// nothing below has moved while this page ends as before.
void add_next_listing(const Page& page, const Engine& engine, const std::string& end, ParsedPage& into) {
  if (!page.own || page.own->role != PageRole::listing) {
    into.next = page_that_follows(page, PageRole::listing, end);
    return;
  }
  const LinkedPages linked = pages_linked(engine.paginations_in(page.root), *page.own, page.base, engine.place_of);
  const auto next = std::upper_bound(linked.pages.begin(), linked.pages.end(), page.own->page);
  if (next != linked.pages.end()) into.next = Request{linked.own.address(*next), PageRole::listing, end};
}

void read_listing(const Page& page, const Engine& engine, ParsedPage& into) {
  std::string end;
  for (const Row& row : engine.rows_in(page)) {
    if (row.place.role == PageRole::thread) end = row.stamp.empty() ? "" : row.place.number + "/" + row.stamp;
    into.links.push_back({row.place.first, row.place.role, row.stamp});
  }
  into.links = each_once(std::move(into.links));
  add_next_listing(page, engine, end, into);
}

// What stands below every post of an author: words of their profile, none of this post's.
std::string signature_in(Node post, const Thread& thread) {
  for (const std::string_view name : {"signature", "message-signature", "postsignature", "b-post__signature"})
    if (const Node found = first(post, {.with_class = name})) return written_in(found, thread.base).text;
  const Node found = first(post, {.attribute = "data-role", .containing = "memberSignature"});
  return found ? written_in(found, thread.base).text : std::string();
}

// `next` is the page's next post, if any.
Post read_post(const Engine& engine, Node node, Node next, Thread& thread) {
  Post post = engine.read_post(node, thread);
  if (post.state != PostState::deleted && post.author_bio.empty()) post.author_bio = signature_in(node, thread);
  post.as_served = served_fragment(node, next);
  return post;
}

// Some markup names a post twice: in a menu, in a preview.
void add_post(Post post, std::set<std::string>& seen, ParsedPage& into) {
  if (!post.id.empty() && seen.insert(post.id).second) into.posts.push_back(std::move(post));
}

void read_thread(const Page& page, const Engine& engine, ParsedPage& into) {
  Thread thread = engine.thread_of(page);
  const std::vector<Node> posts = engine.posts_in(page.root);
  std::set<std::string> seen;
  for (std::size_t i = 0; i < std::min(posts.size(), kMostPosts); ++i)
    add_post(read_post(engine, posts[i], i + 1 < posts.size() ? posts[i + 1] : Node(), thread), seen, into);
  if (posts.size() > kMostPosts) into.warnings.push_back(warning_of_posts(posts.size()));
  if (thread.zones_assumed > 0)
    into.warnings.push_back("the page does not state its time zone: " + std::to_string(thread.zones_assumed) +
                            " times were read as UTC");
  add_further_pages(page, engine, into);
}

ReadState state_of_empty(const Page& page, Kind kind, const Engine& engine) {
  switch (kind) {
    case Kind::login:
      return ReadState::login_wall;
    case Kind::message:
      return ReadState::error_page;
    case Kind::unknown:
      return engine.recognises(*page.document) ? ReadState::changed : ReadState::not_ours;
    case Kind::listing:
      return engine.says_empty(page) ? ReadState::ok : ReadState::changed;
    case Kind::thread:
      break;
  }
  return ReadState::changed;
}

void warn_of(ParsedPage& page) {
  const auto count = [&](auto lacks) { return std::count_if(page.posts.begin(), page.posts.end(), lacks); };
  const auto without_time = count([](const Post& post) { return !post.created_at; });
  const auto without_author = count([](const Post& post) { return post.author.empty(); });
  if (without_time > 0)
    page.warnings.push_back(std::to_string(without_time) + " posts without a time that could be read");
  if (without_author > 0) page.warnings.push_back(std::to_string(without_author) + " posts without an author");
}

// Where each post's element begins: at the '<' before the mark.
std::vector<std::size_t> cuts_in(std::string_view html, const Engine& engine) {
  const std::string_view mark = engine.post_mark;
  std::vector<std::size_t> cuts;
  for (std::size_t at = html.find(mark); at != std::string_view::npos; at = html.find(mark, at + 1)) {
    const std::size_t tag = html.rfind('<', at);
    const bool digit = at + mark.size() < html.size() && is_digit(html[at + mark.size()]);
    const bool numbered = digit || !engine.number_mark.empty();
    if (tag != std::string_view::npos && numbered && (cuts.empty() || tag > cuts.back())) cuts.push_back(tag);
  }
  return cuts;
}

Post text_alone(std::string_view piece, const Engine& engine, const Thread& thread) {
  Post post;
  post.id = digits_after(engine.number_mark.empty() ? engine.post_mark : engine.number_mark, piece);
  if (engine.permalink != nullptr && !post.id.empty()) post.url = engine.permalink(thread, post.id);
  post.title = thread.title;
  post.text = text_without_tree(piece);
  post.as_served = served_markup(piece);
  return post;
}

// Cut between posts, so that one hostile post costs only its own tree.
ParsedPage read_in_pieces(std::string_view html, const Document& document, const Engine& engine) {
  ParsedPage page;
  const std::vector<std::size_t> cuts = cuts_in(html, engine);
  Thread thread;
  thread.base = document.url;
  thread.times.now = made_at(document);
  if (const auto head = HtmlTree::build(std::string(html.substr(0, cuts.empty() ? html.size() : cuts.front())))) {
    const Page top = page_at(head->root(), document, engine);
    thread = engine.thread_of(top);
    add_further_pages(top, engine, page);
  }
  std::set<std::string> seen;
  for (std::size_t i = 0; i < std::min(cuts.size(), kMostPosts); ++i) {
    const std::size_t end = i + 1 < cuts.size() ? cuts[i + 1] : html.size();
    const std::string_view piece = html.substr(cuts[i], end - cuts[i]);
    const auto tree = HtmlTree::build(std::string(piece));
    const std::vector<Node> posts = tree ? engine.posts_in(tree->root()) : std::vector<Node>();
    add_post(posts.empty() ? text_alone(piece, engine, thread) : read_post(engine, posts.front(), {}, thread), seen,
             page);
  }
  page.warnings.emplace_back("nested too deep for a tree: posts were read one by one, the deepest as text alone");
  if (page.posts.empty()) page.state = ReadState::changed;
  return page;
}

std::string_view without_re(std::string_view subject) {
  while (subject.size() >= 3 && equals_ignoring_case(subject.substr(0, 3), "re:")) subject = trim(subject.substr(3));
  return subject;
}

}  // namespace

ParsedPage read(const Document& document, const Engine& engine) {
  const std::string html = to_utf8(document.body, document.charset, Markup::html);
  const auto tree = HtmlTree::build(html);
  if (!tree) return read_in_pieces(html, document, engine);
  const Page page = page_at(tree->root(), document, engine);
  const Kind kind = engine.kind_of(page);
  ParsedPage read;
  if (kind == Kind::thread) read_thread(page, engine, read);
  if (kind == Kind::listing) read_listing(page, engine, read);
  if (read.posts.empty() && (read.links.empty() || kind == Kind::thread)) {
    read.links.clear();
    read.next.reset();
    read.state = state_of_empty(page, kind, engine);
  }
  warn_of(read);
  return read;
}

std::vector<Request> plan(const config::SourceSpec& source, PlaceOf place_of) {
  const auto url = page_address(source.url);
  if (!url) return {};
  const auto place = place_of(url->text(), url->text());
  return {{place ? place->address() : url->text(), PageRole::entry, {}}};
}

std::optional<Time> Thread::time_in(Node element, std::string_view but_not) {
  if (const auto time = machine_time(element)) return time;
  return time_written(time_text(element, but_not));
}

std::optional<Time> Thread::time_written(std::string_view text) {
  const auto time = written_time(text, times);
  if (time && !times.zone) ++zones_assumed;
  return time;
}

TimeStyle times_of(const Page& page, std::string_view statement, std::string_view clock,
                   const std::vector<std::string>& texts, DayOrder usual) {
  TimeStyle style;
  style.now = made_at(*page.document);
  style.order = order_in(texts, usual);
  style.zone = stated_zone(statement);
  if (!style.zone && !clock.empty()) style.zone = zone_by_clock(clock, style);
  return style;
}

void write_into(Post& post, Node content, const Thread& thread) {
  Written written = written_in(content, thread.base);
  post.text = std::move(written.text);
  post.links = std::move(written.links);
  post.quotes = std::move(written.quotes);
}

std::string title_of(std::string_view subject, const std::string& thread_title) {
  std::string_view own = without_re(trim(subject));
  if (own.ends_with("...")) own.remove_suffix(3);
  const bool repeats = own.empty() || std::string_view(thread_title).starts_with(own);
  return std::string(repeats && !thread_title.empty() ? std::string_view(thread_title) : without_re(trim(subject)));
}

std::string stamp_of_time(Node element, const TimeStyle& style) {
  auto time = machine_time(element);
  const std::string text = time ? std::string() : time_text(element);
  const bool moves = to_lower(text).find(" ago") != std::string::npos || written_ago(date_words(text));
  if (!time && !moves) time = written_time(text, style);
  return time ? to_rfc3339(std::chrono::floor<std::chrono::minutes>(*time)) : std::string();
}

std::string digits_in(std::string_view text) {
  const std::size_t from = text.find_first_of("0123456789");
  if (from == std::string_view::npos) return {};
  std::string digits;
  for (const char c : text.substr(from, 15)) {
    if (is_digit(c) || c == 'K' || c == 'k' || c == 'M')
      digits += c;
    else if (c != ',' && c != '.')
      break;
  }
  return digits;
}

bool asks_to_log_in(Node content) {
  for (const Node field : all_of(content, {.tag = "input", .attribute = "type", .containing = "password"}))
    if (!closest(field, {.attribute = "style", .containing = "display: none"})) return true;
  return false;
}

std::string_view number_after(std::string_view prefix, std::string_view text) {
  if (!text.starts_with(prefix) || text.size() == prefix.size() || text.size() > prefix.size() + 19) return {};
  text.remove_prefix(prefix.size());
  return std::all_of(text.begin(), text.end(), is_digit) ? text : std::string_view();
}

std::string_view digits_after(std::string_view mark, std::string_view reference) {
  for (std::size_t at = reference.find(mark); at != std::string_view::npos; at = reference.find(mark, at + 1)) {
    const std::size_t from = at + mark.size();
    const std::size_t end = std::min(reference.find_first_not_of("0123456789", from), reference.size());
    if (end > from && end - from < 20) return reference.substr(from, end - from);
  }
  return {};
}

std::string last_number(std::string_view text) {
  const std::size_t end = text.find_last_of("0123456789");
  if (end == std::string_view::npos) return {};
  const std::size_t before = text.find_last_not_of("0123456789", end);
  const std::size_t from = before == std::string_view::npos ? 0 : before + 1;
  return end - from < 20 ? std::string(text.substr(from, end - from + 1)) : std::string();
}

bool holds(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

bool holds_any(std::string_view text, std::initializer_list<std::string_view> parts) {
  return std::any_of(parts.begin(), parts.end(), [&](auto part) { return holds(text, part); });
}

}  // namespace hw::parsers::forum
