// Lines of a stream in bounded memory: a line longer than the limit is passed over and reported, never held.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/byte_stream.h"

namespace hw::app {

struct Line {
  std::uint64_t number = 0;  // from 1
  std::string_view text;     // without its line feed; a carriage return before it is dropped too
  bool too_long = false;     // then text is empty
  std::uint64_t bytes = 0;   // its length in the stream
};

class LineReader {
 public:
  static constexpr std::uint64_t kLongest = 8U << 20;  // no post is longer

  explicit LineReader(ByteStream& stream, std::uint64_t longest = kLongest) : stream_(stream), longest_(longest) {}
  // Nothing at the end of the stream. A last line without a line feed counts. Its text is valid until the next call.
  std::optional<Line> next();

 private:
  void keep(std::string_view piece, Line& line);
  void finish(Line& line);

  ByteStream& stream_;
  std::uint64_t longest_;
  std::uint64_t number_ = 0;
  std::size_t owed_ = 0;  // bytes of the stream that the last line still stands in
  std::string held_;      // a line that came in several pieces
};

}  // namespace hw::app
