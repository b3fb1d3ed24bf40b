#include "app/line_reader.h"

#include <utility>

namespace hw::app {

std::optional<Line> LineReader::next() {
  stream_.skip(std::exchange(owed_, 0));
  held_.clear();
  std::string_view piece = stream_.peek();
  if (piece.empty()) return std::nullopt;
  Line line;
  line.number = ++number_;
  std::size_t end = piece.find('\n');
  if (end != std::string_view::npos) {  // the common case: the line lies in one piece, and is not copied
    line.text = piece.substr(0, end);
    line.bytes = end;
    owed_ = end + 1;
    finish(line);
    return line;
  }
  for (; !piece.empty() && end == std::string_view::npos; piece = stream_.peek()) {
    end = piece.find('\n');
    keep(piece.substr(0, end), line);
    stream_.skip(end == std::string_view::npos ? piece.size() : end + 1);
    if (end != std::string_view::npos) break;
  }
  line.text = held_;
  finish(line);
  return line;
}

void LineReader::keep(std::string_view piece, Line& line) {
  line.bytes += piece.size();
  if (line.bytes <= longest_)
    held_ += piece;
  else
    std::string().swap(held_);
}

void LineReader::finish(Line& line) {
  line.too_long = line.bytes > longest_;
  if (line.too_long)
    line.text = {};
  else if (line.text.ends_with('\r'))
    line.text.remove_suffix(1);
}

}  // namespace hw::app
