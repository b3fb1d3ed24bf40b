// What people said, counted: handles, hits and adverts carry the counts of their reviews, by which lists and exports
// go. Internal to db/.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "db/work.h"

namespace hw::db {

// Counts the standing reviews of a handle anew, over all its hits, and of a hit, over all its handles.
void recount_handle(Work& work, std::int64_t handle);
void recount_hit(Work& work, std::int64_t hit);

// Rows whose counts are not those of the reviews: "handle 3", "hit 7"; at most a few.
std::vector<std::string> wrong_counts(Work& work);

}  // namespace hw::db
