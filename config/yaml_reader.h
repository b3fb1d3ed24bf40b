// Reading YAML that a person edits, so that every mistake is told with file, line, column and the mend.
//
// A Reader is a view of one node. Values are asked for by key; a wrong one is noted and reading goes on, so that one
// run tells all mistakes. A key that nobody asked for is a mistake too: it is refused with the nearest known one. Not
// for hot paths; one thread. Files over 4 MiB, aliases (which can be bombs) and nesting over 64 are refused before they
// are read.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"
#include "common/time.h"

namespace YAML {
class Node;
}

namespace hw::config {

class Reader {
 public:
  Reader(const YAML::Node& node, std::string path, std::shared_ptr<struct ReaderContext> context);
  ~Reader();
  Reader(const Reader&);

  bool has(std::string_view key) const;
  // A child mapping, sequence or scalar; an absent one reads as empty.
  Reader at(std::string_view key);
  std::vector<Reader> items();                            // of a sequence; anything else is a mistake
  std::vector<std::pair<std::string, Reader>> entries();  // of a mapping whose keys are names, not ours
  std::string text(std::string_view key, std::string_view otherwise = "");
  std::string required_text(std::string_view key);
  std::vector<std::string> texts(std::string_view key);  // a scalar counts as a list of one
  std::int64_t integer(std::string_view key, std::int64_t otherwise, std::int64_t least, std::int64_t most);
  double number(std::string_view key, double otherwise, double least, double most);
  bool flag(std::string_view key, bool otherwise);
  Duration duration(std::string_view key, Duration otherwise);
  std::optional<std::string> scalar() const;  // this node itself

  // Notes a mistake at this node, or at the value of `key` in it. `message` says what is wrong and the mend.
  void wrong(std::string_view message);
  void wrong_at(std::string_view key, std::string_view message);
  // Call when all keys of this mapping have been asked for.
  void finish();

 private:
  std::unique_ptr<YAML::Node> node_;
  std::string path_;  // "sources[2].delay", for messages
  std::shared_ptr<struct ReaderContext> context_;
  std::vector<std::string> asked_;
};

// Parses `text` (the content of `file`) and hands its root to `read`. All mistakes come back as one configuration
// Error, one a line: "handlewatch.yaml:12:5: …".
Status read_yaml(std::string_view text, std::string_view file, const std::function<void(Reader&)>& read);

// The content of a file that an operator edits; at most 4 MiB.
Result<std::string> read_small_file(const std::string& path);

}  // namespace hw::config
