// The shape of the house, read from the source tree: who may include whom, and what every file keeps to.
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "tests/house/source_tree.h"
#include "tests/support/support.h"

namespace {

using namespace hw;
using house::SourceFile;

// app → {crawler, parsers, classifier, db, web} → config → common
const std::map<std::string, std::set<std::string>> kMayInclude = {
    {"common", {"common"}},
    {"config", {"config", "common"}},
    {"crawler", {"crawler", "config", "common"}},
    {"parsers", {"parsers", "config", "common"}},
    {"classifier", {"classifier", "config", "common"}},
    {"db", {"db", "config", "common"}},
    {"web", {"web", "config", "common"}},
    {"app", {"app", "crawler", "parsers", "classifier", "db", "web", "config", "common"}},
};

std::vector<SourceFile> code() {
  std::vector<SourceFile> out;
  for (const auto& [folder, allowed] : kMayInclude)
    for (SourceFile& file : house::files_under(folder, {".h", ".cpp"})) out.push_back(std::move(file));
  return out;
}

bool is_header(const SourceFile& file) { return file.path.ends_with(".h"); }

bool is_standard(std::string_view header) {
  return header.find_first_not_of("abcdefghijklmnopqrstuvwxyz_0123456789") == std::string_view::npos;
}

}  // namespace

TEST_CASE("every folder includes only itself and the layers below, by the path from the root") {
  std::size_t seen = 0;
  for (const SourceFile& file : code())
    for (const house::Include& include : house::includes_of(file)) {
      if (!include.quoted) continue;
      ++seen;
      const std::string from = file.path.substr(0, file.path.find('/'));
      const std::string to = include.path.substr(0, include.path.find('/'));
      CHECK_MESSAGE(kMayInclude.at(from).contains(to), file.path << " includes " << include.path);
      const bool exists = house::exists(include.path) || house::exists(include.path + ".in");
      CHECK_MESSAGE(exists, file.path << " includes " << include.path << ", which is not a path from the root");
    }
  CHECK(seen > 20);
}

TEST_CASE("our headers show no third-party header but tl/expected.hpp") {
  // Wraps libcurl's callbacks for one .cpp beside it; their types are typedefs that cannot be declared in advance.
  constexpr std::string_view kWrapper = "crawler/curl_transfer.h";
  for (const SourceFile& file : code()) {
    if (!is_header(file) || file.path == kWrapper) continue;
    for (const house::Include& include : house::includes_of(file))
      CHECK_MESSAGE((include.quoted || is_standard(include.path) || include.path == "tl/expected.hpp"),
                    file.path << " includes <" << include.path << ">");
  }
}

TEST_CASE("a header opens with what it is and is read once") {
  for (const SourceFile& file : code()) {
    if (!is_header(file)) continue;
    CHECK_MESSAGE(file.text.starts_with("// "), file.path << " does not open with a comment");
    CHECK_MESSAGE(file.text.find("\n#pragma once\n") != std::string::npos, file.path << " has no #pragma once");
  }
}

TEST_CASE("no file is longer than 400 lines, no file of tests than 600") {
  std::vector<SourceFile> files = code();
  for (const char* place : {"tests", "cmake"})
    for (SourceFile& file : house::files_under(place, {".h", ".cpp", ".cmake", ".txt"}))
      files.push_back(std::move(file));
  for (const SourceFile& file : files) {
    if (file.path.starts_with("tests/fixtures/")) continue;
    const auto lines = std::count(file.text.begin(), file.text.end(), '\n');
    const auto most = file.path.starts_with("tests/") ? 600 : 400;
    CHECK_MESSAGE(lines <= most, file.path << " has " << lines << " lines");
  }
}

TEST_CASE("every folder's code is in the namespace of that name, and every folder has tests") {
  for (const auto& [folder, allowed] : kMayInclude) {
    const std::string space = folder == "common" ? "\nnamespace hw" : "\nnamespace hw::" + folder;
    for (const SourceFile& file : house::files_under(folder, {".h"})) {
      const bool inside =
          file.text.find(space + " {") != std::string::npos || file.text.find(space + "::") != std::string::npos;
      CHECK_MESSAGE(inside, file.path << " is not in" << space);
    }
    const bool tested = std::ranges::any_of(house::files_under("tests/" + folder, {".cpp"}),
                                            [](const SourceFile& file) { return file.path.ends_with("_test.cpp"); });
    CHECK_MESSAGE(tested, "tests/" << folder << " is empty");
  }
}

// STYLE: only app/ prints; DESIGN §3: patterns are RE2's.
TEST_CASE("the libraries neither print nor match with std::regex") {
  for (const SourceFile& file : code()) {
    if (file.path.starts_with("app/")) continue;
    for (const char* forbidden : {"std::cout", "std::cerr", "std::clog", "printf(", "fmt::print(", "puts(",
                                  "#include <regex>", "#include <iostream>"})
      CHECK_MESSAGE(file.text.find(forbidden) == std::string::npos, file.path << " has " << forbidden);
  }
}

TEST_CASE("dependencies come from the system: nothing is downloaded when the build is configured") {
  std::vector<SourceFile> files = house::files_under("", {"CMakeLists.txt", ".cmake"});
  CHECK(files.size() > 5);
  for (const SourceFile& file : files)
    for (const char* forbidden : {"FetchContent", "ExternalProject", "file(DOWNLOAD", "CPMAddPackage"})
      CHECK_MESSAGE(file.text.find(forbidden) == std::string::npos, file.path << " has " << forbidden);
}
