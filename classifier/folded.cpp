#include "classifier/folded.h"

#include <algorithm>

namespace hw::classifier {

void Folded::append_verbatim(std::string_view bytes, std::size_t from) {
  if (bytes.empty()) return;
  const auto here = static_cast<std::uint32_t>(text_.size());
  const auto original = static_cast<std::uint32_t>(from);
  const bool continues =
      !runs_.empty() && runs_.back().replaced == 0 && original - runs_.back().original == here - runs_.back().folded;
  if (!continues) runs_.push_back({here, original, 0});
  text_ += bytes;
}

void Folded::append_lower_case(std::string_view ascii, std::size_t from) {
  const std::size_t begin = text_.size();
  append_verbatim(ascii, from);
  // Without a branch, so that compilers make vector code of it.
  char* const out = text_.data() + begin;
  const std::size_t size = text_.size() - begin;
  for (std::size_t i = 0; i < size; ++i) {
    const auto c = static_cast<unsigned char>(out[i]);
    out[i] = static_cast<char>(c | (static_cast<unsigned char>(c - 'A') < 26 ? 0x20 : 0));
  }
}

void Folded::append_replaced(std::string_view bytes, std::size_t from, std::size_t to) {
  if (bytes.empty()) return;
  runs_.push_back({static_cast<std::uint32_t>(text_.size()), static_cast<std::uint32_t>(from),
                   static_cast<std::uint32_t>(to - from)});
  text_ += bytes;
}

const Folded::Run& Folded::run_at(std::size_t position) const {
  const auto after = std::upper_bound(runs_.begin(), runs_.end(), position,
                                      [](std::size_t value, const Run& run) { return value < run.folded; });
  return *std::prev(after);
}

Span Folded::original(std::size_t from, std::size_t to) const {
  if (runs_.empty() || from >= to) return {};
  const Run& first = run_at(from);
  const Run& last = run_at(to - 1);
  const std::size_t begin = first.replaced == 0 ? first.original + (from - first.folded) : first.original;
  const std::size_t end = last.replaced == 0 ? last.original + (to - last.folded) : last.original + last.replaced;
  return {begin, end};
}

std::size_t Folded::position(std::size_t original, std::size_t from, std::size_t to) const {
  if (runs_.empty() || from >= to) return from;
  const auto first = std::prev(std::upper_bound(runs_.begin(), runs_.end(), from,
                                                [](std::size_t value, const Run& run) { return value < run.folded; }));
  const auto last =
      std::lower_bound(first, runs_.end(), to, [](const Run& run, std::size_t value) { return run.folded < value; });
  // The first run that begins there or later; the one before it unless it begins exactly there.
  auto at =
      std::lower_bound(first, last, original, [](const Run& run, std::size_t value) { return run.original < value; });
  if (at == last || at->original != original) {
    if (at == first) return from;
    --at;
  }
  const auto next = std::next(at);
  const std::size_t end = next == last ? to : next->folded;
  return at->replaced == 0 ? std::min(at->folded + (original - at->original), end) : std::size_t{at->folded};
}

}  // namespace hw::classifier
