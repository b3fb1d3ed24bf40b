// Writing judged posts: the body of Store::record(). Internal to db/.
#pragma once

#include "db/store.h"
#include "db/work.h"

namespace hw::db {

void record_post(Work& work, const Judged& judged, Recorded& recorded);

// Adds a record to the safeguarding queue; where one with that token waits already, as a further version of it. `token`
// is TokenKey::hold of the post's or the ban's own. `version` tells versions apart, where the caller knows it.
void queue_held(Work& work, RecordKind kind, const Token& token, const std::optional<Token>& version,
                std::string_view payload);

}  // namespace hw::db
