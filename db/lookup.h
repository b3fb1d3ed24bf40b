// Which of many handles the store knows: by their tokens, without any reader's key. Held handles are as unknown as any.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/error.h"
#include "db/person.h"
#include "db/store.h"

namespace hw::db {

struct HandleName {
  std::string messenger;
  std::string canonical;
};

struct LookupOrder {
  std::string case_name;
  std::string purpose;
};

// The audit log learns who asks, for which case and why, and how many names are asked for.
Result<std::int64_t> begin_lookup(Store& store, const Person& by, const LookupOrder& order);
// For each name its row, in order.
Result<std::vector<std::optional<std::int64_t>>> lookup(Store& store, std::span<const HandleName> names);
Status finish_lookup(Store& store, const Person& by, std::int64_t entry, std::size_t asked, std::size_t known);

}  // namespace hw::db
