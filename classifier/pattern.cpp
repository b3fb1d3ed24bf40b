#include "classifier/pattern.h"

#include <algorithm>

#include <re2/re2.h>

namespace hw::classifier {
namespace {

constexpr std::int64_t kMemory = 32 << 20;  // for the states of the largest patterns; past that RE2 is right, but slow

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

Pattern::Pattern(std::string text) : text_(std::move(text)) {}
Pattern::~Pattern() = default;

const re2::RE2& Pattern::compiled() const {
  std::call_once(once_, [this] {
    RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(kMemory);
    compiled_ = std::make_unique<RE2>(text_, options);
  });
  return *compiled_;
}

bool Pattern::found_in(std::string_view text) const { return RE2::PartialMatch(piece(text), compiled()); }

bool Pattern::next(std::string_view text, std::size_t from, std::size_t& begin, std::size_t& end) const {
  re2::StringPiece match;
  if (!compiled().Match(piece(text), from, text.size(), RE2::UNANCHORED, &match, 1) || match.empty()) return false;
  begin = static_cast<std::size_t>(match.data() - text.data());
  end = begin + match.size();
  return true;
}

bool any_found(const Patterns& patterns, std::string_view text) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const auto& pattern) { return pattern->found_in(text); });
}

bool all_found(const Patterns& patterns, std::string_view text) {
  return std::all_of(patterns.begin(), patterns.end(), [&](const auto& pattern) { return pattern->found_in(text); });
}

}  // namespace hw::classifier
