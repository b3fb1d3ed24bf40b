#include "parsers/line_writer.h"

#include <algorithm>

#include "common/text.h"

namespace hw::parsers {
namespace {

constexpr std::string_view kNoBreakSpace = "\xC2\xA0";

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f'; }

}  // namespace

// Pays what is owed: line ends, or a space within the line.
void LineWriter::begin() {
  if (breaks_ > 0 && !text_.empty()) {
    while (!text_.empty() && text_.back() == ' ') text_.pop_back();
    text_.append(static_cast<std::size_t>(breaks_), '\n');
  } else if (space_ && !text_.empty() && text_.back() != '\n') {
    text_ += ' ';
  }
  breaks_ = 0;
  space_ = false;
}

void LineWriter::write(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (is_space(text[at])) {
      space_ = true;
      continue;
    }
    if (text[at] == '\0') continue;
    begin();
    if (text.substr(at, 2) == kNoBreakSpace) {
      text_ += ' ';
      ++at;
    } else {
      text_ += text[at];
    }
  }
}

void LineWriter::write_as_is(std::string_view text) {
  for (const char c : text) {
    if (c == '\n') {
      break_line();
    } else if (c == '\r' || c == '\0') {
      continue;
    } else {
      begin();
      text_ += c;
    }
  }
}

void LineWriter::mark(std::string_view mark) {
  begin();
  text_ += mark;
  marked_ = text_.size();
}

void LineWriter::break_line() {
  ++breaks_;
  space_ = false;
}

void LineWriter::end_block() {
  if (marked_ > 0 && text_.size() == marked_) return;
  breaks_ = std::max(breaks_, text_.empty() ? 0 : 1);
  space_ = false;
}

void LineWriter::end_paragraph() {
  if (marked_ > 0 && text_.size() == marked_) return;
  breaks_ = std::max(breaks_, text_.empty() ? 0 : 2);
  space_ = false;
}

void LineWriter::separate() { space_ = true; }

std::string LineWriter::since(std::size_t from) const {
  constexpr std::size_t kMost = 1000;
  std::string_view written = std::string_view(text_).substr(std::min(from, text_.size()));
  while (written.starts_with(' ') || written.starts_with('\n')) written.remove_prefix(1);
  std::size_t end = std::min(kMost, written.size());
  while (end < written.size() && end > 0 && (static_cast<unsigned char>(written[end]) & 0xC0) == 0x80) --end;
  std::string text(trim(written.substr(0, end)));
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

std::string LineWriter::finish() {
  std::string text(trim(text_));
  *this = {};
  return text;
}

}  // namespace hw::parsers
