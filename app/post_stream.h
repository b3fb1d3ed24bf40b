// Posts as JSON Lines from a file or standard input, in bounded memory. A line that is not a post is an error with its
// number and, where it can be read, its id; the rest goes on.
#pragma once

#include <fstream>
#include <functional>
#include <istream>
#include <memory>
#include <string>

#include "common/error.h"
#include "common/post.h"

namespace hw::app {

struct BadLine {
  std::uint64_t number = 0;
  std::optional<std::string> id;
  std::string why;
};

// "-" or nothing is standard input.
class Input {
 public:
  static Result<Input> open(const std::string& path);
  std::istream& stream() { return *stream_; }
  const std::string& name() const { return name_; }  // for messages

 private:
  std::unique_ptr<std::ifstream> file_;
  std::istream* stream_ = nullptr;
  std::string name_;
};

// Calls one of the two for each line that is not blank. `platform` stands in where a post names none. Either may fail,
// which ends the reading. A stream that breaks in the middle is an io error.
Status read_posts(Input& input, const std::string& platform, const std::function<Status(Post)>& on_post,
                  const std::function<Status(const BadLine&)>& on_bad);

}  // namespace hw::app
