#include "tests/house/source_tree.h"

#include <algorithm>
#include <filesystem>

#include "common/text.h"
#include "tests/support/support.h"

namespace hw::house {
namespace {

namespace fs = std::filesystem;

bool passed_over(const fs::path& folder) {
  const std::string name = folder.filename().string();
  return name.starts_with(".") || name == "build" || name == "__pycache__";
}

bool ends_with_any(std::string_view name, const std::vector<std::string_view>& endings) {
  return std::any_of(endings.begin(), endings.end(), [&](std::string_view ending) { return name.ends_with(ending); });
}

}  // namespace

std::vector<SourceFile> files_under(std::string_view place, const std::vector<std::string_view>& endings) {
  const fs::path root = test::source_folder();
  std::vector<SourceFile> out;
  if (!fs::exists(root / place)) return out;
  for (auto at = fs::recursive_directory_iterator(root / place); at != fs::recursive_directory_iterator(); ++at) {
    if (at->is_directory() && passed_over(at->path())) at.disable_recursion_pending();
    if (!at->is_regular_file() || !ends_with_any(at->path().filename().string(), endings)) continue;
    out.push_back({fs::relative(at->path(), root).string(), test::read_file(at->path())});
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  return out;
}

std::vector<Include> includes_of(const SourceFile& file) {
  std::vector<Include> out;
  for (std::string_view line : split(file.text, '\n')) {
    line = trim(line);
    if (!line.starts_with("#")) continue;
    line = trim(line.substr(1));
    if (!line.starts_with("include")) continue;
    line = trim(line.substr(7));
    const bool quoted = line.starts_with("\"");
    const auto end = line.find(quoted ? '"' : '>', 1);
    if (end != std::string_view::npos) out.push_back({std::string(line.substr(1, end - 1)), quoted});
  }
  return out;
}

bool exists(std::string_view path) { return fs::exists(test::source_folder() / path); }

}  // namespace hw::house
