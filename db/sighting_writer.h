// Noting what became of a hit's post from within a unit of work. Internal to db/.
#pragma once

#include <cstdint>

#include "db/sightings.h"
#include "db/work.h"

namespace hw::db {

void note_sighting(Work& work, std::int64_t hit, Sighting what, Time seen_at);

}  // namespace hw::db
