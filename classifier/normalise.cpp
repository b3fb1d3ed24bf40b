#include "classifier/normalise.h"

#include <algorithm>
#include <array>

#include "classifier/plain_block.h"
#include "classifier/units.h"

namespace hw::classifier {
namespace {

constexpr std::uint8_t kLetter = 1, kDigit = 2, kSign = 4, kJoiner = 8, kWide = 16, kBlank = 32;

constexpr std::array<std::uint8_t, 256> kBytes = [] {
  std::array<std::uint8_t, 256> out{};
  for (std::size_t c = 0x80; c < 256; ++c) out[c] = kWide;
  for (std::size_t c = 'a'; c <= 'z'; ++c) out[c] = out[c - 'a' + 'A'] = kLetter;
  for (std::size_t c = '0'; c <= '9'; ++c) out[c] = kDigit;
  for (const char c : {'@', '$', '!'}) out[static_cast<std::size_t>(c)] = kSign;
  for (const char c : {'.', '-', '_', '*', '|', '/', '~', '+', ','}) out[static_cast<std::size_t>(c)] = kJoiner;
  for (const char c : {' ', '\t', '\n', '\r'}) out[static_cast<std::size_t>(c)] = kBlank;
  return out;
}();

std::uint8_t kind(char c) { return kBytes[static_cast<unsigned char>(c)]; }

// What a stretch of text without blanks needs: most need no more than lower case.
struct Shape {
  std::uint8_t kinds = 0;
  bool stretched = false;  // a letter three times in a row
  bool spelled = false;    // three single letters apart by joiners

  bool plain() const {
    const bool disguised = (kinds & kLetter) && (kinds & (kDigit | kSign));
    return !(kinds & kWide) && !disguised && !stretched && !spelled;
  }
};

Shape shape_of(std::string_view chunk) {
  Shape shape;
  std::size_t run = 0, singles = 0;
  for (std::size_t i = 0; i < chunk.size(); ++i) {
    const std::uint8_t k = kind(chunk[i]);
    shape.kinds |= k;
    if (k & (kLetter | kDigit)) {
      ++run;
      const bool thrice =
          i >= 2 && ((chunk[i] ^ chunk[i - 1]) & ~0x20) == 0 && ((chunk[i] ^ chunk[i - 2]) & ~0x20) == 0;
      if ((k & kLetter) && thrice) shape.stretched = true;
    } else {
      singles = run == 1 ? singles + 1 : run == 0 ? singles : 0;
      run = 0;
    }
    if (singles + (run == 1 ? 1U : 0U) >= 3) shape.spelled = true;
  }
  return shape;
}

bool is_one_character(std::string_view chunk) {
  if (chunk.size() > 4 || chunk.empty()) return false;
  if (static_cast<unsigned char>(chunk[0]) < 0x80) return chunk.size() == 1 && !(kind(chunk[0]) & kBlank);
  std::size_t at = 0;
  next_code_point(chunk, at);
  return at == chunk.size() && !(kind(chunk[0]) & kBlank);
}

std::size_t chunk_end(std::string_view text, std::size_t from) {
  while (from < text.size() && !(kind(text[from]) & kBlank)) ++from;
  return from;
}

bool is_sign(char c) { return (kind(c) & (kLetter | kDigit | kWide | kBlank)) == 0; }

// "(w" of "(w i c k r)".
bool opens_with_sign(std::string_view chunk) {
  return chunk.size() == 2 && is_sign(chunk[0]) && (kind(chunk[1]) & kLetter);
}

// "r)" or "r!!" of it.
bool closes_with_signs(std::string_view chunk) {
  return chunk.size() >= 2 && chunk.size() <= 4 && (kind(chunk[0]) & kLetter) &&
         std::all_of(chunk.begin() + 1, chunk.end(), is_sign);
}

// "w i c k r": from a single character on, as long as single characters follow with one blank between them.
std::size_t spaced_end(std::string_view text, std::size_t from, std::size_t end) {
  const std::string_view first = text.substr(from, end - from);
  if (!is_one_character(first) && !opens_with_sign(first)) return end;
  while (end + 1 < text.size() && text[end] == ' ' && !(kind(text[end + 1]) & kBlank)) {
    const std::size_t next = chunk_end(text, end + 1);
    const std::string_view chunk = text.substr(end + 1, next - end - 1);
    const bool last = closes_with_signs(chunk);
    if (!last && !is_one_character(chunk)) break;
    end = next;
    if (last) break;  // "w i c k r:"
  }
  return end;
}

constexpr std::size_t kBlock = 192;  // bytes that are looked at together

// Behind the blank that follows the first bytes of a block, so that no word is cut.
std::size_t block_end(std::string_view text, std::size_t from) {
  if (text.size() - from <= kBlock) return text.size();
  const std::size_t end = chunk_end(text, from + kBlock);
  return end < text.size() ? end + 1 : end;
}

// Letters that came from one character ("ß") have all of it for their origin.
bool shares_origin(const Units& units, std::size_t i) {
  const bool with_last = i > 0 && units[i - 1].to > units[i].from;
  return with_last || (i + 1 < units.size() && units[i + 1].from < units[i].to);
}

void emit(const Units& units, Folded& out) {
  std::string bytes;
  for (std::size_t i = 0; i < units.size(); ++i) {
    const Unit& unit = units[i];
    bytes.clear();
    append_utf8(bytes, unit.code);
    if (bytes.size() == unit.to - unit.from && !shares_origin(units, i))
      out.append_verbatim(bytes, unit.from);
    else
      out.append_replaced(bytes, unit.from, unit.to);
  }
}

}  // namespace

Folder::Folder(Vocabulary vocabulary) : code_points_(CodePoints::build()), vocabulary_(std::move(vocabulary)) {}

Folded Folder::fold(std::string_view original) const {
  Folded out;
  fold(original, out);
  return out;
}

bool Folder::knows(std::string_view original) const { return vocabulary_.has(fold(original).text()); }

void Folder::fold(std::string_view original, Folded& out) const {
  for (std::size_t at = 0; at < original.size();) {
    const std::size_t end = block_end(original, at);
    if (is_plain(original, at, end)) {
      out.append_lower_case(original.substr(at, end - at), at);
      at = end;
    } else {
      at = fold_chunks(original, at, end, out);
    }
  }
}

Folded Folder::fold_thoroughly(std::string_view original) const {
  Folded out;
  fold_chunks(original, 0, original.size(), out);
  return out;
}

// Chunk by chunk from `at` to `end`, or somewhat further where letters are spelled out across it. Returns where it
// ended.
std::size_t Folder::fold_chunks(std::string_view original, std::size_t at, std::size_t end, Folded& out) const {
  std::size_t plain_from = at;
  const auto flush = [&](std::size_t to) {
    out.append_lower_case(original.substr(plain_from, to - plain_from), plain_from);
  };
  while (at < end) {
    if (kind(original[at]) & kBlank) {
      ++at;
      continue;
    }
    const std::size_t chunk = chunk_end(original, at);
    const std::size_t spaced = spaced_end(original, at, chunk);
    if (spaced == chunk && shape_of(original.substr(at, chunk - at)).plain()) {
      at = chunk;
      continue;
    }
    flush(at);
    Units units = decode(code_points_, original, at, spaced);
    join_spelled_out(units);
    undo_disguises(units, vocabulary_);
    emit(units, out);
    at = plain_from = spaced;
  }
  flush(at);
  return at;
}

namespace {

// An escape or the head of a group, whose letters are syntax: "\\B", "\\p{Greek}", "(?i:", "(?P<name>".
std::size_t syntax_length(std::string_view pattern) {
  if (pattern[0] == '\\') {
    const bool property =
        pattern.size() > 2 && (pattern[1] == 'p' || pattern[1] == 'P' || pattern[1] == 'x') && pattern[2] == '{';
    const std::size_t close = property ? pattern.find('}') : pattern.size() > 1 && pattern[1] == 'x' ? 3 : 1;
    return std::min(close == std::string_view::npos ? pattern.size() : close + 1, pattern.size());
  }
  if (!pattern.starts_with("(?")) return 0;
  const std::size_t close = pattern.find_first_of(":)>");
  return close == std::string_view::npos ? pattern.size() : close + 1;
}

}  // namespace

std::string Folder::fold_pattern(std::string_view pattern) const {
  std::string out;
  for (std::size_t at = 0; at < pattern.size();) {
    if (const std::size_t syntax = syntax_length(pattern.substr(at)); syntax > 0) {
      out.append(pattern.substr(at, syntax));
      at += syntax;
      continue;
    }
    const std::size_t begin = at;
    const char32_t code = next_code_point(pattern, at);
    const CodePoint point = code_points_[code];
    if (point.itself || point.mark) out.append(pattern.substr(begin, at - begin));
    if (point.folded.size() > 1) out += "(?:";
    for (const char32_t folded : point.folded) append_utf8(out, folded);
    if (point.folded.size() > 1) out += ")";
  }
  return out;
}

}  // namespace hw::classifier
