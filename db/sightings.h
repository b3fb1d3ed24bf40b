// What became of a hit's post at its source after it was found: seen edited, seen deleted. Days stand in the clear,
// like a hit's own; notes are added and never changed, and go with the hit.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "common/error.h"
#include "common/post.h"
#include "db/store.h"

namespace hw::db {

enum class Sighting { edited, deleted };
std::string_view to_string(Sighting what);

struct SightingRow {
  std::string day;
  Sighting what = Sighting::deleted;
};

// Notes those of the posts that are deleted and were hits; gives how many were. Platform and id are filled.
Result<std::size_t> note_deleted(Store& store, std::span<const Post> posts, Time seen_at);
// The same for every hit of accounts that are gone as a whole (deleted, suspended, deactivated), by the platform's ids.
Result<std::size_t> note_accounts_gone(Store& store, std::string_view platform, std::span<const std::string> author_ids,
                                       Time seen_at);
// Oldest first.
Result<std::vector<SightingRow>> sightings_of(Store& store, std::int64_t hit);
// Whether the post was seen deleted after the last verdict on the hit: then it is reviewed again before it leaves.
Result<bool> deleted_since_review(Store& store, std::int64_t hit);

}  // namespace hw::db
