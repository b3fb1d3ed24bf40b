// The project's own files as the tests of the house read them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hw::house {

struct SourceFile {
  std::string path;  // from the root, "parsers/parser.h"
  std::string text;
};

struct Include {
  std::string path;
  bool quoted = false;
};

// All files below `place` ("" is the root) whose names end with one of `endings`, sorted; build folders and hidden ones
// are passed over.
std::vector<SourceFile> files_under(std::string_view place, const std::vector<std::string_view>& endings);
std::vector<Include> includes_of(const SourceFile& file);
bool exists(std::string_view path);

}  // namespace hw::house
