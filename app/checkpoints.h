// Checkpoints of the audit log kept as files, each handed to a command that takes it to a witness.
#pragma once

#include <filesystem>
#include <string>

#include "common/error.h"
#include "db/store.h"

namespace hw::app {

// Writes the checkpoint of now to checkpoints/ in the data folder (0600), named after its size, and runs `command` by
// the shell with the file's path in $HANDLEWATCH_CHECKPOINT and nothing on standard output; empty: runs nothing. Where
// the log has not grown since, only gives the file. io: the command failed; the file stays.
Result<std::filesystem::path> keep_checkpoint(db::Store& store, const std::string& command);

}  // namespace hw::app
