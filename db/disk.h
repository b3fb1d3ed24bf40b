// What has to be on the disk before it is relied on. Internal to db/.
#pragma once

#include <filesystem>

#include "common/error.h"

namespace hw::db {

// A file's name outlives a power cut once its folder is synced.
Status sync_folder(const std::filesystem::path& folder);

}  // namespace hw::db
