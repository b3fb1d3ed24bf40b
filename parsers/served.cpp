#include "parsers/served.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include <gumbo.h>

#include "common/text.h"
#include "parsers/addresses.h"

namespace hw::parsers {
namespace {

using std::string_view;

constexpr string_view kCut = "[cut]";
constexpr int kMostEscapes = 3;  // markup within escaped markup within …

template <std::size_t N>
bool is_one_of(string_view name, const std::array<string_view, N>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Tags without content of their own: the tag goes.
bool is_media_tag(string_view name) {
  static constexpr std::array<string_view, 8> kNames{"img",   "image", "source", "track",
                                                     "embed", "param", "area",   "enclosure"};
  return is_one_of(name, kNames);
}

// They go with all that stands in them.
bool is_media_element(string_view name) {
  static constexpr std::array<string_view, 13> kNames{"video",    "audio", "picture", "object", "iframe",
                                                      "canvas",   "svg",   "script",  "style",  "noscript",
                                                      "template", "map",   "frameset"};
  return is_one_of(name, kNames) || name.starts_with("media:") || name.starts_with("itunes:");
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

struct Attribute {
  string_view name;
  string_view value;
  string_view whole;  // with the space before it
};

struct Tag {
  string_view whole;  // "<a href=…>"
  std::string name;   // in lower case
  bool closes = false;
  bool empty = false;  // "<x/>"
  std::vector<Attribute> attributes;
};

// Reads one attribute that begins at `at` (spaces before it included) and moves `at` past it. False at the tag's end.
bool read_attribute(string_view text, std::size_t& at, Attribute& into) {
  const std::size_t from = at;
  while (at < text.size() && (is_space(text[at]) || text[at] == '/')) ++at;
  if (at >= text.size() || text[at] == '>') return false;
  const std::size_t name = at;
  ++at;  // HTML takes a leading '=' as part of the name
  while (at < text.size() && !is_space(text[at]) && text[at] != '/' && text[at] != '>' && text[at] != '=') ++at;
  into = {text.substr(name, at - name), {}, {}};
  std::size_t equals = at;
  while (equals < text.size() && is_space(text[equals])) ++equals;
  if (equals < text.size() && text[equals] == '=') {
    at = equals + 1;
    while (at < text.size() && is_space(text[at])) ++at;
    const char quote = at < text.size() ? text[at] : '\0';
    if (quote == '"' || quote == '\'') {
      const std::size_t end = std::min(text.find(quote, at + 1), text.size());
      into.value = text.substr(at + 1, end - at - 1);
      at = std::min(end + 1, text.size());
    } else {
      const std::size_t begin = at;
      while (at < text.size() && !is_space(text[at]) && text[at] != '>') ++at;
      into.value = text.substr(begin, at - begin);
    }
  }
  into.whole = text.substr(from, at - from);
  return true;
}

// The tag at the start of `text`, which begins with '<' and a letter or "</" and a letter. `whole` is empty where it
// has no end.
Tag read_tag(string_view text) {
  Tag tag;
  std::size_t at = 1;
  tag.closes = text[at] == '/';
  if (tag.closes) ++at;
  const std::size_t name = at;
  while (at < text.size() && !is_space(text[at]) && text[at] != '/' && text[at] != '>') ++at;
  tag.name = to_lower(text.substr(name, at - name));
  for (Attribute attribute; read_attribute(text, at, attribute);) tag.attributes.push_back(attribute);
  if (at >= text.size()) return tag;
  tag.empty = text[at - 1] == '/';
  tag.whole = text.substr(0, at + 1);
  return tag;
}

bool begins_tag(string_view text) {
  if (text.size() < 2 || text[0] != '<') return false;
  return is_letter(text[1]) || (text[1] == '/' && text.size() > 2 && is_letter(text[2]));
}

bool holds_class(const Tag& tag, string_view name) {
  for (const Attribute& attribute : tag.attributes)
    if (equals_ignoring_case(attribute.name, "class"))
      for (const string_view word : split(attribute.value, ' '))
        if (trim(word) == name) return true;
  return false;
}

// vBulletin and XenForo 1 put each post's own words into a <blockquote>; vBulletin 3 its quotations into a sunken cell.
bool is_a_posts_own(const Tag& tag) { return holds_class(tag, "postcontent") || holds_class(tag, "messageText"); }

bool is_sunken_cell(const Tag& tag) {
  return tag.name == "td" && holds_class(tag, "alt2") &&
         std::any_of(tag.attributes.begin(), tag.attributes.end(), [](const Attribute& attribute) {
           return attribute.name == "style" && attribute.value.find("inset") != string_view::npos;
         });
}

bool is_quotation(const Tag& tag) {
  if (is_a_posts_own(tag)) return false;
  if (is_sunken_cell(tag)) return true;
  static constexpr std::array<string_view, 6> kClasses{"bbCodeBlock--quote", "bbCodeQuote",  "quotebox",
                                                       "quotecontent",       "bbcode_quote", "ipsQuote"};
  return tag.name == "blockquote" || (tag.name == "span" && holds_class(tag, "quote")) ||
         std::any_of(kClasses.begin(), kClasses.end(), [&](string_view name) { return holds_class(tag, name); });
}

// An attribute that loads, runs, draws or leads to media. An address with characters as numbers hides where it leads.
bool is_cut(const Attribute& attribute) {
  static constexpr std::array<string_view, 6> kNames{"src", "srcset", "srcdoc", "poster", "background", "style"};
  static constexpr std::array<string_view, 4> kAddresses{"href", "cite", "action", "content"};
  const std::string name = to_lower(attribute.name);
  if (is_one_of(name, kNames) || name.starts_with("on") || name.starts_with("data-src")) return true;
  const bool address = is_one_of(name, kAddresses);
  if (address && (attribute.value.find("&#") != string_view::npos || leads_to_media(attribute.value))) return true;
  return to_lower(attribute.value).find("data:") != std::string::npos || is_served_media(attribute.value);
}

// What is cut beside media, and where the end is.
struct Keep {
  bool quotations = false;
  std::size_t bytes = kMostBytesServed;
};

class Cutter {
 public:
  Cutter(string_view text, Keep keep, int escapes = 0) : rest_(text), keep_(keep), escapes_(escapes) {}

  std::string cut() {
    while (!rest_.empty() && out_.size() <= keep_.bytes) step();
    if (out_.size() > keep_.bytes) shorten();
    return std::move(out_);
  }

 private:
  void step() {
    const std::size_t next = std::min(rest_.find('<'), rest_.size());
    if (next > 0) return write_text(take(std::min(next, room())));
    if (begins_tag(rest_)) return write_tag(read_tag(rest_));
    if (rest_.starts_with("<!") || rest_.starts_with("<?")) return skip_declaration();
    out_ += take(1);
  }

  string_view take(std::size_t size) {
    const string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(taken.size());
    return taken;
  }

  // Comments hold scripts' fallbacks and editors' rubbish. A CDATA section's text is the post's.
  void skip_declaration() {
    if (rest_.starts_with("<![CDATA[")) {
      const std::size_t end = std::min(rest_.find("]]>"), rest_.size());
      const string_view inner = take(end).substr(9);
      out_ += "<![CDATA[" + inner_markup(inner) + "]]>";
      take(3);
      return;
    }
    const string_view end = rest_.starts_with("<!--") ? "-->" : ">";
    const std::size_t at = rest_.find(end);
    take(at == string_view::npos ? rest_.size() : at + end.size());
  }

  std::string inner_markup(string_view text) const {
    return escapes_ == kMostEscapes ? std::string(kCut) : Cutter(text, keep_, escapes_ + 1).cut();
  }

  void write_text(string_view text) {
    if (text.find("&lt;") == string_view::npos) {
      out_ += text;
      return;
    }
    const std::string inner = unescaped(text);
    const std::string kept = inner_markup(inner);
    if (kept == inner)
      out_ += text;
    else
      write_escaped(kept);
  }

  static std::string unescaped(string_view text) {
    static constexpr std::array<std::pair<string_view, char>, 5> kNames{
        {{"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''}, {"&amp;", '&'}}};
    std::string out;
    while (!text.empty()) {
      const auto named =
          std::find_if(kNames.begin(), kNames.end(), [&](const auto& name) { return text.starts_with(name.first); });
      out += named == kNames.end() ? text.front() : named->second;
      text.remove_prefix(named == kNames.end() ? 1 : named->first.size());
    }
    return out;
  }

  void write_escaped(string_view text) {
    for (const char c : text)
      if (c == '<')
        out_ += "&lt;";
      else if (c == '>')
        out_ += "&gt;";
      else if (c == '&')
        out_ += "&amp;";
      else
        out_ += c;
  }

  void write_tag(const Tag& tag) {
    if (tag.whole.empty()) return write_unended(tag);
    const bool whole = is_media_element(tag.name) || (!keep_.quotations && is_quotation(tag) && !tag.closes);
    if (is_media_tag(tag.name) || whole) out_ += tag.closes ? string_view() : kCut;
    take(tag.whole.size());
    if (whole && !tag.closes && !(tag.empty && tag.name.find(':') != std::string::npos)) skip_element(tag.name);
    if (!is_media_tag(tag.name) && !whole) write_kept(tag);
  }

  // A '<' that begins no tag after all: text, unless more may hide in it.
  void write_unended(const Tag& tag) {
    const bool safe = rest_.find('<', 1) == string_view::npos && !is_media_tag(tag.name) &&
                      !is_media_element(tag.name) && std::none_of(tag.attributes.begin(), tag.attributes.end(), is_cut);
    out_ += safe ? take(room()) : kCut;
    rest_ = {};
  }

  void write_kept(const Tag& tag) {
    if (std::none_of(tag.attributes.begin(), tag.attributes.end(), is_cut)) {
      out_ += tag.whole;
      return;
    }
    out_ += (tag.closes ? "</" : "<") + tag.name;
    for (const Attribute& attribute : tag.attributes)
      if (!is_cut(attribute)) out_ += attribute.whole;
    out_ += '>';
  }

  // To the end of the element that was just opened; to the end of everything where it has none.
  void skip_element(const std::string& name) {
    for (int open = 1; open > 0;) {
      take(std::min(rest_.find('<'), rest_.size()));
      if (rest_.empty()) return;
      const bool closes = rest_.starts_with("</");
      const string_view named = rest_.substr(closes ? 2 : 1, name.size() + 1);
      const bool same = named.size() > name.size() && equals_ignoring_case(named.substr(0, name.size()), name) &&
                        (is_space(named.back()) || named.back() == '>' || named.back() == '/');
      if (same) open += closes ? -1 : 1;
      take(same ? std::min(rest_.find('>'), rest_.size() - 1) + 1 : 1);
    }
  }

  // Never within a tag or a character.
  void shorten() {
    out_.resize(keep_.bytes - kCut.size());
    const std::size_t tag = out_.rfind('<');
    if (tag != std::string::npos && out_.find('>', tag) == std::string::npos) out_.resize(tag);
    const auto byte = [&] { return out_.empty() ? 0U : static_cast<unsigned char>(out_.back()); };
    while (byte() >= 0x80 && byte() < 0xC0) out_.pop_back();
    if (byte() >= 0xC0) out_.pop_back();
    out_ += kCut;
    rest_ = {};
  }

  std::size_t room() const { return keep_.bytes < rest_.size() ? keep_.bytes + 1 : rest_.size(); }

  string_view rest_;
  Keep keep_;
  int escapes_;
  std::string out_;
};

std::string without_nul(string_view text) {
  std::string readable;
  for (const char c : text) readable += c == '\0' ? string_view("\uFFFD") : string_view(&c, 1);
  return readable;
}

}  // namespace

std::string served_markup(string_view markup) {
  if (markup.find('\0') == string_view::npos) return Cutter(markup, {}).cut();
  return Cutter(without_nul(markup), {}).cut();
}

std::string text_of_page(string_view page) {
  const std::string readable = without_nul(repair_utf8(page));
  return Cutter(readable, {.quotations = true, .bytes = SIZE_MAX / 2}).cut();
}

std::string served_fragment(Node post, Node next) {
  if (!post.is_element()) return {};
  const GumboElement& element = post.raw()->v.element;
  const std::size_t from = element.start_pos.offset;
  const std::size_t to = element.end_pos.offset;
  if (element.original_tag.data == nullptr || to < from) return {};
  std::size_t size = to - from + element.original_end_tag.length;
  if (next.is_element() && next.raw()->v.element.original_tag.data != nullptr) {
    const std::size_t until = next.raw()->v.element.start_pos.offset;
    if (until > from) size = std::min(size, until - from);
  }
  return served_markup({element.original_tag.data, size});
}

bool is_served_media(string_view text) {
  text = trim(text);
  if (text.size() < 5 || text.find_first_of(" \n<>") != string_view::npos) return false;
  if (to_lower(text.substr(0, 5)) == "data:") return true;
  const std::size_t path = text.find_first_not_of("./");
  const bool address = text.find('/') != string_view::npos && path != string_view::npos;
  return address && leads_to_media(text);
}

}  // namespace hw::parsers
