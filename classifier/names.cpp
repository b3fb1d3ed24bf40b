#include "classifier/names.h"

#include <algorithm>
#include <array>

#include "common/text.h"

namespace hw::classifier {
namespace {

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_wide(char c) { return static_cast<unsigned char>(c) >= 0x80; }

// "Perv", "Jonas", "Jõgi": a capital, then small letters.
bool is_capitalised(std::string_view word) {
  return word.size() >= 3 && (is_upper(word[0]) || is_wide(word[0])) &&
         std::all_of(word.begin() + 1, word.end(), [](char c) { return is_lower(c) || is_wide(c); });
}

// The word that ends at `to`, which it moves to where the word begins.
std::string_view word_before(std::string_view text, std::size_t& to) {
  const std::size_t end = to;
  while (to > 0 && (is_upper(text[to - 1]) || is_lower(text[to - 1]) || is_wide(text[to - 1]))) --to;
  return text.substr(to, end - to);
}

std::string_view word_after(std::string_view text, std::size_t from) {
  std::size_t end = from;
  while (end < text.size() && (is_upper(text[end]) || is_lower(text[end]))) ++end;
  return text.substr(from, end - from);
}

// Who is named after these is somebody.
bool introduces(std::string_view word) {
  constexpr std::array<std::string_view, 32> kWords{
      "by",  "with", "ask", "from", "contact", "call", "to", "of",    "thanks", "author", "and",
      "von", "mit",  "bei", "und",  "por",     "con",  "de", "par",   "avec",   "chez",   "et",
      "e",   "di",   "da",  "van",  "met",     "en",   "od", "przez", "yours",  "y"};
  const std::string lower = to_lower(word);
  return std::find(kWords.begin(), kWords.end(), lower) != kWords.end();
}

// "teaches", "has", "is": what somebody does, said of them.
bool is_said_of(std::string_view word) {
  constexpr std::array<std::string_view, 7> kOthers{"who", "will", "ist", "est", "es", "jest", "plays"};
  if (std::find(kOthers.begin(), kOthers.end(), word) != kOthers.end()) return true;
  return word.size() >= 2 && word.back() == 's' && word != "loves" && word != "likes" && word != "wants" &&
         word != "looks" && word != "pls" && word != "chats" && word != "friends" && word != "pervs" &&
         std::all_of(word.begin(), word.end(), is_lower);
}

}  // namespace

bool reads_as_name(const FoldedPost& post, const Firing& sign) {
  const std::string_view text = post.field_at(sign.from).original;
  const Span span = post.original(sign.from, sign.to);
  if (span.to > text.size() || !is_capitalised(text.substr(span.from, span.to - span.from))) return false;
  if (span.from < 4 || text[span.from - 1] != ' ') return false;
  std::size_t at = span.from - 1;
  if (!is_capitalised(word_before(text, at))) return false;
  const bool line_begins = at == 0 || text[at - 1] == '\n';
  const bool line_ends = span.to >= text.size() || text[span.to] == '\n';
  if (line_begins && line_ends && at > 0) return true;  // a signature
  if (span.to < text.size() && text[span.to] == ' ' && is_said_of(word_after(text, span.to + 1))) return true;
  if (at == 0 || text[at - 1] != ' ') return false;
  --at;
  return introduces(word_before(text, at));
}

}  // namespace hw::classifier
