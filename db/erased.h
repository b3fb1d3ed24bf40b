// Erasing for good: records, keys and rows go, and a keyed token with the day stays for as long as a backup may, so
// that neither a restored backup (db/erasures.h) nor another machine's bundle brings back what was seen before that
// day. Internal to db/.
#pragma once

#include <cstdint>
#include <map>

#include "db/work.h"

namespace hw::db {

// A rejected one leaves its mark, in a restored backup too.
void erase_hit(Work& work, std::int64_t hit, std::int64_t day);
void erase_ban(Work& work, std::int64_t ban);

// By the token that the erasure has.
using ErasedDays = std::map<Token, std::int64_t>;

void remember_erased(Work& work, const Token& token, std::int64_t day);
// Whether it was erased on that day or later.
bool erased_since(Work& work, const Token& token, std::int64_t day);
void forget_erased(Work& work, std::int64_t before_day);

// The record of a held row goes, its hold stays.
void erase_held_row(Work& work, const Token& held_token);

// The readers' machine's erasures: remembers what is new, erases the hits here that were not seen since and closes the
// held rows that were closed there. What somebody confirmed or kept for review, or put on legal hold here, goes by this
// machine's own times. Gives how many went.
std::size_t erase_with(Work& work, const ErasedDays& theirs);

}  // namespace hw::db
