#include "classifier/likeness.h"

#include <array>
#include <cctype>
#include <string>

namespace hw::classifier {
namespace {

constexpr std::size_t kRun = 4;
constexpr std::size_t kShortest = 40;  // letters; below that, strangers write the same

// Letters and what is beyond ASCII; whatever lies between becomes one space.
std::string letters_of(std::string_view folded) {
  std::string letters;
  for (const char c : folded) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 || std::isalpha(byte) != 0)
      letters += c;
    else if (!letters.empty() && letters.back() != ' ')
      letters += ' ';
  }
  if (!letters.empty() && letters.back() == ' ') letters.pop_back();
  return letters;
}

// FNV-1a, then the finish of MurmurHash3, so that every bit depends on every byte.
std::uint64_t hash(std::string_view run) {
  std::uint64_t value = 0xcbf29ce484222325U;
  for (const char c : run) value = (value ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  value = (value ^ (value >> 33U)) * 0xff51afd7ed558ccdU;
  value = (value ^ (value >> 33U)) * 0xc4ceb9fe1a85ec53U;
  return value ^ (value >> 33U);
}

}  // namespace

std::optional<std::uint64_t> likeness(std::string_view folded) {
  const std::string letters = letters_of(folded);
  if (letters.size() < kShortest) return std::nullopt;
  std::array<int, 64> votes{};
  for (std::size_t at = 0; at + kRun <= letters.size(); ++at) {
    const std::uint64_t bits = hash(std::string_view(letters).substr(at, kRun));
    for (std::size_t bit = 0; bit < votes.size(); ++bit) votes[bit] += ((bits >> bit) & 1U) != 0 ? 1 : -1;
  }
  std::uint64_t likeness = 0;
  for (std::size_t bit = 0; bit < votes.size(); ++bit)
    if (votes[bit] > 0) likeness |= std::uint64_t{1} << bit;
  return likeness;
}

}  // namespace hw::classifier
