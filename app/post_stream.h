// Posts as JSON Lines from a file or standard input, plain or gzip, in bounded memory. A line that is not a post is an
// error with its number and, where it can be read, its id; the rest goes on.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/byte_stream.h"
#include "common/error.h"
#include "common/post.h"

namespace hw::app {

struct BadLine {
  std::uint64_t number = 0;
  std::optional<std::string> id;
  std::string why;
};

// "-" or nothing is standard input. What begins as gzip does is unpacked.
class Input {
 public:
  static Result<Input> open(const std::string& path);
  ByteStream& bytes() { return *bytes_; }
  const std::string& name() const { return name_; }  // for messages
  std::uint64_t size() const { return size_; }       // of the file on the disk; 0 where it cannot be told
  // Reads on through what `wrap` makes of the stream.
  void wrap(const std::function<std::unique_ptr<ByteStream>(std::unique_ptr<ByteStream>)>& wrap) {
    bytes_ = wrap(std::move(bytes_));
  }
  // The first bytes, as far as there are that many; they are still read.
  std::string_view first(std::size_t count);
  // The whole of it. Fails when it is larger than `most` bytes, or breaks off.
  Result<std::string> read_all(std::size_t most);
  // Why it ended before its end, as an io error; nothing when it did not.
  Status ended_well() const;

 private:
  std::unique_ptr<ByteStream> bytes_;
  std::string name_;
  std::uint64_t size_ = 0;
};

// Calls one of the two for each line that is not blank. `platform` stands in where a post names none. Either may fail,
// which ends the reading. A stream that breaks in the middle is an io error.
Status read_posts(Input& input, const std::string& platform, const std::function<Status(Post)>& on_post,
                  const std::function<Status(const BadLine&)>& on_bad);

}  // namespace hw::app
