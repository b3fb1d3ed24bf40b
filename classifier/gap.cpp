#include "classifier/gap.h"

#include <algorithm>
#include <cctype>
#include <span>
#include <utility>

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
  constexpr std::u32string_view kSigns = U"-|~\u2010\u2011\u2012\u2013\u2014\u2015\u2022\u2027\u00b7\u2212\u30fb\uff65";
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
  Script script = Script::none;
  end = at;
  while (next < original.size() && next - at < 24) {
    const char32_t code = next_code_point(original, next);
    const CodePoint point = table[code];
    const bool other_script = end > at && point.script != Script::none && point.script != script;
    if (end == at) script = point.script;
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

// Behind "to" (Polish for "is") and "i'm": "x_1", no word of a language.
bool no_word_follows(std::string_view original, std::size_t at) {
  while (at < original.size() && (original[at] == ' ' || original[at] == '@')) ++at;
  const std::size_t end = std::min(original.find_first_of(" \n\t", at), original.size());
  const std::string_view token = original.substr(at, end - at);
  const auto tells = [](char c) { return c == '_' || c == '.' || (c >= '0' && c <= '9'); };
  return token.size() >= 4 && is_ascii_word(token.front()) && std::any_of(token.begin() + 1, token.end() - 1, tells);
}

// Articles and the like, in several languages, that lead on where a word for a name follows.
constexpr std::string_view kBeforeNames[] = {"the", "my", "this", "le",   "el",  "il",  "lo",  "o",    "den",
                                             "dem", "de", "mi",   "mein", "mon", "meu", "mio", "mijn", "het"};
constexpr std::string_view kForNames[] = {"name",  "user", "username", "handle",  "number", "nick",    "nickname",
                                          "id",    "same", "nom",      "pseudo",  "nombre", "usuario", "nome",
                                          "namen", "naam", "account",  "contact", "tag"};

bool stands_in(std::string_view word, std::span<const std::string_view> list) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

std::string next_word(std::string_view original, std::size_t at) {
  while (at < original.size() && original[at] == ' ') ++at;
  std::size_t end = at;
  while (end < original.size() && is_ascii_word(original[end])) ++end;
  return to_lower(original.substr(at, end - at));
}

// "me on x", "under the name x", "i'm called x": words that lead to a handle only in company.
bool leads_on(std::string_view original, std::size_t end, std::string_view word, std::string_view previous) {
  if (word == "us") return true;
  if (word == "on") return previous == "me" || previous == "us";
  if (word == "to") return no_word_follows(original, end);
  if (word == "i'm" || word == "im") {
    const std::string next = next_word(original, end);
    return next == "called" || next == "named" || no_word_follows(original, end);
  }
  return stands_in(word, kBeforeNames) && stands_in(next_word(original, end), kForNames);
}

// "wickr-címemre: x", "whatsapp hattımız +44 …": a word of no known language that leads to a colon or a phone number.
bool leads_over(std::string_view original, std::size_t end) {
  std::size_t at = end;
  while (at < original.size() && (original[at] == ' ' || original[at] == '\t')) ++at;
  if (at >= original.size()) return false;
  if (original[at] == ':' || original[at] == '=') return at + 1 < original.size() && original[at + 1] == ' ';
  return original[at] == '+' && at > end;
}

// "tele's x", "discord'um x": an ending that some languages hang on a name.
std::size_t suffix_at(std::string_view original, std::size_t from) {
  const std::string_view rest = original.substr(from, 12);
  const std::size_t mark = rest.starts_with('\'') ? 1 : rest.starts_with("\u2019") ? 3 : 0;
  if (mark == 0) return 0;
  std::size_t end = mark;
  while (end < rest.size() && (is_ascii_word(rest[end]) || static_cast<unsigned char>(rest[end]) >= 0x80)) ++end;
  return end - mark <= 4 && (end >= rest.size() || rest[end] == ' ' || rest[end] == ':') ? end : 0;
}

// Words in another alphabet between a name and "@x": whatever they say, they lead to it.
bool is_foreign(const CodePoint& point, char32_t code) {
  return code >= 0x80 && point.script != Script::latin && point.script != Script::none;
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

// "wickr. x": a full stop that a blank follows.
bool is_stop(std::string_view original, std::size_t at) {
  return original[at] == '.' && at + 1 < original.size() && (original[at + 1] == ' ' || original[at + 1] == '\n');
}

// Behind the hashtag of letters alone that begins at `at` and that something follows in its line; 0 where there is
// none.
std::size_t tag_end(std::string_view original, std::size_t at) {
  std::size_t end = at + 1;
  while (end < original.size() && std::isalpha(static_cast<unsigned char>(original[end]))) ++end;
  return end > at + 2 && end < original.size() && original[end] == ' ' ? end : 0;
}

bool is_ellipsis(std::string_view original, std::size_t at, std::size_t from) {
  if (original[at] != '.') return false;
  return (at + 1 < original.size() && original[at + 1] == '.') || (at > from && original[at - 1] == '.');
}

}  // namespace

namespace {

// Reads from a name to the right, character by character, until a handle may begin.
class RightGap {
 public:
  RightGap(const CodePoints& table, std::string_view original, std::size_t from, const WordSet& between)
      : table_(table), original_(original), from_(from), at_(from), between_(between) {
    at_ += suffix_at(original, from);
    if (from >= 2) last_word_ = to_lower(original.substr(from - 2, 2));  // "whatsapp me" is itself a name
  }

  Gap read() {
    while (at_ < original_.size() && at_ - from_ < kLongestGap) {
      const Step step = next();
      if (step == Step::ends) return gap_;
      if (step == Step::handle) break;
    }
    gap_.edge = at_;
    gap_.found = at_ < original_.size() && at_ - from_ < kLongestGap && (!foreign_ || gap_.at_sign);
    gap_.at_end = at_ >= original_.size();
    return gap_;
  }

 private:
  enum class Step { on, handle, ends };

  Step next() {
    std::size_t behind = at_;
    const char32_t code = next_code_point(original_, behind);
    const CodePoint point = table_[code];
    const bool invisible = point.folded.empty() && !point.itself;
    if (!invisible && (point.letter || point.digit || code == '_') && !is_blank(code)) return word(point, code, behind);
    if (code == '+' && behind < original_.size() && original_[behind] >= '0' && original_[behind] <= '9')
      return Step::handle;  // a phone number
    if (const std::size_t end = code == '#' ? tag_end(original_, at_) : 0; end > 0) {
      gap_.tagged = true;
      gap_.at_sign = false;
      at_ = end;
      return Step::on;
    }
    if (!sign(point, code, invisible)) return Step::ends;
    gap_.at_sign = code == '@';
    at_ = behind;
    return Step::on;
  }

  // False: nothing may follow behind this one.
  bool sign(const CodePoint& point, char32_t code, bool invisible) {
    if (code == '\n') return !std::exchange(gap_.new_line, true);
    if (code == '@' || invisible || point.mark) return true;
    if (is_blank(code)) return gap_.blank = true;
    if (code == 0x2026 || is_ellipsis(original_, at_, from_)) return gap_.dashed = true;  // "kik ... x"
    if (is_stop(original_, at_)) return !std::exchange(gap_.stopped, true);
    return (foreign_ && is_foreign(point, code)) || note_sign(code, point.symbol, gap_);
  }

  Step word(const CodePoint& point, char32_t code, std::size_t behind) {
    std::size_t end = at_;
    const std::string word = word_at(table_, original_, at_, end);
    const bool known = words_ < kMostWords &&
                       (is_between(original_, end, word, between_) || leads_on(original_, end, word, last_word_));
    const bool strange = !known && is_foreign(point, code);
    const bool loose = !known && !strange && !gap_.loose && words_ == 0 && leads_over(original_, end);
    if (!known && !strange && !loose) return Step::handle;
    words_ += known ? 1 : 0;
    gap_.said = gap_.said || known;
    gap_.loose = gap_.loose || loose;
    foreign_ = foreign_ || strange;
    gap_.at_sign = false;
    last_word_ = word;
    at_ = std::max(end, behind);
    return Step::on;
  }

  const CodePoints& table_;
  std::string_view original_;
  std::size_t from_, at_;
  const WordSet& between_;
  Gap gap_;
  int words_ = 0;
  bool foreign_ = false;  // a word in another alphabet stands in it
  std::string last_word_;
};

}  // namespace

Gap gap_after(const CodePoints& table, std::string_view original, std::size_t from, const WordSet& between) {
  return RightGap(table, original, from, between).read();
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

namespace {

bool decorates(char32_t code) { return (code >= 0x2600 && code <= 0x27BF) || (code >= 0x1F300 && code <= 0x1FAFF); }

// The length of the dash, arrow or picture beyond ASCII that ends at `at`, or 0.
std::size_t dash_before(std::string_view original, std::size_t at) {
  std::size_t begin = at;
  while (begin > 0 && at - begin < 4 && (static_cast<unsigned char>(original[begin - 1]) & 0xC0) == 0x80) --begin;
  if (begin == 0 || begin == at) return 0;
  std::size_t end = --begin;
  const char32_t code = next_code_point(original, end);
  return end == at && (dashes(code) || assigns(code) || decorates(code)) ? at - begin : 0;
}

}  // namespace

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
  constexpr std::string_view kOn[] = {
      "over on", "over at", "up on", "also on", "only on", "into", "on",  "at",  "via", "auf", "sur", "en",    "su",
      "op",      "na",      "in",    "per",     "em",      "no",   "nel", "bei", "por", "par", "|",   "using", "в"};
  for (const std::string_view word : kOn) {
    if (at < word.size() + 1 || !equals_ignoring_case(original.substr(at - word.size(), word.size()), word)) continue;
    const char before = original[at - word.size() - 1];
    if (before != ' ' && before != '\t' && before != '(' && before != ')') continue;
    gap.on = true;
    gap.on_plainly = word.ends_with("on") || word == "auf";
    at -= word.size();
    break;
  }
  if (!gap.on && at > 1 && original[at - 1] == '@' && (original[at - 2] == ' ' || is_ascii_word(original[at - 2]))) {
    gap.on = gap.on_plainly = true;
    --at;
  }
  back_over(gap.on ? " ,([{\"'*)]`" : " ([{\"'*)]`", nullptr);
  if (!gap.on) {
    back_over("-|/~= ", &Gap::dashed);
    while (const std::size_t length = dash_before(original, at)) {
      at -= length;
      gap.dashed = true;
      back_over(" ", nullptr);
    }
  }
  gap.edge = at;
  gap.blank = at < to;
  gap.found = at > 0 && at < to && original[at - 1] != '\n';
  return gap;
}

bool clause_ends(std::string_view original, std::size_t from) {
  constexpr std::string_view kWords[] = {"and", "or", "if",   "for", "und",  "oder",    "et",     "ou",     "y",
                                         "e",   "i",  "hmu",  "add", "pls",  "please",  "asap",   "lets",   "let's",
                                         "to",  "on", "then", "but", "only", "anytime", "always", "tonight"};
  std::size_t at = from;
  while (at < original.size() && (original[at] == ' ' || original[at] == '\t')) ++at;
  if (at >= original.size() || !is_ascii_word(original[at])) return true;
  std::size_t end = at;
  while (end < original.size() && (is_ascii_word(original[end]) || original[end] == '\'')) ++end;
  const std::string word = to_lower(original.substr(at, end - at));
  return std::find(std::begin(kWords), std::end(kWords), word) != std::end(kWords);
}

}  // namespace hw::classifier
