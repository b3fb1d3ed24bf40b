#include <algorithm>
#include <array>
#include <cstdint>

#include "common/text.h"
#include "parsers/addresses.h"
#include "parsers/feed.h"
#include "parsers/html_text.h"
#include "parsers/limits.h"
#include "parsers/served.h"

namespace hw::parsers::feed {
namespace {

using enum Vocabulary;

struct Name {
  Vocabulary vocabulary;
  std::string_view name;
};

// The first of the named children that says anything.
XmlElement first_of(XmlElement parent, std::initializer_list<Name> names) {
  for (const Name& name : names)
    for (const XmlElement child : parent.children())
      if (child.is(name.vocabulary, name.name) && !trim(child.text()).empty()) return child;
  return {};
}

std::string line(XmlElement element) { return std::string(trim(element.text())); }

// Atom says what kind of text an element holds; RSS never does, and is read as HTML, as every reader does.
enum class Kind { text, html, markup, nothing };

Kind kind_of(XmlElement element) {
  const std::string type = to_lower(trim(element.attribute("type")));
  const std::string mode = to_lower(trim(element.attribute("mode")));  // Atom 0.3
  if (mode == "base64" || !element.attribute("src").empty()) return Kind::nothing;
  if (type == "xhtml" || type == "application/xhtml+xml") return mode == "escaped" ? Kind::html : Kind::markup;
  if (type == "html" || type == "text/html" || mode == "escaped") return Kind::html;
  if (type == "text" || type == "text/plain") return element.children().empty() ? Kind::text : Kind::markup;
  if (!type.empty() && !type.starts_with("text/") && !type.ends_with("xml")) return Kind::nothing;
  return Kind::html;
}

bool is_atom(XmlElement entry) { return entry.is(core, "entry"); }

Written body_of(XmlElement element, std::string_view page_url, bool atom) {
  const std::string base = element.base().empty() ? std::string(page_url) : element.base();
  const bool untyped_atom = atom && element.attribute("type").empty() && element.attribute("mode").empty();
  const Kind kind = untyped_atom && element.children().empty() ? Kind::text : kind_of(element);
  if (kind == Kind::nothing) return {};
  if (kind == Kind::text) return {std::string(trim(element.text())), {}, {}};
  return written_in(element.content(), base, nullptr);
}

void read_body(XmlElement entry, std::string_view page_url, Post& post) {
  const bool atom = is_atom(entry);
  const XmlElement full =
      first_of(entry, {{content, "encoded"}, {core, "content"}, {core, "fullitem"}, {core, "body"}, {other, "body"}});
  const XmlElement brief =
      first_of(entry, {{core, "description"}, {core, "summary"}, {core, "tagline"}, {dublin_core, "description"}});
  Written written = full ? body_of(full, page_url, atom) : Written{};
  if (written.text.empty() && written.quotes.empty() && brief) written = body_of(brief, page_url, atom);
  post.text = std::move(written.text);
  post.links = std::move(written.links);
  post.quotes = std::move(written.quotes);
}

// "editor@example.com (Jane Doe)" is the form that RSS 2.0 asks for.
std::string without_mailbox(const std::string& author) {
  const std::size_t open = author.find('(');
  const std::size_t close = author.rfind(')');
  const bool both = author.find('@') < open && open != std::string::npos && close != std::string::npos && close > open;
  return both ? std::string(trim(std::string_view(author).substr(open + 1, close - open - 1))) : author;
}

void read_author(XmlElement parent, Post& post) {
  const XmlElement author = first_of(parent, {{dublin_core, "creator"}, {core, "author"}, {dublin_core, "author"}});
  if (!author) return;
  if (author.children().empty()) {
    post.author = plain(without_mailbox(line(author)));
    return;
  }
  post.author = plain(line(first_of(author, {{core, "name"}, {core, "email"}})));
  post.author_id = line(first_of(author, {{core, "uri"}, {core, "url"}}));
}

// Atom's <link href rel>, RSS's <link>address</link>.
std::string link_of(XmlElement entry, std::string_view page_url) {
  std::string found;
  for (const XmlElement link : entry.children()) {
    if (!link.is(core, "link")) continue;
    const std::string href = link.attribute("href");
    const std::string rel = to_lower(link.attribute("rel"));
    if (!rel.empty() && rel != "alternate") continue;
    const std::string base = link.base().empty() ? std::string(page_url) : link.base();
    if (found.empty()) found = written_link(base, href.empty() ? line(link) : href);
  }
  return found;
}

std::vector<std::string> tags_of(XmlElement entry) {
  std::vector<std::string> tags;
  for (const XmlElement child : entry.children()) {
    if (tags.size() == kMostTags) break;
    if (!child.is(core, "category") && !child.is(dublin_core, "subject")) continue;
    std::string tag = child.attribute("term");
    if (!child.attribute("label").empty()) tag = child.attribute("label");
    tag = plain(tag.empty() ? line(child) : tag);
    if (!tag.empty() && std::find(tags.begin(), tags.end(), tag) == tags.end()) tags.push_back(std::move(tag));
  }
  return tags;
}

std::optional<Time> date_of(XmlElement entry) {
  static constexpr std::array<Name, 8> kNames{{{core, "published"},
                                               {core, "pubDate"},
                                               {core, "issued"},
                                               {dublin_core, "date"},
                                               {core, "created"},
                                               {dublin_core, "created"},
                                               {core, "updated"},
                                               {core, "modified"}}};
  for (const Name& name : kNames)
    if (const auto time = read_date(entry.child(name.vocabulary, name.name).text())) return time;
  return std::nullopt;
}

// FNV-1a, as sixteen hexadecimal digits.
std::string fingerprint(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(hash >> shift);
  return to_hex(bytes);
}

// A feed's entries name themselves (guid, id, rdf:about); where they do not, their address does, and where they have
// none either, what they say. Empty for an entry that is empty.
std::string id_of(XmlElement entry, const Post& post) {
  const std::string named = line(first_of(entry, {{core, "id"}, {core, "guid"}}));
  if (!named.empty()) return named;
  if (!post.url.empty()) return post.url;
  const std::string about = entry.attribute("about");
  if (!about.empty()) return about;
  return id_of_text(post);
}

bool is_web_address(std::string_view text) { return text.starts_with("http://") || text.starts_with("https://"); }

}  // namespace

std::string plain(std::string_view text) {
  std::string read = written_in(text, {}, nullptr).text;
  std::replace(read.begin(), read.end(), '\n', ' ');
  return read;
}

Inherited inherited_from(XmlElement feed) {
  Post post;
  read_author(feed, post);
  return {post.author, post.author_id, line(first_of(feed, {{core, "language"}, {dublin_core, "language"}}))};
}

std::string id_of_text(const Post& post) {
  const std::string all = post.title + "\n" + post.text;
  return all.size() > 1 ? "text-" + fingerprint(all) : std::string();
}

Post read_entry(XmlElement entry, const Inherited& inherited, std::string_view page_url) {
  Post post;
  post.url = link_of(entry, page_url);
  const XmlElement title = first_of(entry, {{core, "title"}, {dublin_core, "title"}});
  post.title = body_of(title, page_url, is_atom(entry)).text;
  std::replace(post.title.begin(), post.title.end(), '\n', ' ');
  const std::string base = post.url.empty() ? std::string(page_url) : post.url;
  read_body(entry, base, post);
  post.id = id_of(entry, post);
  if (post.url.empty() && is_web_address(post.id)) post.url = post.id;
  read_author(entry, post);
  if (post.author.empty() && is_atom(entry)) {
    post.author = inherited.author;
    post.author_id = inherited.author_id;
  }
  post.tags = tags_of(entry);
  post.created_at = date_of(entry);
  post.lang = entry.language();
  if (post.lang.empty()) post.lang = inherited.language;
  post.as_served = served_markup(entry.markup());
  post.reply_to = entry.child(threading, "in-reply-to").attribute("ref");
  return post;
}

}  // namespace hw::parsers::feed
