// Handles as people write them down, one a line: "messenger handle", or a handle alone, which may be of any messenger.
#pragma once

#include <string_view>
#include <vector>

#include "app/session.h"
#include "config/messengers.h"
#include "db/lookup.h"

namespace hw::app {

Result<config::Messengers> built_in_messengers();

// The names that a line may mean, in the canonical form of their messenger. Empty for a line that names none.
std::vector<db::HandleName> names_in(const config::Messengers& messengers, std::string_view line);

}  // namespace hw::app
