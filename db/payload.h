// What is inside a sealed record, as bytes. Internal to db/.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"
#include "db/store.h"

namespace hw::db {

// Fields with their lengths in front. unpack() of anything else fails with tampered: what was sealed was well-formed.
std::string pack(std::initializer_list<std::string_view> fields);
Result<std::vector<std::string>> unpack(std::string_view bytes, std::size_t fields);
// The same for a record that grew: `least` fields at least, `most` at most; those that are not there come out empty.
Result<std::vector<std::string>> unpack(std::string_view bytes, std::size_t least, std::size_t most);

std::string pack_judged(const Judged& judged);
Result<Judged> unpack_judged(std::string_view bytes);

}  // namespace hw::db
