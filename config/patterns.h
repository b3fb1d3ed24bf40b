// Regular expressions that stand in files which people edit.
//
// A reader is for one file. Each pattern's syntax is judged where it stands; what only shows when it is compiled (that
// it is too large, that it matches the empty text) is judged for all of them at once by finish().
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/yaml_reader.h"

namespace hw::config {

class PatternReader {
 public:
  PatternReader();
  ~PatternReader();

  // Named parts of patterns: `{{name}}` stands for (?:…) of the part, in later parts and in patterns.
  void read_fragments(Reader node);
  // The pattern with its fragments put in; empty where it is wrong, which is noted at `node`.
  std::string read(Reader& node);
  std::vector<std::string> read_list(Reader list);  // a single pattern counts as a list of one
  void finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hw::config
