// What folding makes of each code point, in one table that is built from ICU when the program starts.
//
// ICU's own calls cost more than a microsecond per word; a table look-up a few nanoseconds. Immutable after build(), so
// any number of threads may read it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

struct USpoofChecker;

namespace hw::classifier {

enum class Script : std::uint8_t {
  none,  // digits, punctuation, symbols, marks: at home in every script
  latin,
  lookalike,  // an alphabet with letters that look Latin: Cyrillic, Greek, Armenian, Cherokee …
  unspaced,   // written without blanks between words: Han, Kana, Thai …
  other,
};

struct CodePoint {
  // Lower case, without compatibility forms (fullwidth, mathematical, enclosed, small capitals, emoji letters) and, for
  // Latin, without accents. Empty for what is dropped (default-ignorable) and for marks.
  std::u32string_view folded;
  bool itself = false;  // folds to itself and `folded` is empty: an ideograph, a rare script
  char lookalike = 0;   // the small Latin letter it is mistaken for, or 0
  Script script = Script::none;
  bool mark = false;  // combines with what stands before it
  bool letter = false;
  bool digit = false;
  bool symbol = false;  // emoji, arrows and the like
};

class CodePoints {
 public:
  static CodePoints build();
  // `code` may be any number; what is no code point folds to itself.
  CodePoint operator[](char32_t code) const;
  // NFKC casefold of a base and the marks on it, as ICU composes them.
  static std::u32string compose(std::u32string_view sequence);

 private:
  struct Entry {
    std::uint32_t at = 0;  // in pool_
    std::uint8_t length = 0;
    char lookalike = 0;
    Script script = Script::none;
    std::uint8_t properties = 0;
  };
  void add_block(const USpoofChecker* checker, char32_t first);
  Entry make(const USpoofChecker* checker, char32_t code);

  std::vector<std::uint16_t> blocks_;  // code >> 7 → block in entries_; 0: not in the table
  std::vector<Entry> entries_;
  std::u32string pool_;
};

}  // namespace hw::classifier
