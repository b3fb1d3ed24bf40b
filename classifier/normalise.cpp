#include "classifier/normalise.h"

#include <algorithm>
#include <array>

#include "classifier/units.h"

// Compiled twice, for processors with wider registers than every x86-64 has; the loader picks. Not beside sanitizers,
// which are not ready yet when it does.
#if defined(__x86_64__) && defined(__GNUC__) && defined(NDEBUG)
#define HW_WIDE [[gnu::target_clones("avx2", "default")]]
#else
#define HW_WIDE
#endif

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

constexpr std::size_t kBlock = 192;         // bytes that are looked at together
constexpr std::size_t kLongestBlock = 256;  // with what is left of the last word
constexpr std::size_t kAhead = 8;           // bytes behind a block that it may be spelled out into

// Behind the blank that follows the first bytes of a block, so that no word is cut.
std::size_t block_end(std::string_view text, std::size_t from) {
  if (text.size() - from <= kBlock) return text.size();
  const std::size_t end = chunk_end(text, from + kBlock);
  return end < text.size() ? end + 1 : end;
}

constexpr std::uint8_t byte(int value) { return static_cast<std::uint8_t>(value); }

// Whether lower case is all that a block needs: ASCII without a disguise. Written so that compilers make vector code of
// it; it may say no where chunk by chunk would say yes, never the other way round.
HW_WIDE bool is_plain(std::string_view text, std::size_t from, std::size_t to) {
  using Bytes = std::array<std::uint8_t, kLongestBlock + 2 * kAhead>;
  const std::size_t size = to - from;
  const std::size_t seen = std::min(text.size(), to + kAhead) - from;
  Bytes bytes{}, letter{}, digit{}, sign{}, single{};
  std::copy_n(text.data() + from, seen, bytes.begin());
  std::uint8_t wide = 0;
  for (std::size_t i = 0; i < size; ++i) wide = byte(wide | bytes[i]);
  if (wide & 0x80) return false;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::uint8_t c = bytes[i];
    letter[i] = byte(byte((c | 0x20) - 'a') < 26);
    digit[i] = byte(byte(c - '0') < 10);
    sign[i] = byte(byte(c == '@') | byte(c == '$'));
  }
  // A letter beside a digit or a sign that stands for one; three of the same.
  std::uint8_t found = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const std::uint8_t unlike = byte(((bytes[i] ^ bytes[i + 1]) | (bytes[i] ^ bytes[i + 2])) & 0xDF);
    const std::uint8_t beside = byte(letter[i] & byte(digit[i + 1] | sign[i + 1]));
    const std::uint8_t before = byte(letter[i + 1] & byte(digit[i] | sign[i]));
    const std::uint8_t called = byte(letter[i] & byte(bytes[i + 1] == '!') & letter[i + 2]);
    found = byte(found | beside | before | called | byte(letter[i] & byte(unlike == 0)));
  }
  if (found != 0) return false;
  // Three letters or digits that stand alone, at most three signs apart.
  for (std::size_t i = 0; i < bytes.size(); ++i) letter[i] = byte(letter[i] | digit[i] | byte(bytes[i] == '\''));
  single[0] = byte(letter[0] & byte(letter[1] ^ 1));
  for (std::size_t i = 1; i + 1 < bytes.size(); ++i)
    single[i] = byte(letter[i] & byte(letter[i - 1] ^ 1) & byte(letter[i + 1] ^ 1));
  for (std::size_t i = size; i < bytes.size(); ++i)
    single[i] = byte(single[i] | bytes[i] >> 7);  // the next block may go on in disguise
  for (std::size_t i = 0; i < size; ++i) {
    const std::uint8_t next = byte(single[i + 2] | single[i + 3] | single[i + 4]);
    const std::uint8_t third = byte(single[i + 4] | single[i + 5] | single[i + 6] | single[i + 7] | single[i + 8]);
    found = byte(found | byte(single[i] & next & third));
  }
  return found == 0;
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
    if (end - at <= kLongestBlock && is_plain(original, at, end)) {
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
