// The words that matter (messengers' names, the words in patterns), so that disguised spellings can be led back to
// them.
//
// "tab00" and "taaaboo" are undone only to a word that stands here; other words keep their digits and doubled letters.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

namespace hw::classifier {

class Vocabulary {
 public:
  void add(std::string_view word);  // folded; words of fewer than three letters are left out
  // Every run of letters and digits that stands literally in a pattern: "no[ -]?limits" has "limits".
  void add_pattern(std::string_view pattern);

  bool has(std::string_view word) const;
  // The word that this one is when every run of one letter is squeezed to a single letter; "" when there is none.
  std::string_view stretched_from(std::string_view squeezed) const;

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  std::unordered_set<std::string, Hash, std::equal_to<>> words_;
  std::unordered_map<std::string, std::string, Hash, std::equal_to<>> squeezed_;
};

std::string squeeze(std::string_view word);

}  // namespace hw::classifier
