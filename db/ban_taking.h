// A ban that safeguarding held and gives back. Internal to db/.
#pragma once

#include "db/ban_reader.h"
#include "db/holds.h"
#include "db/work.h"

namespace hw::db {

// As if it were imported now; its row in the queue is gone already.
void take_released_ban(Work& work, const Ban& ban);
// What a hold looks at in a ban.
HoldSubject subject_of(const TokenKey& tokens, const Ban& ban);

}  // namespace hw::db
