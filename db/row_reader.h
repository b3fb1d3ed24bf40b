// Handle rows and names within a unit of work, for lists and exports alike. Internal to db/.
#pragma once

#include <optional>

#include "db/handles.h"
#include "db/work.h"

namespace hw::db {

std::optional<HandleRow> read_handle(Work& work, std::int64_t handle);
// Ends the unit of work where it does not open.
std::optional<OpenedHandle> read_handle_name(Work& work, const Opener& opener, std::int64_t handle);

}  // namespace hw::db
