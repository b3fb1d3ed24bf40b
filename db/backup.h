// Backups of a live store, and restoring one without bringing back what was erased or held since.
//
// A backup is the sealed store alone: no key is in it, nor the erasure journal, which must be newer than it. Both ways
// it is verified: SQLite's integrity check, references, the audit log. Both are entries there, signed by the host:
// whoever backs up needs no person's key.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "common/error.h"
#include "common/time.h"
#include "db/audit.h"
#include "db/store.h"

namespace hw::db {

// What is wrong with a store's file, one a line; empty: nothing.
Result<std::vector<std::string>> problems_of(Store& store);

struct Backup {
  Checkpoint checkpoint;  // of the audit log in it
  std::uintmax_t bytes = 0;
};
// While others go on writing. Fails with refused where `file` is there already, with tampered where the copy does not
// verify.
Result<Backup> back_up(Store& store, const std::filesystem::path& file);

struct Restored {
  Checkpoint checkpoint;      // of the audit log that was restored, before the entry of the restoring itself
  std::int64_t replayed = 0;  // hits and bans that were erased or held since, and are again
};
// Puts a backup in the place of the folder's store, whose keys and erasure journal must be there. Nobody else may have
// the store open. Fails and changes nothing where the backup does not verify, belongs to other keys, is from a newer
// version, or is older than the journal reaches back.
Result<Restored> restore(const std::filesystem::path& folder, const std::filesystem::path& file, const Clock& clock);

}  // namespace hw::db
