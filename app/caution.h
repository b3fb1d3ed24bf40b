// What every export says of itself.
#pragma once

#include <string_view>

namespace hw::app {

inline constexpr std::string_view kCaution =
    "A lead, not a finding: who posted a handle may not be its owner, and names are reassigned.";
// Traffic Light Protocol 2.0: within the recipient's organisation only.
inline constexpr std::string_view kMarking = "TLP:AMBER+STRICT";

}  // namespace hw::app
