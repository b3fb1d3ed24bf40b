#include "db/marks.h"

#include <array>

namespace hw::db {
namespace {

constexpr std::array<std::string_view, 4> kMarks{"banned", "banned handle back", "several accounts",
                                                 "several platforms"};
constexpr std::array<std::string_view, 5> kStates{"new", "confirmed", "seed", "rejected", "disputed"};

}  // namespace

std::string_view to_string(Mark mark) { return kMarks[static_cast<std::size_t>(mark)]; }
std::string_view to_string(HitState state) { return kStates[static_cast<std::size_t>(state)]; }

std::optional<HitState> parse_hit_state(std::string_view text) {
  for (std::size_t i = 0; i < kStates.size(); ++i)
    if (kStates[i] == text) return static_cast<HitState>(i);
  return std::nullopt;
}

}  // namespace hw::db
