// The terminal, where there is one: widths, colours, prompts and a status line.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>

#include "common/error.h"

namespace hw::app {

// Only std::cout and std::cerr can be terminals.
bool is_terminal(const std::ostream& stream);
bool input_is_terminal();

enum class Style { plain, bold, dim, red, yellow, green };
// The escape sequence, or nothing: off a terminal, with NO_COLOR set, or on TERM=dumb.
std::string_view style(const std::ostream& stream, Style style);

// Columns that the UTF-8 text takes; wide characters count two, combining ones none.
std::size_t display_width(std::string_view utf8);
// At most `width` columns, the last one "…" where something was cut.
std::string shortened(std::string_view utf8, std::size_t width);

// Asks on the terminal itself without echo. Fails with no_key where there is no terminal.
Result<std::string> ask_secret(std::string_view prompt);
// Asks a line with echo on the terminal itself.
Result<std::string> ask_line(std::string_view prompt);

// One line that is written over, on a terminal; nothing elsewhere.
class StatusLine {
 public:
  explicit StatusLine(std::ostream& stream);
  ~StatusLine();
  StatusLine(const StatusLine&) = delete;
  StatusLine& operator=(const StatusLine&) = delete;
  void show(std::string_view text);
  void clear();

 private:
  std::ostream& stream_;
  bool terminal_;
  bool shown_ = false;
};

}  // namespace hw::app
