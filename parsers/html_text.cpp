#include "parsers/html_text.h"

#include <algorithm>
#include <array>

#include <gumbo.h>

#include "common/text.h"
#include "parsers/addresses.h"
#include "parsers/line_writer.h"
#include "parsers/nesting.h"
#include "parsers/select.h"

namespace hw::parsers {
namespace {

constexpr int kDeepest = 600;  // of recursion; only markup that is deeper than its tags say comes here

// `part` is in lower case.
bool contains_ignoring_case(std::string_view text, std::string_view part) {
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + ('a' - 'A') : a) == b; };
  return std::search(text.begin(), text.end(), part.begin(), part.end(), same) != text.end();
}

// How an element takes part in the flow of text.
enum class Flow { inside_line, block, paragraph, cell, gone };

using FlowTable = std::array<Flow, GUMBO_TAG_LAST + 1>;

FlowTable make_flow_table() {
  FlowTable table{};
  const auto set = [&](Flow flow, std::initializer_list<GumboTag> tags) {
    for (const GumboTag tag : tags) table[tag] = flow;
  };
  set(Flow::paragraph, {GUMBO_TAG_P, GUMBO_TAG_BLOCKQUOTE, GUMBO_TAG_PRE});
  set(Flow::cell, {GUMBO_TAG_TD, GUMBO_TAG_TH});
  set(Flow::block, {GUMBO_TAG_ADDRESS, GUMBO_TAG_ARTICLE, GUMBO_TAG_ASIDE,    GUMBO_TAG_BODY,       GUMBO_TAG_CAPTION,
                    GUMBO_TAG_CENTER,  GUMBO_TAG_DD,      GUMBO_TAG_DETAILS,  GUMBO_TAG_DIR,        GUMBO_TAG_DIV,
                    GUMBO_TAG_DL,      GUMBO_TAG_DT,      GUMBO_TAG_FIELDSET, GUMBO_TAG_FIGCAPTION, GUMBO_TAG_FIGURE,
                    GUMBO_TAG_FOOTER,  GUMBO_TAG_FORM,    GUMBO_TAG_H1,       GUMBO_TAG_H2,         GUMBO_TAG_H3,
                    GUMBO_TAG_H4,      GUMBO_TAG_H5,      GUMBO_TAG_H6,       GUMBO_TAG_HEADER,     GUMBO_TAG_HGROUP,
                    GUMBO_TAG_HR,      GUMBO_TAG_LI,      GUMBO_TAG_MAIN,     GUMBO_TAG_MENU,       GUMBO_TAG_NAV,
                    GUMBO_TAG_OL,      GUMBO_TAG_SECTION, GUMBO_TAG_SUMMARY,  GUMBO_TAG_TABLE,      GUMBO_TAG_TR,
                    GUMBO_TAG_UL});
  set(Flow::gone, {GUMBO_TAG_HEAD,     GUMBO_TAG_SCRIPT, GUMBO_TAG_STYLE,    GUMBO_TAG_TEMPLATE, GUMBO_TAG_NOSCRIPT,
                   GUMBO_TAG_TITLE,    GUMBO_TAG_IFRAME, GUMBO_TAG_EMBED,    GUMBO_TAG_VIDEO,    GUMBO_TAG_AUDIO,
                   GUMBO_TAG_CANVAS,   GUMBO_TAG_SVG,    GUMBO_TAG_MATH,     GUMBO_TAG_MAP,      GUMBO_TAG_INPUT,
                   GUMBO_TAG_SELECT,   GUMBO_TAG_BUTTON, GUMBO_TAG_TEXTAREA, GUMBO_TAG_OPTION,   GUMBO_TAG_DATALIST,
                   GUMBO_TAG_NOFRAMES, GUMBO_TAG_NOEMBED});
  return table;
}

Flow flow_of(GumboTag tag) {
  static const FlowTable table = make_flow_table();
  return table[tag];
}

bool is_hidden(Node node) {
  if (node.has_attribute("hidden") || node.has_class("sr-only") || node.has_class("visually-hidden")) return true;
  const std::string_view style = node.attribute("style");
  if (style.empty()) return false;
  std::string squeezed = to_lower(style);
  std::erase_if(squeezed, [](char c) { return c == ' ' || c == '\t' || c == '\n'; });
  return squeezed.find("display:none") != std::string::npos || squeezed.find("visibility:hidden") != std::string::npos;
}

// Boards hide a spoiler's content until it is clicked; whoever wants to read it does.
bool is_spoiler(Node node) {
  return node.tag() == "details" || contains_ignoring_case(node.attribute("class"), "spoil");
}

template <std::size_t Size>
bool has_any_class(Node node, const std::array<std::string_view, Size>& names) {
  return node.has_attribute("class") &&
         std::any_of(names.begin(), names.end(), [&](std::string_view name) { return node.has_class(name); });
}

// Discourse shows a link that stands alone as a preview of what it leads to: the author wrote the link and no more.
std::string_view previewed_link(Node node) {
  if (node.tag() != "aside" || !node.has_class("onebox")) return {};
  const std::string_view stated = node.attribute("data-onebox-src");
  return stated.empty() ? first(node, {.tag = "a", .attribute = "href"}).attribute("href") : stated;
}

// A picture with its file's name and size.
bool frames_a_picture(Node node) { return node.has_class("lightbox-wrapper"); }

Node next_element(Node node) {
  const Node above = node.parent();
  for (std::size_t i = node.raw()->index_within_parent + 1; i < above.child_count(); ++i)
    if (above.child(i).is_element()) return above.child(i);
  return {};
}

Node previous_element(Node node) {
  const Node above = node.parent();
  for (std::size_t i = node.raw()->index_within_parent; i-- > 0;)
    if (above.child(i).is_element()) return above.child(i);
  return {};
}

// vBulletin 3 names nothing: "Quote:" in small type, then a table of one cell; "Code:", then a box of the same class.
bool heads_a_box(Node node) {
  if (!node || node.tag() != "div" || !node.has_class("smallfont")) return false;
  const Node box = next_element(node);
  return box.tag() == "table" || box.has_class("alt2");
}

// vBulletin and XenForo 1 put each post's own words into a <blockquote>.
bool is_a_posts_own(Node node) { return node.has_class("postcontent") || node.has_class("messageText"); }

bool is_quote(Node node) {
  static constexpr std::array<std::string_view, 6> kQuotes{"bbCodeBlock--quote", "bbCodeQuote",  "quotebox",
                                                           "quotecontent",       "bbcode_quote", "ipsQuote"};
  if (node.tag() == "blockquote") return !is_a_posts_own(node);
  if (node.tag() == "span" && node.has_class("quote")) return true;  // 4chan's, a line at a time
  if (has_any_class(node, kQuotes)) return true;
  if (node.tag() == "aside" && (node.has_class("quote") || node.has_class("onebox"))) return true;  // Discourse's
  return node.tag() == "table" && heads_a_box(previous_element(node)) &&
         first(node, {.tag = "td", .with_class = "alt2"});
}

// "Anna wrote: ↑ yesterday" above a quotation and "click to expand" below it are the board's lines, nobody's words.
bool frames_a_quote(Node node) {
  static constexpr std::array<std::string_view, 6> kFrames{
      "bbcode_postedby",   "bbCodeBlock-title",      "attribution",
      "ipsQuote_citation", "bbCodeBlock-expandLink", "quoteExpand"};
  if (node.tag() == "cite" || has_any_class(node, kFrames)) return true;
  if (node.has_class("title") && node.parent().tag() == "aside") return true;
  return node.tag() == "div" && node.parent().tag() == "td" && node.parent().has_class("alt2") &&
         next_element(node).tag() == "div";
}

// What boards add to a post's text: the heads of quotations and of code, "last edited by".
bool is_the_boards_own(Node node) {
  static constexpr std::array<std::string_view, 10> kOwn{
      "print-information", "sig-content",        "quoteheader",          "quotefooter", "codeheader",
      "postedit",          "bbcode_description", "messageTextEndMarker", "lastedited",  "message-lastEdit"};
  if (has_any_class(node, kOwn) || heads_a_box(node) || node.has_attribute("data-excludequote")) return true;
  const bool title = node.has_class("title") || node.has_class("bbCodeBlock-title");
  return title && (node.parent().has_class("codeblock") || node.parent().has_class("bbCodeBlock--code"));
}

// NodeBB writes such a line as a paragraph of its own, with a link to the post, before the quotation.
bool leads_into_a_quote(Node node) {
  if (node.tag() != "p" || !first(node, {.tag = "a", .attribute = "href", .containing = "/post/"})) return false;
  return node.child(node.child_count() - 1).text().find(':') != std::string_view::npos &&
         next_element(node).tag() == "blockquote";
}

// "Code: Select all" above a code block.
bool heads_a_code_block(Node node) {
  const Node above = node.parent();
  return above.has_class("codebox") && (node.tag() == "p" || node.tag() == "dt");
}

// The characters that an image stands for, or nothing: boards turn emoji and smileys into images.
std::string_view emoji_of(Node image) {
  const std::string_view classes = image.attribute("class");
  const bool stands_for_text = contains_ignoring_case(classes, "emoji") || contains_ignoring_case(classes, "smil") ||
                               contains_ignoring_case(classes, "emoticon");
  if (!stands_for_text) return {};
  const std::string_view alt = image.attribute("alt");
  return alt.empty() ? image.attribute("title") : alt;
}

class Reader {
 public:
  explicit Reader(std::string_view page_url) : page_url_(page_url) {}

  void read_children(Node node, int depth) {
    if (depth > kDeepest) return read_plainly(node);
    for (std::size_t i = 0; i < node.child_count(); ++i) read(node.child(i), depth + 1);
  }

  Written finish() {
    written_.text = line_.finish();
    return std::move(written_);
  }

 private:
  void read(Node node, int depth) {
    if (node.is_element())
      read_element(node, depth);
    else if (preserved_ > 0)
      line_.write_as_is(node.text());
    else
      line_.write(node.text());
  }

  void read_plainly(Node root) {
    for (const Node text : texts_in(root))
      if (flow_of(text.parent().raw()->v.element.tag) != Flow::gone) line_.write(text.text());
  }

  void read_element(Node node, int depth) {
    const GumboTag tag = node.raw()->v.element.tag;
    if (tag == GUMBO_TAG_BR) return line_.break_line();
    if (tag == GUMBO_TAG_IMG) return line_.write(emoji_of(node));
    const Flow flow = flow_of(tag);
    if (flow == Flow::gone || (spoilers_ == 0 && is_hidden(node) && !is_spoiler(node))) return;
    if (quotes_ > 0 && frames_a_quote(node)) return;
    if (frames_a_picture(node)) return;
    if (heads_a_code_block(node) || leads_into_a_quote(node) || is_the_boards_own(node)) return open(flow);
    if (quotes_ == 0 && is_quote(node)) return read_quote(node, depth);
    read_visible(node, tag, flow, depth);
  }

  void read_visible(Node node, GumboTag tag, Flow flow, int depth) {
    const bool preserved = tag == GUMBO_TAG_PRE;
    const bool list = tag == GUMBO_TAG_OL || tag == GUMBO_TAG_UL;
    const bool spoiler = is_spoiler(node);
    preserved_ += preserved ? 1 : 0;
    spoilers_ += spoiler ? 1 : 0;
    if (list) lists_.push_back({tag == GUMBO_TAG_OL, 0});
    open(flow);
    if (tag == GUMBO_TAG_LI) line_.mark(next_mark());
    if (tag == GUMBO_TAG_A)
      read_link(node, depth);
    else
      read_children(node, depth);
    close(flow);
    if (list) lists_.pop_back();
    preserved_ -= preserved ? 1 : 0;
    spoilers_ -= spoiler ? 1 : 0;
  }

  void open(Flow flow) {
    if (flow == Flow::block) line_.end_block();
    if (flow == Flow::paragraph) line_.end_paragraph();
    if (flow == Flow::cell) line_.separate();
  }

  void close(Flow flow) {
    if (flow != Flow::cell) open(flow);
  }

  // What follows the quotation begins a new line, and the quotation itself leaves none behind.
  void read_quote(Node node, int depth) {
    Reader inner(page_url_);
    inner.quotes_ = 1;
    inner.read_children(node, depth);
    Written quoted = inner.finish();
    if (node.tag() != "span") line_.end_paragraph();
    if (!quoted.text.empty()) written_.quotes.push_back(std::move(quoted.text));
    const std::string preview = written_link(page_url_, previewed_link(node));
    if (preview.empty()) return;
    line_.write(preview);
    line_.end_paragraph();
    written_.links.push_back({preview, preview});
  }

  void read_link(Node node, int depth) {
    const std::size_t from = line_.size();
    read_children(node, depth);
    if (quotes_ > 0) return;
    Link link{written_link(page_url_, node.attribute("href")), line_.since(from)};
    if (!link.url.empty()) written_.links.push_back(std::move(link));
  }

  std::string next_mark() {
    if (lists_.empty() || !lists_.back().numbered) return "• ";
    return std::to_string(++lists_.back().items) + ". ";
  }

  struct List {
    bool numbered = false;
    int items = 0;
  };

  std::string_view page_url_;
  LineWriter line_;
  Written written_;
  std::vector<List> lists_;
  int preserved_ = 0;
  int spoilers_ = 0;
  int quotes_ = 0;
};

}  // namespace

Written written_in(Node element, std::string_view page_url) {
  Reader reader(page_url);
  reader.read_children(element, 0);
  return reader.finish();
}

Written written_in(std::string_view fragment, std::string_view page_url, bool* text_alone) {
  const auto tree = HtmlTree::build(std::string(fragment), HtmlKind::fragment);
  if (text_alone != nullptr) *text_alone = !tree.has_value();
  if (!tree) return {text_without_tree(fragment), {}, {}};
  return written_in(tree->root(), page_url);
}

std::string line_of(Node element) {
  std::string text = written_in(element, {}).text;
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

}  // namespace hw::parsers
