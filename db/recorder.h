// Writing judged posts: the body of Store::record(). Internal to db/.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "db/store.h"
#include "db/work.h"

namespace hw::db {

void record_post(Work& work, const Judged& judged, Recorded& recorded);
// A post that two people released: recorded for review whatever its flags say.
void record_released(Work& work, const Judged& judged);
// Which version of a post a verdict on it is about.
Token version_of(const TokenKey& tokens, const Judged& judged);

// Adds a record to the safeguarding queue; where one with that token waits already, as a further version of it. `token`
// is TokenKey::hold of the post's or the ban's own. `version` tells versions apart, where the caller knows it. It waits
// from now on, or since when the caller says (concealed).
void queue_held(Work& work, RecordKind kind, const Token& token, const std::optional<Token>& version,
                std::string_view payload, const std::optional<std::string>& since = {});

}  // namespace hw::db
