#include "classifier/code_points.h"

#include <array>
#include <memory>
#include <utility>

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>
#include <unicode/uspoof.h>

namespace hw::classifier {
namespace {

constexpr std::uint8_t kMark = 1, kLetter = 2, kDigit = 4, kSymbol = 8;
constexpr char32_t kBlock = 128;
constexpr char32_t kEnd = 0x110000;

// Whole blocks. Everything that folds to something else, or is a mark, lies in these; the rest (ideographs, Hangul,
// rare scripts) is itself.
constexpr std::array<std::pair<char32_t, char32_t>, 15> kCovered{{{0x0000, 0x3400},
                                                                  {0xA600, 0xAC00},
                                                                  {0xF900, 0x10000},
                                                                  {0x10400, 0x10600},
                                                                  {0x10780, 0x10800},
                                                                  {0x10C80, 0x10D00},
                                                                  {0x11880, 0x11900},
                                                                  {0x16E00, 0x16E80},
                                                                  {0x1BC80, 0x1BD00},
                                                                  {0x1D100, 0x1D800},
                                                                  {0x1DF00, 0x1E080},
                                                                  {0x1E900, 0x1E980},
                                                                  {0x1EE00, 0x1FC00},
                                                                  {0x2F800, 0x2FA80},
                                                                  {0xE0000, 0xE1000}}};

const icu::Normalizer2* casefold() {
  UErrorCode error = U_ZERO_ERROR;
  return icu::Normalizer2::getNFKCCasefoldInstance(error);
}

std::u32string to_utf32(const icu::UnicodeString& text) {
  std::u32string out;
  for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) out += static_cast<char32_t>(text.char32At(i));
  return out;
}

bool is_mark(char32_t code) {
  const int8_t type = u_charType(static_cast<UChar32>(code));
  return type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK;
}

std::u32string without_marks(const icu::UnicodeString& text) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* decompose = icu::Normalizer2::getNFDInstance(error);
  std::u32string out;
  for (const char32_t code : to_utf32(decompose->normalize(text, error)))
    if (!is_mark(code)) out += code;
  return out;
}

Script script_of(char32_t code) {
  UErrorCode error = U_ZERO_ERROR;
  switch (uscript_getScript(static_cast<UChar32>(code), &error)) {
    case USCRIPT_COMMON:
    case USCRIPT_INHERITED:
    case USCRIPT_UNKNOWN:
      return Script::none;
    case USCRIPT_LATIN:
      return Script::latin;
    case USCRIPT_CYRILLIC:
    case USCRIPT_GREEK:
    case USCRIPT_ARMENIAN:
    case USCRIPT_CHEROKEE:
    case USCRIPT_COPTIC:
    case USCRIPT_LISU:
      return Script::lookalike;
    case USCRIPT_HAN:
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
    case USCRIPT_THAI:
    case USCRIPT_LAO:
    case USCRIPT_KHMER:
    case USCRIPT_MYANMAR:
      return Script::unspaced;
    default:
      return Script::other;
  }
}

struct Close {
  void operator()(USpoofChecker* checker) const { uspoof_close(checker); }
};
using Checker = std::unique_ptr<USpoofChecker, Close>;

// UTS #39's prototype, where it is plain ASCII letters; "" otherwise.
std::u32string skeleton(const USpoofChecker* checker, char32_t code) {
  UErrorCode error = U_ZERO_ERROR;
  icu::UnicodeString result;
  uspoof_getSkeletonUnicodeString(checker, 0, icu::UnicodeString(static_cast<UChar32>(code)), result, &error);
  if (U_FAILURE(error)) return {};
  std::u32string out = without_marks(result);
  for (char32_t& letter : out) {
    if (letter >= 'A' && letter <= 'Z') letter += 'a' - 'A';
    if (letter < 'a' || letter > 'z') return {};
  }
  return out;
}

// Small capitals and the letters in boxes, circles and flags, which NFKC leaves alone: their names end in the letter.
char32_t letter_by_name(char32_t code) {
  const bool boxed = code >= 0x1F100 && code <= 0x1F1FF;
  const bool small_capital = code >= 0x250 && code <= 0x2AF;
  const bool phonetic = code >= 0x1D00 && code <= 0x1D2B;
  if (!boxed && !small_capital && !phonetic && code != 0xA730 && code != 0xA731 && code != 0xA7AF) return 0;
  std::array<char, 128> buffer{};
  UErrorCode error = U_ZERO_ERROR;
  const int32_t length =
      u_charName(static_cast<UChar32>(code), U_UNICODE_CHAR_NAME, buffer.data(), buffer.size(), &error);
  const std::string_view name(buffer.data(), static_cast<std::size_t>(std::max(length, 0)));
  if (name.size() < 3 || name[name.size() - 2] != ' ') return 0;
  const bool right =
      name.find("SMALL CAPITAL") != std::string_view::npos || name.find(" LETTER ") != std::string_view::npos;
  const char last = name.back();
  if (!right || last < 'A' || last > 'Z' || name.find("TURNED") != std::string_view::npos) return 0;
  if (!boxed && name.find("SMALL CAPITAL") == std::string_view::npos) return 0;
  return static_cast<char32_t>(last - 'A' + 'a');
}

// Apostrophes and dashes come in many forms and mean one thing.
char32_t plain_sign(char32_t code) {
  constexpr std::u32string_view kApostrophes = U"\u2018\u2019\u201b\u02b9\u02bb\u02bc\u00b4\u2032\uff07";
  constexpr std::u32string_view kDashes = U"\u2010\u2011\u2012\u2013\u2014\u2015\u2212\uff0d\ufe58";
  if (kApostrophes.find(code) != std::u32string_view::npos) return U'\'';
  return kDashes.find(code) != std::u32string_view::npos ? U'-' : 0;
}

std::u32string fold(const USpoofChecker* checker, char32_t code, Script script) {
  if (const char32_t sign = plain_sign(code)) return {sign};
  if (const char32_t letter = letter_by_name(code)) return {letter};
  UErrorCode error = U_ZERO_ERROR;
  const icu::UnicodeString folded = casefold()->normalize(icu::UnicodeString(static_cast<UChar32>(code)), error);
  std::u32string plain = to_utf32(folded);
  if (plain.empty() || plain.size() > 4) return plain.empty() ? plain : std::u32string{code};
  if (script_of(plain.front()) != Script::latin && script != Script::latin) return plain;
  plain = without_marks(folded);
  std::u32string out;
  for (const char32_t letter : plain) {
    const std::u32string ascii = letter < 0x80 ? std::u32string{} : skeleton(checker, letter);
    out += ascii.empty() ? std::u32string{letter} : ascii;
  }
  return out;
}

// The Latin letter it looks like. A capital I of any script has the prototype "l"; here it is meant as an i.
char lookalike_of(const USpoofChecker* checker, char32_t code) {
  const std::u32string letters = skeleton(checker, code);
  if (letters.size() != 1) return 0;
  if (letters[0] == 'l' && u_isupper(static_cast<UChar32>(code))) return 'i';
  return static_cast<char>(letters[0]);
}

std::uint8_t properties_of(char32_t code) {
  const auto character = static_cast<UChar32>(code);
  const int8_t type = u_charType(character);
  std::uint8_t out = 0;
  if (is_mark(code)) out |= kMark;
  if (u_isalpha(character)) out |= kLetter;
  if (u_isdigit(character)) out |= kDigit;
  if (type == U_OTHER_SYMBOL || type == U_MATH_SYMBOL || type == U_MODIFIER_SYMBOL) out |= kSymbol;
  return out;
}

}  // namespace

CodePoints::Entry CodePoints::make(const USpoofChecker* checker, char32_t code) {
  Entry entry;
  entry.script = script_of(code);
  entry.properties = properties_of(code);
  if (code < 0x80) {
    const char32_t lower = code >= 'A' && code <= 'Z' ? code + ('a' - 'A') : code;
    entry.at = static_cast<std::uint32_t>(pool_.size());
    entry.length = 1;
    pool_ += lower;
    return entry;
  }
  if (entry.properties & kMark) return entry;
  const std::u32string folded = fold(checker, code, entry.script);
  entry.at = static_cast<std::uint32_t>(pool_.size());
  entry.length = static_cast<std::uint8_t>(folded.size());
  pool_ += folded;
  if (!folded.empty() && folded[0] < 0x80 && folded[0] >= 'a' && folded[0] <= 'z') {
    entry.script = Script::latin;
    entry.properties = kLetter;
  } else if (!folded.empty() && folded[0] >= '0' && folded[0] <= '9') {
    entry.properties = kDigit;
  }
  if (entry.script == Script::lookalike) entry.lookalike = lookalike_of(checker, code);
  return entry;
}

void CodePoints::add_block(const USpoofChecker* checker, char32_t first) {
  blocks_[first / kBlock] = static_cast<std::uint16_t>(entries_.size() / kBlock);
  for (char32_t code = first; code < first + kBlock; ++code) entries_.push_back(make(checker, code));
}

CodePoints CodePoints::build() {
  UErrorCode error = U_ZERO_ERROR;
  const Checker checker(uspoof_open(&error));
  CodePoints table;
  table.blocks_.assign(kEnd / kBlock, 0);
  table.entries_.resize(kBlock);  // block 0 stands for "not in the table"
  for (const auto& [first, end] : kCovered)
    for (char32_t code = first; code < end; code += kBlock) table.add_block(checker.get(), code);
  return table;
}

CodePoint CodePoints::operator[](char32_t code) const {
  CodePoint out;
  const std::uint16_t block = code < kEnd ? blocks_[code / kBlock] : std::uint16_t{0};
  if (block == 0) {
    const std::uint8_t properties = code < kEnd ? properties_of(code) : std::uint8_t{0};
    out.itself = true;
    out.script = code < kEnd ? script_of(code) : Script::none;
    out.mark = properties & kMark;
    out.letter = properties & kLetter;
    out.digit = properties & kDigit;
    return out;
  }
  const Entry& entry = entries_[block * kBlock + code % kBlock];
  out.folded = std::u32string_view(pool_).substr(entry.at, entry.length);
  out.lookalike = entry.lookalike;
  out.script = entry.script;
  out.mark = entry.properties & kMark;
  out.letter = entry.properties & kLetter;
  out.digit = entry.properties & kDigit;
  out.symbol = entry.properties & kSymbol;
  return out;
}

std::u32string CodePoints::compose(std::u32string_view sequence) {
  icu::UnicodeString text;
  for (const char32_t code : sequence) text.append(static_cast<UChar32>(code));
  UErrorCode error = U_ZERO_ERROR;
  return to_utf32(casefold()->normalize(text, error));
}

}  // namespace hw::classifier
