#include "parsers/nesting.h"

#include <algorithm>
#include <array>

#include <gumbo.h>

#include "common/text.h"
#include "parsers/html.h"

namespace hw::parsers {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool one_of(GumboTag tag, std::initializer_list<GumboTag> tags) {
  return std::find(tags.begin(), tags.end(), tag) != tags.end();
}

// Never left open: without an end tag, or closed by what follows them.
bool closes_itself(GumboTag tag) {
  return one_of(
      tag, {GUMBO_TAG_BR,    GUMBO_TAG_IMG,    GUMBO_TAG_HR,     GUMBO_TAG_INPUT,    GUMBO_TAG_META,    GUMBO_TAG_LINK,
            GUMBO_TAG_WBR,   GUMBO_TAG_AREA,   GUMBO_TAG_BASE,   GUMBO_TAG_COL,      GUMBO_TAG_EMBED,   GUMBO_TAG_PARAM,
            GUMBO_TAG_TRACK, GUMBO_TAG_SOURCE, GUMBO_TAG_KEYGEN, GUMBO_TAG_FRAME,    GUMBO_TAG_P,       GUMBO_TAG_LI,
            GUMBO_TAG_DT,    GUMBO_TAG_DD,     GUMBO_TAG_OPTION, GUMBO_TAG_TR,       GUMBO_TAG_TD,      GUMBO_TAG_TH,
            GUMBO_TAG_TBODY, GUMBO_TAG_THEAD,  GUMBO_TAG_TFOOT,  GUMBO_TAG_HTML,     GUMBO_TAG_HEAD,    GUMBO_TAG_BODY,
            GUMBO_TAG_RP,    GUMBO_TAG_RT,     GUMBO_TAG_RB,     GUMBO_TAG_COLGROUP, GUMBO_TAG_OPTGROUP});
}

// Their content is characters, not tags.
bool holds_raw_text(GumboTag tag) {
  return one_of(tag, {GUMBO_TAG_SCRIPT, GUMBO_TAG_STYLE, GUMBO_TAG_TEXTAREA, GUMBO_TAG_TITLE, GUMBO_TAG_XMP,
                      GUMBO_TAG_NOEMBED, GUMBO_TAG_NOFRAMES, GUMBO_TAG_IFRAME});
}

bool within_a_line(GumboTag tag) {
  return one_of(tag,
                {GUMBO_TAG_A,       GUMBO_TAG_ABBR,   GUMBO_TAG_B,      GUMBO_TAG_BDI,    GUMBO_TAG_BDO, GUMBO_TAG_BIG,
                 GUMBO_TAG_CITE,    GUMBO_TAG_CODE,   GUMBO_TAG_EM,     GUMBO_TAG_FONT,   GUMBO_TAG_I,   GUMBO_TAG_IMG,
                 GUMBO_TAG_INS,     GUMBO_TAG_KBD,    GUMBO_TAG_MARK,   GUMBO_TAG_Q,      GUMBO_TAG_S,   GUMBO_TAG_SAMP,
                 GUMBO_TAG_SMALL,   GUMBO_TAG_SPAN,   GUMBO_TAG_STRIKE, GUMBO_TAG_STRONG, GUMBO_TAG_SUB, GUMBO_TAG_SUP,
                 GUMBO_TAG_TIME,    GUMBO_TAG_TT,     GUMBO_TAG_U,      GUMBO_TAG_VAR,    GUMBO_TAG_WBR, GUMBO_TAG_DEL,
                 GUMBO_TAG_UNKNOWN, GUMBO_TAG_SCRIPT, GUMBO_TAG_STYLE});
}

struct Tag {
  GumboTag name = GUMBO_TAG_UNKNOWN;
  bool closing = false;
  std::size_t end = 0;  // just past its '>'
};

// Past the '>' that ends the tag which begins at `at`; quoted attribute values may hold '>'.
std::size_t end_of_tag(std::string_view html, std::size_t at) {
  char quote = 0;
  for (; at < html.size(); ++at) {
    const char c = html[at];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if ((c == '"' || c == '\'') && html[at - 1] == '=') {
      quote = c;
    } else if (c == '>') {
      return at + 1;
    }
  }
  return html.size();
}

Tag tag_at(std::string_view html, std::size_t at) {
  Tag tag;
  tag.closing = html[at + 1] == '/';
  const std::size_t from = at + (tag.closing ? 2 : 1);
  std::size_t to = from;
  while (to < html.size() && std::string_view(" \t\n\r\f/>").find(html[to]) == std::string_view::npos) ++to;
  tag.name = gumbo_tagn_enum(html.data() + from, static_cast<unsigned>(std::min<std::size_t>(to - from, 64)));
  tag.end = end_of_tag(html, to);
  return tag;
}

std::size_t end_of_comment(std::string_view html, std::size_t at) {
  const std::size_t content = at + 4;
  if (html.substr(content, 1) == ">") return content + 1;
  if (html.substr(content, 2) == "->") return content + 2;
  const std::size_t end = html.find("-->", content);
  return end == std::string_view::npos ? html.size() : end + 3;
}

// Where the raw text that began at `at` ends: its closing tag, or the end of the page.
std::size_t end_of_raw_text(std::string_view html, std::size_t at, GumboTag name) {
  for (at = html.find("</", at); at != std::string_view::npos; at = html.find("</", at + 2))
    if (tag_at(html, at).name == name) return at;
  return html.size();
}

// Calls text(from, to) and markup(tag) in the order of the page; raw text and comments are passed over.
template <class OnText, class OnTag>
void scan(std::string_view html, OnText on_text, OnTag on_tag) {
  std::size_t at = 0;
  while (at < html.size()) {
    const std::size_t open = std::min(html.find('<', at), html.size());
    if (open > at) on_text(html.substr(at, open - at));
    if (open + 1 >= html.size()) return on_text(html.substr(open));
    const char next = html[open + 1];
    if (html.substr(open, 4) == "<!--") {
      at = end_of_comment(html, open);
    } else if (next == '!' || next == '?') {
      at = end_of_tag(html, open + 1);
    } else if (is_letter(next) || (next == '/' && open + 2 < html.size() && is_letter(html[open + 2]))) {
      const Tag tag = tag_at(html, open);
      on_tag(tag);
      at = !tag.closing && holds_raw_text(tag.name) ? end_of_raw_text(html, tag.end, tag.name) : tag.end;
    } else {
      on_text(html.substr(open, 1));
      at = open + 1;
    }
  }
}

}  // namespace

std::size_t most_open_tags(std::string_view html) {
  std::array<std::size_t, GUMBO_TAG_LAST + 1> open{};
  std::size_t depth = 0;
  std::size_t most = 0;
  const auto count = [&](const Tag& tag) {
    if (closes_itself(tag.name)) return;
    std::size_t& of_name = open[static_cast<std::size_t>(tag.name)];
    if (!tag.closing) {
      ++of_name;
      most = std::max(most, ++depth);
    } else if (of_name > 0) {
      --of_name;
      --depth;
    }
  };
  scan(html, [](std::string_view) {}, count);
  return most;
}

std::string text_without_tree(std::string_view html) {
  std::string bare;
  const auto keep = [&](std::string_view text) {
    for (const char c : text) bare += c == '<' ? std::string_view("&lt;") : std::string_view(&c, 1);
  };
  const auto separate = [&](const Tag& tag) {
    if (!within_a_line(tag.name) && !bare.empty() && bare.back() != '\n') bare += '\n';
  };
  scan(html, keep, separate);
  // Only entities are left to be read, and a tree of one text node costs nothing.
  const auto tree = HtmlTree::build("<pre>\n" + bare);
  if (!tree) return {};
  std::string text;
  const Node body = tree->root().child(1);
  for (std::size_t i = 0; i < body.child(0).child_count(); ++i) text += body.child(0).child(i).text();
  return std::string(trim(text));
}

}  // namespace hw::parsers
