#include "classifier/units.h"

#include <algorithm>
#include <array>
#include <string>

#include <unicode/utf8.h>

namespace hw::classifier {
namespace {

constexpr std::size_t kMostMarks = 30;     // UAX #15, stream-safe text
constexpr std::size_t kFewestSpelled = 3;  // single letters in a row that spell a word
constexpr std::size_t kMostSeparators = 3;

Unit make_unit(const CodePoint& point, char32_t code, std::size_t from, std::size_t to) {
  Unit unit;
  unit.code = code;
  unit.from = static_cast<std::uint32_t>(from);
  unit.to = static_cast<std::uint32_t>(to);
  unit.lookalike = point.lookalike;
  unit.script = point.script;
  unit.letter = point.letter;
  unit.digit = point.digit;
  return unit;
}

// A mark on a letter that keeps its marks: gathers them all and lets ICU compose. `at` moves behind the last one.
void compose_marks(const CodePoints& table, std::string_view original, std::size_t& at, std::size_t end, Units& units) {
  std::u32string sequence{units.back().code};
  std::size_t next = at;
  std::size_t to = at;
  while (next < end) {
    const char32_t code = next_code_point(original, next);
    if (!table[code].mark) break;
    if (sequence.size() <= kMostMarks) sequence += code;
    to = next;
  }
  const Unit base = units.back();
  units.pop_back();
  for (const char32_t code : CodePoints::compose(sequence)) {
    const CodePoint point = table[code];
    Unit unit = make_unit(point, code, base.from, to);
    unit.letter = unit.letter || point.mark;  // a vowel sign belongs to its word
    units.push_back(unit);
  }
  at = to;
}

bool keeps_marks(const Units& units) {
  return !units.empty() && units.back().letter && units.back().script != Script::latin &&
         units.back().script != Script::none;
}

bool spells(const Unit& unit) {
  return unit.in_word() &&
         (unit.script == Script::latin || unit.script == Script::lookalike || unit.script == Script::none);
}

bool separates(const Unit& unit) {
  constexpr std::u32string_view kSeparators = U" .-_*|/~+,\u00b7\u2022";
  return kSeparators.find(unit.code) != std::u32string_view::npos;
}

// Where the single letter after units[at] stands, or 0 when the next letter does not stand alone or is too far away.
std::size_t next_single(const Units& units, std::size_t at) {
  std::size_t next = at + 1;
  while (next < units.size() && next - at <= kMostSeparators && separates(units[next])) ++next;
  if (next == at + 1 || next >= units.size() || !spells(units[next])) return 0;
  if (next + 1 < units.size() && units[next + 1].in_word()) return 0;
  return next;
}

bool same_separators(const Units& units, std::size_t first, std::size_t here, std::size_t length) {
  for (std::size_t i = 0; i < length; ++i)
    if (units[first + i].code != units[here + i].code) return false;
  return true;
}

struct Spelled {
  std::vector<std::size_t> letters;  // empty: nothing is spelled out here
  std::size_t searched_to = 0;
};

// The letters of a word spelled out from units[first] on.
Spelled spelled_from(const Units& units, std::size_t first) {
  Spelled word{{first}, first};
  const std::size_t second = next_single(units, first);
  const std::size_t gap = second - first;
  for (std::size_t next = second; next != 0; next = next_single(units, next)) {
    const std::size_t last = word.letters.back();
    if (next - last != gap || !same_separators(units, first + 1, last + 1, gap - 1)) break;
    word.letters.push_back(next);
  }
  word.searched_to = word.letters.back();
  const auto is_letter = [&](std::size_t i) { return units[i].letter; };
  const auto like_first = [&](std::size_t i) { return units[i].code == units[first].code; };
  const auto count = std::count_if(word.letters.begin(), word.letters.end(), is_letter);
  const bool one_letter = std::all_of(word.letters.begin(), word.letters.end(), like_first);
  if (static_cast<std::size_t>(count) < kFewestSpelled || one_letter) word.letters.clear();
  return word;
}

char leet(char32_t code) {
  switch (code) {
    case '0':
      return 'o';
    case '1':
      return 'i';
    case '3':
      return 'e';
    case '4':
      return 'a';
    case '5':
      return 's';
    case '7':
      return 't';
    case '@':
      return 'a';
    case '$':
      return 's';
    case '!':
      return 'i';
    default:
      return 0;
  }
}

using Word = std::vector<Unit>;

std::string ascii_of(const Word& word) {
  std::string out;
  for (const Unit& unit : word) {
    if (unit.code >= 0x80) return "";
    out += static_cast<char>(unit.code);
  }
  return out;
}

void set_letters(Word& word, std::string_view letters) {
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (word[i].code == static_cast<unsigned char>(letters[i])) continue;
    word[i].code = static_cast<unsigned char>(letters[i]);
    word[i].letter = true;
    word[i].script = Script::latin;
  }
}

void make_latin(Word& word) {
  bool latin = false, lookalike = false;
  for (const Unit& unit : word) {
    latin = latin || unit.script == Script::latin;
    lookalike = lookalike || unit.lookalike != 0;
  }
  if (!latin || !lookalike) return;
  for (Unit& unit : word) {
    if (unit.lookalike == 0) continue;
    unit.code = static_cast<unsigned char>(unit.lookalike);
    unit.script = Script::latin;
  }
}

// Digits that all stand singly or in pairs between letters can only be letters: "p3rvy". Never in "15f", "m4f" or
// "blue22".
std::string decode_inner(std::string_view word) {
  std::string out(word);
  std::size_t letters = 0;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (word[i] >= 'a' && word[i] <= 'z') {
      ++letters;
      continue;
    }
    const bool inside = i > 0 && i + 1 < word.size() && word[i] != '@' && word[i] != '!';
    if (!inside || leet(static_cast<unsigned char>(word[i])) == 0) return std::string(word);
    out[i] = leet(static_cast<unsigned char>(word[i]));
  }
  return letters >= kFewestSpelled ? out : std::string(word);
}

void undo_leet(Word& word, const Vocabulary& vocabulary) {
  const std::string written = ascii_of(word);
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  if (written.size() < kFewestSpelled || std::all_of(written.begin(), written.end(), is_letter)) return;
  if (std::none_of(written.begin(), written.end(), is_letter) || vocabulary.has(written)) return;
  std::string decoded = written, with_l = written;
  for (std::size_t i = 0; i < written.size(); ++i) {
    const char letter = leet(static_cast<unsigned char>(written[i]));
    if (letter == 0) continue;
    decoded[i] = letter;
    with_l[i] = letter == 'i' ? 'l' : letter;
  }
  if (vocabulary.has(decoded)) return set_letters(word, decoded);
  if (vocabulary.has(with_l)) return set_letters(word, with_l);
  set_letters(word, decode_inner(written));
}

bool is_stretched(std::string_view word) {
  for (std::size_t i = 2; i < word.size(); ++i)
    if (word[i] >= 'a' && word[i] <= 'z' && word[i] == word[i - 1] && word[i] == word[i - 2]) return true;
  return false;
}

// Keeps of each run of a letter as many as the known word has, or one; what goes is covered by the last that stays.
void undo_stretch(Word& word, const Vocabulary& vocabulary) {
  const std::string written = ascii_of(word);
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  if (!is_stretched(written) || written == "www" || !std::all_of(written.begin(), written.end(), is_letter)) return;
  const std::string squeezed = squeeze(written);
  const std::string_view known = vocabulary.stretched_from(squeezed);
  const std::string_view target = known.empty() ? std::string_view(squeezed) : known;
  Word out;
  std::size_t wanted = 0;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const bool new_run = i == 0 || written[i] != written[i - 1];
    if (wanted < target.size() && target[wanted] == written[i] && (new_run || target[wanted - 1] == written[i])) {
      out.push_back(word[i]);
      ++wanted;
    } else if (!out.empty()) {
      out.back().to = word[i].to;
    }
  }
  if (wanted == target.size()) word = std::move(out);
}

bool may_spell(const Unit& unit) { return unit.in_word() || unit.code == '$' || unit.code == '@' || unit.code == '!'; }

}  // namespace

char32_t next_code_point(std::string_view text, std::size_t& at) {
  const auto byte = static_cast<unsigned char>(text[at]);
  if (byte < 0x80) {
    ++at;
    return byte;
  }
  UChar32 code = 0;
  const std::size_t length = std::min<std::size_t>(text.size() - at, 4);
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data() + at);
  int32_t position = 0;
  U8_NEXT_OR_FFFD(bytes, position, static_cast<int32_t>(length), code);
  at += static_cast<std::size_t>(position);
  return static_cast<char32_t>(code);
}

void append_utf8(std::string& out, char32_t code) {
  std::array<std::uint8_t, 4> bytes{};
  int32_t length = 0;
  UBool error = false;
  U8_APPEND(bytes.data(), length, 4, static_cast<UChar32>(code), error);
  if (error) return append_utf8(out, 0xFFFD);
  out.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(length));
}

Units decode(const CodePoints& table, std::string_view original, std::size_t from, std::size_t to) {
  Units units;
  for (std::size_t at = from; at < to;) {
    const std::size_t begin = at;
    const char32_t code = next_code_point(original, at);
    const CodePoint point = table[code];
    if (point.mark) {
      if (!keeps_marks(units)) continue;  // an accent over Latin, or over nothing
      at = begin;
      compose_marks(table, original, at, to, units);
      continue;
    }
    if (point.itself) units.push_back(make_unit(point, code, begin, at));
    for (const char32_t folded : point.folded) units.push_back(make_unit(point, folded, begin, at));
  }
  return units;
}

void join_spelled_out(Units& units) {
  std::vector<bool> gone(units.size());
  bool any = false;
  for (std::size_t i = 0; i < units.size();) {
    const bool alone =
        spells(units[i]) && (i == 0 || !units[i - 1].in_word()) && (i + 1 >= units.size() || !units[i + 1].in_word());
    const Spelled word = alone ? spelled_from(units, i) : Spelled{{}, i};
    const std::vector<std::size_t>& letters = word.letters;
    if (letters.empty()) {
      i = std::max(i + 1, word.searched_to);  // no part of what was just searched spells a word either
      continue;
    }
    for (std::size_t k = 0; k + 1 < letters.size(); ++k)
      for (std::size_t j = letters[k] + 1; j < letters[k + 1]; ++j) gone[j] = true;
    any = true;
    i = letters.back() + 1;
  }
  if (!any) return;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < units.size(); ++i)
    if (!gone[i]) units[kept++] = units[i];
  units.resize(kept);
}

void undo_disguises(Units& units, const Vocabulary& vocabulary) {
  Units out;
  for (std::size_t i = 0; i < units.size();) {
    std::size_t end = i;
    while (end < units.size() && may_spell(units[end])) ++end;
    if (end == i || units[i].code == '!') {
      out.push_back(units[i++]);
      continue;
    }
    // "taboo!!" says taboo and calls it out: what ends a word is no letter.
    while (end > i + 1 && units[end - 1].code == '!') --end;
    Word word(units.begin() + static_cast<std::ptrdiff_t>(i), units.begin() + static_cast<std::ptrdiff_t>(end));
    make_latin(word);
    undo_leet(word, vocabulary);
    undo_stretch(word, vocabulary);
    out.insert(out.end(), word.begin(), word.end());
    i = end;
  }
  units = std::move(out);
}

}  // namespace hw::classifier
