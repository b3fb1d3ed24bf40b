#include "classifier/candidate.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>
#include <re2/re2.h>

#include "classifier/units.h"
#include "common/text.h"

namespace hw::classifier {
namespace {

constexpr std::size_t kEnough = 48;  // of a window, once a blank comes: only phone numbers hold blanks

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_word(char c) { return is_digit(c) || is_letter(c) || c == '_'; }

// Blocks of compatibility letters that people write handles in for the looks of it.
bool is_dressed_up(char32_t code) {
  return (code >= 0xFF01 && code <= 0xFF5E) || (code >= 0x1D400 && code <= 0x1D7FF) ||
         (code >= 0x2460 && code <= 0x24FF) || (code >= 0x1F100 && code <= 0x1F1FF) ||
         (code >= 0x2070 && code <= 0x209F) || (code >= 0x2100 && code <= 0x214F);
}

// The plain form of a character of a handle, '\x01' for one that ends it, 0 for one that is invisible.
char plain(const CodePoints& table, char32_t code, char before) {
  if (code < 0x80) return static_cast<char>(code);
  const CodePoint point = table[code];
  if (point.folded.empty() && !point.itself && !point.mark) return 0;
  if (point.folded.size() == 1 && point.folded[0] < 0x80 && is_dressed_up(code))
    return static_cast<char>(point.folded[0]);
  if (point.lookalike != 0 && is_word(before)) return point.lookalike;
  return '\x01';
}

std::unique_ptr<RE2> compile(const std::string& pattern) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_longest_match(true);
  return std::make_unique<RE2>(pattern, options);
}

std::string cased(std::string_view handle, config::LetterCase letters) {
  std::string out(handle);
  if (letters == config::LetterCase::kept) return out;
  if (letters == config::LetterCase::lower) return to_lower(handle);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - ('a' - 'A'));
  return out;
}

// A handle that the shape cuts short ("sourdough" of "sourdough.sue") is none.
bool ends_cleanly(std::string_view text, std::size_t end) {
  if (end >= text.size()) return true;
  const char next = text[end];
  if (is_word(next) || next == '@' || next == '\x01') return next == '\x01';
  const bool goes_on = end + 1 < text.size() && (is_word(text[end + 1]) || (next == ':' && text[end + 1] == '/'));
  return !(goes_on && (next == '.' || next == '-' || next == '#' || next == '\'' || next == ':' || next == '/'));
}

// Every part between dots, dashes and underscores is an ordinary word: "read.me", "sign-up".
bool all_parts_ordinary(std::string_view lower, const WordLists& words) {
  std::size_t parts = 0;
  std::string part;
  for (std::size_t i = 0; i <= lower.size(); ++i) {
    if (i < lower.size() && lower[i] != '.' && lower[i] != '-' && lower[i] != '_') {
      part += lower[i];
      continue;
    }
    if (!part.empty() && !words.never(part) && !words.ordinary(part)) return false;
    if (!part.empty()) ++parts;
    part.clear();
  }
  return parts > 0;
}

}  // namespace

Window open_window(const CodePoints& table, std::string_view original, std::size_t from, std::size_t longest) {
  Window window;
  window.text.reserve(kEnough);
  window.begins.reserve(kEnough);
  window.ends.reserve(kEnough);
  std::size_t at = from;
  while (at < original.size() && window.text.size() < longest && at - from < 4 * longest) {
    if (window.text.size() >= kEnough && original[at] == ' ') break;
    const std::size_t begin = at;
    const char32_t code = next_code_point(original, at);
    const char c = plain(table, code, window.text.empty() ? ' ' : window.text.back());
    if (c == 0) continue;
    window.text += c;
    window.begins.push_back(begin);
    window.ends.push_back(at);
    if (c == '\n' || c == '\x01') break;
  }
  return window;
}

WordLists::WordLists(const config::Messengers& messengers, std::string_view ordinary)
    : never_(messengers.never.begin(), messengers.never.end()) {
  for (const std::string_view line : split(ordinary, '\n')) {
    if (line.starts_with('#')) continue;
    for (const std::string_view word : split(line, ' '))
      if (!trim(word).empty()) ordinary_.emplace(trim(word));
  }
  for (const std::string& shape : messengers.never_shapes) never_shapes_.push_back(compile(shape));
  for (const std::string& shape : messengers.file_shapes) file_shapes_.push_back(compile(shape));
}

WordLists::WordLists(WordLists&&) noexcept = default;
WordLists::~WordLists() = default;

namespace {

bool any_fits(const std::vector<std::unique_ptr<RE2>>& shapes, const std::string& lower) {
  return std::any_of(shapes.begin(), shapes.end(),
                     [&](const std::unique_ptr<RE2>& shape) { return RE2::FullMatch(lower, *shape); });
}

}  // namespace

bool WordLists::never(const std::string& lower) const {
  return never_.contains(lower) || any_fits(never_shapes_, lower);
}

bool WordLists::file(const std::string& lower) const { return any_fits(file_shapes_, lower); }

bool WordLists::ordinary(const std::string& lower) const { return ordinary_.contains(lower); }

Look look_of(std::string_view handle, const WordLists& words) {
  const std::string lower = to_lower(handle);
  if (handle.find_first_of("#:@") != std::string_view::npos) return Look::handle;
  if (words.never(lower)) return Look::ordinary;
  if (words.file(lower))
    return all_parts_ordinary(lower.substr(0, lower.rfind('.')), words) ? Look::ordinary : Look::file;
  const auto digits = static_cast<std::size_t>(std::count_if(handle.begin(), handle.end(), is_digit));
  const auto letters = static_cast<std::size_t>(std::count_if(handle.begin(), handle.end(), is_letter));
  if (letters < 2) return Look::ordinary;
  if (digits > 0) return Look::handle;
  const bool dotted = handle.find('.') != std::string_view::npos || handle.find('-') != std::string_view::npos;
  const bool scored = handle.find('_', 1) < handle.size() - 1;
  if (!dotted && !scored) return Look::word;
  if (!all_parts_ordinary(lower, words)) return Look::handle;
  return dotted ? Look::ordinary : Look::word;  // "sign-up", "app_id"
}

std::size_t read_phone(std::string_view text, std::string& number) {
  number.clear();
  std::size_t at = 0, end = 0, groups = 0;
  if (!text.empty() && text[0] == '+') number += text[at++];
  std::size_t digits = 0;
  bool separated = true;
  for (; at < text.size() && at < 40 && digits <= 15; ++at) {
    if (text.substr(at, 3) == "(0)" && number.starts_with('+')) {  // not dialled from abroad
      at += 2;
      separated = true;
      continue;
    }
    if (is_digit(text[at])) {
      if (separated) ++groups;
      separated = false;
      number += text[at];
      ++digits;
      end = at + 1;
      continue;
    }
    constexpr std::string_view kSeparators = " .-()/";
    if (kSeparators.find(text[at]) == std::string_view::npos) break;
    if (separated && text[at] != '(' && text[at] != ')' && text[at] != ' ') break;
    separated = true;
  }
  if (number.starts_with("00") && digits > 9) number = "+" + number.substr(2), digits -= 2;
  const bool fits = digits >= (number[0] == '+' ? 7U : 8U) && digits <= 15 && groups <= 7;
  const bool cut = end < text.size() &&
                   (is_word(text[end]) || (text[end] == ':' && end + 1 < text.size() && is_digit(text[end + 1])));
  return fits && !cut ? end : 0;
}

struct Grammar::Impl {
  struct Shape {
    config::HandleShape given;
    std::unique_ptr<RE2> pattern;
    std::unique_ptr<RE2> anywhere;  // evident shapes only
    bool digits = false;            // holds no letters
  };
  std::vector<Shape> shapes;
};

Grammar::Grammar(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}
Grammar::Grammar(Grammar&&) noexcept = default;
Grammar& Grammar::operator=(Grammar&&) noexcept = default;
Grammar::~Grammar() = default;

Result<Grammar> Grammar::create(const config::Messenger& messenger) {
  auto impl = std::make_unique<Impl>();
  for (const config::HandleShape& given : messenger.handles) {
    Impl::Shape shape{given, nullptr, nullptr,
                      given.shape.find("a-") == std::string::npos && given.shape.find("A-") == std::string::npos};
    if (!given.shape.empty()) {
      shape.pattern = compile("(?:" + given.shape + ")");
      if (given.evident)
        shape.anywhere = compile("(?:^|[^A-Za-z0-9._@#/-])(" + given.shape + ")(?:$|[^A-Za-z0-9_@#/-])");
      if (!shape.pattern->ok())
        return fail(ErrorCode::configuration,
                    fmt::format("{}: RE2 refuses the shape of its handles: {}", messenger.id, shape.pattern->error()));
    }
    impl->shapes.push_back(std::move(shape));
  }
  return Grammar(std::move(impl));
}

bool Grammar::read(const Window& window, const WordLists& words, Candidate& out) const {
  for (const Impl::Shape& shape : impl_->shapes) {
    std::string number;
    std::size_t length = 0;
    if (!shape.pattern) {
      length = read_phone(window.text, number);
      if (length == 0) continue;
      out.handle = number;
      out.look = Look::handle;
    } else {
      re2::StringPiece match;
      if (!shape.pattern->Match(window.text, 0, window.text.size(), RE2::ANCHOR_START, &match, 1)) continue;
      length = match.size();
      if (!ends_cleanly(window.text, length)) continue;
      const std::string_view written(window.text.data(), length);
      out.handle = cased(written, shape.given.letters);
      out.look = shape.given.evident ? Look::evident : look_of(written, words);
      const bool capitals = shape.given.letters == config::LetterCase::upper && written == out.handle;
      if (shape.digits || (capitals && out.look == Look::word)) out.look = Look::handle;  // as the shape asks for
      if (shape.digits) std::erase_if(out.handle, [](char c) { return c == ' ' || c == '-'; });
    }
    out.type = shape.given.type;
    out.distinct = shape.given.distinct;
    out.from = window.begins.front();
    out.to = window.ends[length - 1];
    return true;
  }
  return false;
}

bool Grammar::read_link(std::string_view value, HandleType type, Candidate& out) const {
  if (type == HandleType::phone) {
    std::string number;
    const std::string digits = value.starts_with('+') ? std::string(value) : "+" + std::string(value);
    if (read_phone(digits, number) == 0) return false;
    out.handle = number;
    out.type = type;
    out.look = Look::evident;
    return true;
  }
  for (const Impl::Shape& shape : impl_->shapes) {
    if (!shape.pattern || shape.given.type != type) continue;
    if (!RE2::FullMatch(re2::StringPiece(value.data(), value.size()), *shape.pattern)) continue;
    out.handle = cased(value, shape.given.letters);
    out.type = type;
    out.look = Look::evident;
    return true;
  }
  if (type != HandleType::invite || value.size() < 2) return false;
  out.handle = std::string(value);
  out.type = type;
  out.look = Look::evident;
  return true;
}

bool Grammar::has_evident() const {
  return std::any_of(impl_->shapes.begin(), impl_->shapes.end(),
                     [](const Impl::Shape& shape) { return shape.anywhere != nullptr; });
}

std::vector<Candidate> Grammar::evident(std::string_view original) const {
  std::vector<Candidate> out;
  for (const Impl::Shape& shape : impl_->shapes) {
    if (!shape.anywhere) continue;
    const re2::StringPiece text(original.data(), original.size());
    re2::StringPiece match[2];
    for (std::size_t at = 0; shape.anywhere->Match(text, at, text.size(), RE2::UNANCHORED, match, 2);) {
      const auto from = static_cast<std::size_t>(match[1].data() - original.data());
      const std::size_t to = from + match[1].size();
      out.push_back({cased(original.substr(from, to - from), shape.given.letters), shape.given.type, from, to,
                     Look::evident, true});
      at = to;
    }
  }
  return out;
}

}  // namespace hw::classifier
