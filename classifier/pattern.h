// A regular expression over folded text, compiled when it is first needed: most of a pack's patterns never are.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace re2 {
class RE2;
}

namespace hw::classifier {

// `text` is folded, so that case does not matter any more, and RE2 accepts it. Safe to use from any number of threads.
class Pattern {
 public:
  explicit Pattern(std::string text);
  ~Pattern();
  Pattern(const Pattern&) = delete;
  Pattern& operator=(const Pattern&) = delete;

  bool found_in(std::string_view text) const;
  // The first match in text that begins at `from` or later.
  bool next(std::string_view text, std::size_t from, std::size_t& begin, std::size_t& end) const;
  const std::string& text() const { return text_; }

 private:
  const re2::RE2& compiled() const;

  std::string text_;
  mutable std::once_flag once_;
  mutable std::unique_ptr<re2::RE2> compiled_;
};

using Patterns = std::vector<std::unique_ptr<Pattern>>;

bool any_found(const Patterns& patterns, std::string_view text);
bool all_found(const Patterns& patterns, std::string_view text);

}  // namespace hw::classifier
