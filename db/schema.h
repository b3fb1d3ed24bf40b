// The store's tables, as numbered migrations. Never change one that was released: add another.
#pragma once

#include <span>
#include <string_view>

namespace hw::db {

std::span<const std::string_view> migrations();

}  // namespace hw::db
