// Handles that are never raised: tip lines, journalists and the like. Kept as keyed tokens: the list does not say which
// they are, and a machine that meets one can tell. A hold outranks an exemption.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"
#include "db/person.h"
#include "db/store.h"

namespace hw::db {

struct ExemptRow {
  std::int64_t exempt = 0;
  std::string messenger;
  std::string reason;
  std::string day;
};

// From now on no post is raised for this handle; gives its row. One that is exempt already keeps its row and reason.
Result<std::int64_t> exempt_handle(Store& store, std::string_view messenger, std::string_view canonical,
                                   const Person& by, std::string_view reason);
// not_found where there is no such row.
Status end_exemption(Store& store, std::int64_t exempt, const Person& by);
Result<std::vector<ExemptRow>> list_exempt(Store& store);

}  // namespace hw::db
