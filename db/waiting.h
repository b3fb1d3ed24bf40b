// What waits for a person, and for how long: for alarms. Nothing here counts or names what is held.
#pragma once

#include <optional>

#include "common/error.h"
#include "common/time.h"
#include "db/store.h"

namespace hw::db {

// How long the oldest hit without any verdict waits, in whole days; nothing where none waits.
Result<std::optional<Duration>> longest_unreviewed(Store& store);

// Whether something has waited for safeguarding, unread, for more than 24 hours.
Result<bool> safeguarding_waits(Store& store);

}  // namespace hw::db
