#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "parsers/xml.h"

namespace hw::parsers {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

bool is_name_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '#';
}

// XML 1.0 §2.2, what numbers may stand for.
bool is_character(std::uint32_t code) {
  return code == 9 || code == 10 || code == 13 || (code >= 0x20 && code <= 0xD7FF) ||
         (code >= 0xE000 && code <= 0xFFFD) || (code >= 0x10000 && code <= 0x10FFFF);
}

bool is_valid_number(std::string_view digits) {
  const bool hex = digits.starts_with('x');
  if (hex) digits.remove_prefix(1);
  std::uint32_t code = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, hex ? 16 : 10);
  return error == std::errc{} && end == digits.data() + digits.size() && is_character(code);
}

// "amp" → "&#38;", "#x20AC" → "&#x20AC;": what XML itself defines, as numbers. libxml2 drops every named reference
// after the first error in a document and keeps the numeric ones. Anything else: the ampersand alone, as a character.
std::string_view numeric(std::string_view name) {
  struct Named {
    std::string_view name;
    std::string_view reference;
  };
  static constexpr std::array<Named, 5> kNamed{
      {{"amp", "&#38;"}, {"lt", "&#60;"}, {"gt", "&#62;"}, {"quot", "&#34;"}, {"apos", "&#39;"}}};
  const auto found = std::find_if(kNamed.begin(), kNamed.end(), [&](const Named& named) { return named.name == name; });
  return found == kNamed.end() ? std::string_view() : found->reference;
}

// Just past a construct that begins at `at` and ends with `end`; the document's end when it does not.
std::size_t past(std::string_view text, std::size_t at, std::string_view end) {
  const std::size_t found = text.find(end, at);
  return found == std::string_view::npos ? text.size() : found + end.size();
}

// Past a DOCTYPE with its internal subset, whose quoted values and comments may hold '>' and ']'.
std::size_t past_doctype(std::string_view text, std::size_t at) {
  int depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (text.substr(at, 4) == "<!--") {
      at = past(text, at, "-->");
      continue;
    }
    if (c == '"' || c == '\'') {
      at = past(text, at + 1, std::string_view(&c, 1));
      continue;
    }
    if (c == '[') ++depth;
    if (c == ']') --depth;
    ++at;
    if (c == '>' && depth <= 0) return at;
  }
  return at;
}

class Defuser {
 public:
  explicit Defuser(std::string_view text) : text_(text) { out_.reserve(text.size() + 64); }

  std::string run() {
    while (at_ < text_.size()) step();
    return std::move(out_);
  }

 private:
  void step() {
    const char c = text_[at_];
    if (c == '&') return reference();
    if (c == '<') return tag();
    copy_to(std::min(text_.find_first_of("<&", at_), text_.size()));
  }

  void tag() {
    const std::string_view rest = text_.substr(at_, 9);
    if (rest.starts_with("<!--")) return copy_to(past(text_, at_ + 4, "-->"));
    if (rest.starts_with("<![CDATA[")) return copy_to(past(text_, at_, "]]>"));
    if (rest.starts_with("<!DOCTYPE") || rest.starts_with("<!doctype"))
      at_ = past_doctype(text_, at_ + 9);
    else
      copy_to(at_ + 1);
  }

  void reference() {
    std::size_t end = at_ + 1;
    while (end < text_.size() && end - at_ < 12 && is_name_byte(text_[end])) ++end;
    const bool closed = end < text_.size() && text_[end] == ';';
    const std::string_view name = text_.substr(at_ + 1, end - at_ - 1);
    if (closed && name.starts_with('#') && is_valid_number(name.substr(1))) return copy_to(end + 1);
    const std::string_view known = closed ? numeric(name) : std::string_view();
    out_ += known.empty() ? "&#38;" : known;
    at_ = known.empty() ? at_ + 1 : end + 1;
  }

  void copy_to(std::size_t end) {
    for (; at_ < end; ++at_) {
      const char c = text_[at_];
      const bool control = static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r';
      if (control)
        out_ += kReplacement;
      else
        out_ += c;
    }
  }

  std::string_view text_;
  std::string out_;
  std::size_t at_ = 0;
};

}  // namespace

std::string defused(std::string_view utf8) { return Defuser(utf8).run(); }

}  // namespace hw::parsers
