#include "app/line_reader.h"

#include <istream>

namespace hw::app {

std::optional<Line> LineReader::next() {
  constexpr int kEnd = std::istream::traits_type::eof();
  std::streambuf& buffer = *stream_.rdbuf();
  Line line;
  int byte = buffer.sbumpc();
  if (byte == kEnd) return std::nullopt;
  for (; byte != kEnd && byte != '\n'; byte = buffer.sbumpc()) {
    if (++line.bytes <= longest_) line.text += static_cast<char>(byte);
  }
  line.number = ++number_;
  line.too_long = line.bytes > longest_;
  if (line.too_long) {
    line.text.clear();
    line.text.shrink_to_fit();
  } else if (line.text.ends_with('\r')) {
    line.text.pop_back();
  }
  return line;
}

}  // namespace hw::app
