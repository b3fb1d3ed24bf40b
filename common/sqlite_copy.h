// A copy of a SQLite file while others go on writing it.
#pragma once

#include <filesystem>

#include "common/error.h"

namespace hw {

// As `from` stood at one moment, committed content alone, into a new file (0600), on the disk when it returns. refused:
// there is a file already. What was begun is removed on failure.
Status copy_database(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace hw
