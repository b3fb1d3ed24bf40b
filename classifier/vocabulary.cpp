#include "classifier/vocabulary.h"

namespace hw::classifier {
namespace {

constexpr std::size_t kShortest = 3;

bool is_word_byte(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

// Past a character class, an escape or a repetition count; `at` stands on its first byte.
std::size_t past_syntax(std::string_view pattern, std::size_t at) {
  const char open = pattern[at];
  if (open == '\\') {
    const bool property =
        at + 2 < pattern.size() && (pattern[at + 1] == 'p' || pattern[at + 1] == 'P') && pattern[at + 2] == '{';
    const std::size_t close = property ? pattern.find('}', at) : at + 1;
    return close == std::string_view::npos ? pattern.size() : close + 1;
  }
  const std::size_t close = pattern.find(open == '[' ? ']' : '}', at + 2);
  return close == std::string_view::npos ? pattern.size() : close + 1;
}

// "ings?" holds "ing" and "ings": a last letter with a repetition mark may be absent.
bool is_repetition(char c) { return c == '?' || c == '*' || c == '{'; }

}  // namespace

std::string squeeze(std::string_view word) {
  std::string out;
  for (const char c : word)
    if (out.empty() || out.back() != c) out += c;
  return out;
}

void Vocabulary::add(std::string_view word) {
  if (word.size() < kShortest) return;
  words_.emplace(word);
  std::string squeezed = squeeze(word);
  if (squeezed.size() >= kShortest) squeezed_.emplace(std::move(squeezed), word);
}

void Vocabulary::add_pattern(std::string_view pattern) {
  std::string word;
  const auto finish = [&] {
    add(word);
    word.clear();
  };
  for (std::size_t i = 0; i < pattern.size();) {
    const char c = pattern[i];
    if (is_word_byte(c)) {
      if (i + 1 < pattern.size() && is_repetition(pattern[i + 1])) add(word);
      word += c;
      ++i;
    } else if (c == '\\' || c == '[' || c == '{') {
      finish();
      i = past_syntax(pattern, i);
    } else if (c == '(' && pattern.substr(i, 3) == "(?:") {
      finish();
      i += 3;
    } else {
      if (c != '?') finish();
      ++i;
    }
  }
  finish();
}

bool Vocabulary::has(std::string_view word) const { return words_.find(word) != words_.end(); }

std::string_view Vocabulary::stretched_from(std::string_view squeezed) const {
  const auto found = squeezed_.find(squeezed);
  return found == squeezed_.end() ? std::string_view{} : std::string_view(found->second);
}

}  // namespace hw::classifier
