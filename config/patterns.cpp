#include "config/patterns.h"

#include <map>
#include <string_view>

#include <fmt/format.h>
#include <re2/re2.h>
#include <re2/set.h>

namespace hw::config {
namespace {

constexpr std::size_t kLongestPattern = 1 << 16;
constexpr std::int64_t kMemory = 64 << 20;

RE2::Options options() {
  RE2::Options out;
  out.set_log_errors(false);
  out.set_max_mem(kMemory);
  return out;
}

}  // namespace

struct PatternReader::Impl {
  std::map<std::string, std::string, std::less<>> fragments;
  RE2::Set set{options(), RE2::UNANCHORED};
  std::vector<Reader> nodes;  // where the set's patterns stand
  std::vector<std::string> patterns;

  std::string expand(Reader& node, std::string_view pattern) const;
};

PatternReader::PatternReader() : impl_(std::make_unique<Impl>()) {}
PatternReader::~PatternReader() = default;

// Puts the fragments in from left to right. A fragment was itself expanded when it was read, so one pass is enough.
std::string PatternReader::Impl::expand(Reader& node, std::string_view pattern) const {
  std::string out;
  for (std::size_t open = pattern.find("{{"); open != std::string_view::npos; open = pattern.find("{{")) {
    const std::size_t close = pattern.find("}}", open);
    if (close == std::string_view::npos) {
      node.wrong("a fragment is opened with {{ and not closed, write }} after its name");
      return "";
    }
    const std::string_view name = pattern.substr(open + 2, close - open - 2);
    const auto found = fragments.find(name);
    if (found == fragments.end()) {
      node.wrong(fmt::format("no fragment \"{}\" stands above this line, add it under fragments", name));
      return "";
    }
    out.append(pattern.substr(0, open)).append("(?:").append(found->second).append(")");
    pattern.remove_prefix(close + 2);
    if (out.size() > kLongestPattern) break;
  }
  return out.append(pattern);
}

void PatternReader::read_fragments(Reader node) {
  for (auto& [name, value] : node.entries()) {
    const auto written = value.scalar();
    if (!written || written->empty())
      value.wrong("must be a part of a pattern in single quotes");
    else
      impl_->fragments[name] = impl_->expand(value, *written);
  }
}

std::string PatternReader::read(Reader& node) {
  const auto written = node.scalar();
  if (!written || written->empty()) {
    node.wrong("must be a pattern in single quotes");
    return "";
  }
  std::string pattern = impl_->expand(node, *written);
  if (pattern.empty()) return "";
  if (pattern.size() > kLongestPattern) {
    node.wrong("the pattern is longer than 64 KiB, split it");
    return "";
  }
  std::string error;
  if (impl_->set.Add(pattern, &error) < 0) {
    node.wrong(fmt::format(
        "RE2 refuses this pattern: {}; look-ahead, look-behind and back references do not exist in it", error));
    return "";
  }
  impl_->nodes.push_back(node);
  impl_->patterns.push_back(pattern);
  return pattern;
}

std::vector<std::string> PatternReader::read_list(Reader list) {
  std::vector<std::string> out;
  const auto keep = [&](Reader& node) {
    if (std::string pattern = read(node); !pattern.empty()) out.push_back(std::move(pattern));
  };
  if (list.scalar()) {
    keep(list);
    return out;
  }
  for (Reader& item : list.items()) keep(item);
  return out;
}

void PatternReader::finish() {
  if (impl_->nodes.empty()) return;
  if (!impl_->set.Compile()) {
    for (std::size_t i = 0; i < impl_->nodes.size(); ++i)
      if (!RE2(impl_->patterns[i], options()).ok())
        impl_->nodes[i].wrong("RE2 refuses this pattern: it is too large when compiled, split it");
    return;
  }
  std::vector<int> empty;
  impl_->set.Match("", &empty);
  for (const int i : empty)
    impl_->nodes[static_cast<std::size_t>(i)].wrong(
        "this pattern matches the empty text and so would match everywhere, make a part of it required");
}

}  // namespace hw::config
