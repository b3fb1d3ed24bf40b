#include "app/trouble_book.h"

#include <algorithm>

#include <fmt/format.h>

namespace hw::app {

void TroubleBook::begins(std::string_view what, Time now, const std::string& words, std::string_view kind) {
  const std::string told(kind.empty() ? std::string_view(words) : kind);
  const auto [known, fresh] = open_.try_emplace(std::string(what), Trouble{now, told});
  if (!fresh && known->second.kind == told) return;
  known->second.kind = told;
  say_(Tone::warning, words);
}

bool TroubleBook::ends(std::string_view what, Time now, std::string_view words) {
  const auto known = open_.find(what);
  if (known == open_.end()) return false;
  const Duration lasted = std::max(now - known->second.since, Duration{0});
  open_.erase(known);
  say_(Tone::info, fmt::format("{}, after {}", words, to_words(lasted)));
  return true;
}

}  // namespace hw::app
