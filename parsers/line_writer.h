// Text being laid out in lines: white space collapses within a line, blocks end lines, paragraphs leave one line empty.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hw::parsers {

class LineWriter {
 public:
  void write(std::string_view text);        // white space collapses
  void write_as_is(std::string_view text);  // as in <pre>
  void mark(std::string_view mark);         // at the start of a list item: a paragraph in it begins on the same line
  void break_line();                        // <br>: several make empty lines
  void end_block();                         // the next text begins a line
  void end_paragraph();                     // the next text begins a line after an empty one
  void separate();                          // the next text is apart from this one: table cells

  std::size_t size() const { return text_.size(); }
  // What was written since size() was `from`, on one line, cut at 1,000 bytes: a link's text is a label.
  std::string since(std::size_t from) const;
  // The text without spaces at line ends and empty lines around; the writer is empty afterwards.
  std::string finish();

 private:
  void begin();

  std::string text_;
  std::size_t marked_ = 0;  // where the last mark ended
  int breaks_ = 0;          // line ends owed before the next text
  bool space_ = false;      // a space owed before the next text on this line
};

}  // namespace hw::parsers
