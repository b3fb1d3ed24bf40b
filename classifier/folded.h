// A folded text and where each of its bytes came from.
//
// The map is a list of runs, so that plain text costs one run however long it is. Runs lie in order, without gaps in
// the folded text; spans come back as byte offsets of the original, always on whole code points.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/verdict.h"

namespace hw::classifier {

class Folded {
 public:
  const std::string& text() const { return text_; }
  void reserve(std::size_t bytes) { text_.reserve(bytes); }

  // `bytes` stand for the same number of bytes of the original from `from` on, one for one.
  void append_verbatim(std::string_view bytes, std::size_t from);
  // The same for ASCII, in lower case.
  void append_lower_case(std::string_view ascii, std::size_t from);
  // `bytes` stand for the original's [from, to), together.
  void append_replaced(std::string_view bytes, std::size_t from, std::size_t to);

  // The bytes of the original that folded to [from, to) of text().
  Span original(std::size_t from, std::size_t to) const;
  // Where the original's byte `original` went, searched in [from, to) of text(), which must hold one field.
  std::size_t position(std::size_t original, std::size_t from, std::size_t to) const;

 private:
  struct Run {
    std::uint32_t folded;  // begins here in text_, ends where the next begins
    std::uint32_t original;
    std::uint32_t replaced;  // length in the original; 0: as long as in text_, byte for byte
  };
  const Run& run_at(std::size_t position) const;

  std::string text_;
  std::vector<Run> runs_;
};

}  // namespace hw::classifier
