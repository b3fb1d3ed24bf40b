#include "tests/support/support.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include <doctest/doctest.h>

namespace hw::test {

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "handlewatch-test.XXXXXX").string();
  REQUIRE(::mkdtemp(pattern.data()) != nullptr);
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;  // a test may have taken its permissions away; the temporary folder is cleaned by the system
  std::filesystem::remove_all(path_, ignored);
}

std::string read_file(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  REQUIRE_MESSAGE(stream.good(), file.string());
  std::ostringstream content;
  content << stream.rdbuf();
  return content.str();
}

void write_file(const std::filesystem::path& file, std::string_view content) {
  std::ofstream stream(file, std::ios::binary);
  stream << content;
  REQUIRE_MESSAGE(stream.good(), file.string());
}

std::filesystem::path source_folder() { return HANDLEWATCH_SOURCE_DIR; }

std::filesystem::path fixture(std::string_view relative) { return source_folder() / "tests" / "fixtures" / relative; }

std::optional<std::filesystem::path> recorded(std::string_view relative) {
  const std::filesystem::path path = source_folder() / ".." / "shared" / relative;
  if (std::filesystem::exists(path)) return path.lexically_normal();
  MESSAGE("skipped: ../shared/" << std::string(relative) << " is not here");
  return std::nullopt;
}

}  // namespace hw::test
