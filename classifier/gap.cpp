#include "classifier/gap.h"

#include <algorithm>

#include "classifier/units.h"
#include "common/text.h"

namespace hw::classifier {
namespace {

constexpr std::size_t kLongestGap = 80;
constexpr int kMostWords = 4;

bool is_blank(char32_t c) {
  return c == ' ' || c == '\t' || c == '\r' || c == 0xA0 || c == 0x3000 || (c >= 0x2000 && c <= 0x200A);
}
bool is_ascii_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool assigns(char32_t c) {
  constexpr std::u32string_view kSigns =
      U":=\uff1a\ufe55\uff1d>"
      U"\u00bb\u2192\u27a1\u21d2\u2794\u279c\u279d\u279e\u27a4\u25ba\u25b6\u2935\u2b07\u2193\u25b8\u203a\u2236\ua789";
  return kSigns.find(c) != std::u32string_view::npos || (c >= 0x1F446 && c <= 0x1F449);
}
bool dashes(char32_t c) {
  constexpr std::u32string_view kSigns = U"-|~\u2010\u2011\u2012\u2013\u2014\u2015\u2022\u00b7\u2212";
  return kSigns.find(c) != std::u32string_view::npos;
}
bool lists(char32_t c) {
  constexpr std::u32string_view kSigns = U"/+&,;\u3001\uff0c";
  return kSigns.find(c) != std::u32string_view::npos;
}
bool brackets(char32_t c) {
  constexpr std::u32string_view kSigns = U"()[]{}<*\u3010\u3011\u300c\u300d\uff08\uff09\u00ab#!?";
  return kSigns.find(c) != std::u32string_view::npos;
}
bool quotes(char32_t c) {
  constexpr std::u32string_view kSigns = U"\"'`\u2018\u2019\u201c\u201d\u201e\u201a";
  return kSigns.find(c) != std::u32string_view::npos;
}

// The letters from `at` on, in lower case where they are ASCII.
std::string word_at(const CodePoints& table, std::string_view original, std::size_t at, std::size_t& end) {
  std::size_t next = at;
  end = at;
  while (next < original.size() && next - at < 24) {
    const char32_t code = next_code_point(original, next);
    const CodePoint point = table[code];
    const bool other_script = end > at && (code < 0x80) != (static_cast<unsigned char>(original[at]) < 0x80);
    if ((!point.letter && !(code == '\'' && end > at)) || other_script) break;
    end = next;
  }
  return to_lower(original.substr(at, end - at));
}

// A word that may stand before the handle, and is not itself its beginning ("id_99", "me.and.you").
bool is_between(std::string_view original, std::size_t end, const std::string& word, const WordSet& between) {
  if (word.empty() || !between.contains(word)) return false;
  if (end >= original.size()) return true;
  const char next = original[end];
  if (static_cast<unsigned char>(word[0]) >= 0xE0) return true;  // written without blanks
  if (is_ascii_word(next)) return false;
  return !(next == '.' || next == '-') || end + 1 >= original.size() || !is_ascii_word(original[end + 1]);
}

// Notes one sign; false: it is none that may stand here.
bool note_sign(char32_t code, bool symbol, Gap& gap) {
  if (assigns(code))
    gap.assigned = true;
  else if (dashes(code))
    gap.dashed = true;
  else if (lists(code))
    gap.listed = true;
  else if (brackets(code))
    gap.bracketed = true;
  else if (quotes(code))
    gap.quoted = true;
  else
    return symbol;
  return true;
}

bool is_ellipsis(std::string_view original, std::size_t at, std::size_t from) {
  if (original[at] != '.') return false;
  return (at + 1 < original.size() && original[at + 1] == '.') || (at > from && original[at - 1] == '.');
}

}  // namespace

Gap gap_after(const CodePoints& table, std::string_view original, std::size_t from, const WordSet& between) {
  Gap gap;
  std::size_t at = from;
  int words = 0;
  while (at < original.size() && at - from < kLongestGap) {
    std::size_t next = at;
    const char32_t code = next_code_point(original, next);
    if (code == '\n') {
      if (gap.new_line) return gap;
      gap.new_line = true;
    } else if (code == '@') {
      gap.at_sign = true;
    } else if (code == 0x2026 || is_ellipsis(original, at, from)) {
      gap.dashed = true;  // "kik ... x"
    } else if (code == '+' && next < original.size() && original[next] >= '0' && original[next] <= '9') {
      break;  // a phone number
    } else if (is_blank(code)) {
      gap.blank = true;
    } else {
      const CodePoint point = table[code];
      const bool invisible = point.folded.empty() && !point.itself;
      if (!invisible && (point.letter || point.digit || code == '_')) {
        std::size_t end = at;
        const std::string word = word_at(table, original, at, end);
        if (words >= kMostWords || !is_between(original, end, word, between)) break;
        ++words;
        gap.said = true;
        next = end;
      } else if (!invisible && !note_sign(code, point.symbol, gap)) {
        return gap;
      }
    }
    if (code != '@') gap.at_sign = false;
    at = next;
  }
  gap.edge = at;
  gap.found = at < original.size() && at - from < kLongestGap;
  gap.at_end = at >= original.size();
  return gap;
}

std::size_t token_begin(std::string_view original, std::size_t to) {
  constexpr std::size_t kLongest = 300;
  const std::size_t least = to > kLongest ? to - kLongest : 0;
  std::size_t at = to;
  while (at > least) {
    const char c = original[at - 1];
    const bool inside = is_ascii_word(c) || c == '.' || c == '-' || c == '#' || c == '@' || c == ':' || c == '*';
    const bool invisible = static_cast<unsigned char>(c) >= 0x80;
    if (!inside && !invisible) break;
    --at;
  }
  return at;
}

Gap gap_before(std::string_view original, std::size_t to) {
  Gap gap;
  std::size_t at = to;
  const auto back_over = [&](std::string_view signs, bool Gap::* seen) {
    while (at > 0 && signs.find(original[at - 1]) != std::string_view::npos) {
      if (original[at - 1] != ' ' && seen != nullptr) gap.*seen = true;
      --at;
    }
  };
  back_over(" #\"'*", nullptr);
  back_over("([{ ", &Gap::bracketed);
  constexpr std::string_view kOn[] = {"on",  "at", "via", "auf", "sur", "en",  "su",  "op", "na",    "in",
                                      "per", "em", "no",  "nel", "bei", "por", "par", "|",  "using", "в"};
  for (const std::string_view word : kOn) {
    if (at < word.size() + 1 || !equals_ignoring_case(original.substr(at - word.size(), word.size()), word)) continue;
    const char before = original[at - word.size() - 1];
    if (before != ' ' && before != '\t' && before != '(' && before != ')') continue;
    gap.on = true;
    gap.on_plainly = word == "on" || word == "auf";
    at -= word.size();
    break;
  }
  if (!gap.on && at > 1 && original[at - 1] == '@' && original[at - 2] == ' ') {
    gap.on = gap.on_plainly = true;
    --at;
  }
  back_over(" ([{\"'*)]`", nullptr);
  if (!gap.on) back_over("-|/~ ", &Gap::dashed);
  gap.edge = at;
  gap.blank = at < to;
  gap.found = at > 0 && at < to && original[at - 1] != '\n';
  return gap;
}

bool clause_ends(std::string_view original, std::size_t from) {
  constexpr std::string_view kWords[] = {"and",  "or",    "if", "for", "und",  "oder", "et",     "ou",
                                         "y",    "e",     "i",  "hmu", "add",  "pls",  "please", "asap",
                                         "lets", "let's", "to", "on",  "then", "but"};
  std::size_t at = from;
  while (at < original.size() && (original[at] == ' ' || original[at] == '\t')) ++at;
  if (at >= original.size() || !is_ascii_word(original[at])) return true;
  std::size_t end = at;
  while (end < original.size() && (is_ascii_word(original[end]) || original[end] == '\'')) ++end;
  const std::string word = to_lower(original.substr(at, end - at));
  return std::find(std::begin(kWords), std::end(kWords), word) != std::end(kWords);
}

}  // namespace hw::classifier
