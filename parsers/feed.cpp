#include "parsers/feed.h"

#include <algorithm>
#include <array>

#include "common/text.h"
#include "common/url.h"
#include "parsers/adapters.h"
#include "parsers/addresses.h"
#include "parsers/charset.h"
#include "parsers/limits.h"

namespace hw::parsers::feed {
namespace {

using enum Vocabulary;

// The name of the first element, past the declaration, comments and a DOCTYPE: "rss", "rdf:RDF", "feed".
std::string_view first_element(std::string_view text) {
  for (std::size_t at = text.find('<'); at != std::string_view::npos && at + 1 < text.size();
       at = text.find('<', at + 1)) {
    if (text.substr(at, 4) == "<!--") {
      at = text.find("-->", at);
      if (at == std::string_view::npos) return {};
    } else if (text[at + 1] != '?' && text[at + 1] != '!') {
      const std::size_t end = text.find_first_of(" \t\r\n/>", at);
      return text.substr(at + 1, end == std::string_view::npos ? end : end - at - 1);
    }
  }
  return {};
}

bool names_a_feed(std::string_view element) {
  const std::string_view local = element.substr(element.find(':') + 1);
  return equals_ignoring_case(local, "rss") || equals_ignoring_case(local, "rdf") ||
         equals_ignoring_case(local, "feed");
}

bool recognises(const Document& document) {
  constexpr std::size_t kEnough = 8192;
  const std::string_view body = std::string_view(document.body).substr(0, kEnough);
  if (is_json(document)) return body.find("jsonfeed.org/version") != std::string_view::npos;
  return names_a_feed(first_element(body));
}

// Without sort and view parameters no feed would be the one that was configured: only the fragment goes.
std::vector<Request> plan(const config::SourceSpec& source, const Cursor&) {
  const auto url = parse_url(source.url);
  if (!url) return {};
  return {{url->text(), PageRole::entry, {}}};
}

bool is_entry(XmlElement element) { return element.is(core, "item") || element.is(core, "entry"); }

// Entries wherever they stand: beside the channel (RSS 1.0), within it, or in what a missing end tag made their parent.
void read_entries(XmlElement parent, const Inherited& inherited, std::string_view url, ParsedPage& into,
                  int depth = 0) {
  constexpr int kDeepest = 300;  // libxml2 itself stops at 256
  if (depth > kDeepest) return;
  for (const XmlElement child : parent.children()) {
    if (into.posts.size() == kMostPosts) return;
    if (is_entry(child)) {
      Post post = read_entry(child, inherited, url);
      if (!post.id.empty()) into.posts.push_back(std::move(post));
    }
    read_entries(child, inherited, url, into, depth + 1);
  }
}

XmlElement feed_in(XmlElement root) {
  const XmlElement channel = root.child(core, "channel");
  return channel ? channel : root;
}

// RFC 5005 §3.
std::optional<Request> next_page(XmlElement feed, const ParsedPage& page, std::string_view url) {
  for (const XmlElement link : feed.children())
    if (link.is(core, "link") && to_lower(link.attribute("rel")) == "next")
      if (auto next = page_after(link.attribute("href"), page, url)) return next;
  return std::nullopt;
}

// A feed that ends before its own end does, within an entry and before what names it: the next reading has that entry
// whole, this one would give it another id.
bool ends_before_an_id(std::string_view utf8) {
  const auto last = [&](const std::string& tag) {
    return utf8.rfind(tag) == std::string_view::npos ? 0 : utf8.rfind(tag);
  };
  const std::string root(first_element(utf8.substr(0, 8192)));
  const std::size_t entry = std::max(last("<item"), last("<entry"));
  if (last("</" + root) > 0 || std::max(last("</item"), last("</entry")) > entry) return false;
  return std::max(last("</guid"), last("</id")) < entry;
}

ParsedPage parse(const Document& document) {
  if (is_json(document) && recognises(document))
    return read_json_feed(document, to_utf8(document.body, document.charset, Markup::json));
  ParsedPage page;
  page.state = ReadState::not_ours;
  const std::string utf8 = to_utf8(document.body, document.charset, Markup::xml);
  if (!recognises(document) && !names_a_feed(first_element(std::string_view(utf8).substr(0, 8192)))) return page;
  page.state = ReadState::changed;
  const auto tree = XmlTree::build(utf8, document.url);
  if (!tree) {
    page.warnings.emplace_back("the feed's XML cannot be read");
    return page;
  }
  const XmlElement feed = feed_in(tree->root());
  read_entries(tree->root(), inherited_from(feed), document.url, page);
  page.next = next_page(feed, page, document.url);
  if (tree->damaged() && !page.posts.empty() && ends_before_an_id(utf8)) page.posts.pop_back();
  if (tree->damaged()) page.warnings.emplace_back("the feed is ill-formed XML: what could be read was taken");
  if (!page.posts.empty() || !tree->damaged()) page.state = ReadState::ok;
  return page;
}

}  // namespace

std::optional<Request> page_after(std::string_view reference, const ParsedPage& page, std::string_view url) {
  if (reference.empty()) return std::nullopt;
  const auto next = resolve_url(url, reference);
  const auto own = parse_url(url);
  if (!next || !own || next->authority() != own->authority() || next->text() == own->text()) return std::nullopt;
  if (next->scheme != own->scheme) return std::nullopt;
  return Request{next->text(), PageRole::listing, page.posts.empty() ? std::string() : page.posts.back().id};
}

Parser adapter() { return {"feed", recognises, plan, parse}; }

}  // namespace hw::parsers::feed
