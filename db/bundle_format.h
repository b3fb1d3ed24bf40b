// What whoever writes a bundle and whoever reads it agree on. Internal to db/.
#pragma once

#include <string>
#include <string_view>

namespace hw::db {

inline constexpr std::string_view kBundleMagic = "handlewatch bundle 1";

// What a host signs: `digest` is of every line before the last.
std::string signed_bundle(std::string_view digest);

}  // namespace hw::db
