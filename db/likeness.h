// Which recorded texts say nearly the same as a new one. Internal to db/.
//
// A SimHash of 64 bits is cut into four bands of 16; what shares no band is never compared. So a difference of up to
// three bits is always found, one of six in six pairs of ten, and a cluster by its other members. Per band only the
// newest few candidates are looked at: the cost of a hit does not grow with the store.
#pragma once

#include <cstdint>

#include "db/work.h"

namespace hw::db {

constexpr int kLikenessBands = 4;
constexpr int kMostBitsApart = 6;

// Files the hit's text and writes the pairs it makes with earlier ones.
void write_likeness(Work& work, std::int64_t hit, std::uint64_t bits);
void forget_likeness(Work& work, std::int64_t hit);

}  // namespace hw::db
