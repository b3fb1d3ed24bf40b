// Lines of a stream in bounded memory: a line longer than the limit is passed over and reported, never held.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>

namespace hw::app {

struct Line {
  std::uint64_t number = 0;  // from 1
  std::string text;          // without its line feed; a carriage return before it is dropped too
  bool too_long = false;     // then text is empty
  std::uint64_t bytes = 0;   // its length in the stream
};

class LineReader {
 public:
  static constexpr std::uint64_t kLongest = 8U << 20;  // no post is longer

  explicit LineReader(std::istream& stream, std::uint64_t longest = kLongest) : stream_(stream), longest_(longest) {}
  // Nothing at the end of the stream. A last line without a line feed counts.
  std::optional<Line> next();

 private:
  std::istream& stream_;
  std::uint64_t longest_;
  std::uint64_t number_ = 0;
};

}  // namespace hw::app
