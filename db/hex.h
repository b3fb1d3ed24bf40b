// Hex digits back into bytes. Internal to db/.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hw::db {

// Nothing where the text is anything but an even number of hex digits.
std::optional<std::string> from_hex(std::string_view hex);

}  // namespace hw::db
