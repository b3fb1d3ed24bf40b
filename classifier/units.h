// Characters on their way from a text to its folded view, each with the bytes that it came from.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "classifier/code_points.h"
#include "classifier/vocabulary.h"

namespace hw::classifier {

struct Unit {
  char32_t code = 0;
  std::uint32_t from = 0;
  std::uint32_t to = 0;
  char lookalike = 0;
  Script script = Script::none;
  bool letter = false;
  bool digit = false;

  bool in_word() const { return letter || digit; }
};

using Units = std::vector<Unit>;

// The characters of original[from, to), folded one by one; runs of combining marks count up to 30.
Units decode(const CodePoints& table, std::string_view original, std::size_t from, std::size_t to);

// "w.i.c.k.r", "w i c k r": three or more single letters with the same few separators between them become one word.
void join_spelled_out(Units& units);

// Word by word: letters that only look Latin, leet and stretched letters.
void undo_disguises(Units& units, const Vocabulary& vocabulary);

// One code point from UTF-8; `at` moves behind it. An ill-formed byte is U+FFFD.
char32_t next_code_point(std::string_view text, std::size_t& at);
void append_utf8(std::string& out, char32_t code);

}  // namespace hw::classifier
