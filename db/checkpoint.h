// Checkpoints as signed notes (C2SP tlog-checkpoint), for a witness outside: what the log was at a time, in a form that
// other tools verify.
//
//   handlewatch/5f…c1          the origin: this store
//   42                         entries
//   Zm9v…=                     the root of the tree over them, base64
//
//   — handlewatch/5f…c1 vQ…=   the host's signature (Ed25519)
//
// Whoever keeps one can later show that what lies before it was changed.
#pragma once

#include <string>
#include <string_view>

#include "common/error.h"
#include "db/audit.h"
#include "db/store.h"

namespace hw::db {

struct CheckpointNote {
  std::string text;          // the whole note
  Checkpoint checkpoint;     // what it says
  std::string verifier_key;  // "origin+hash+key", as other tools take it
};
Result<CheckpointNote> checkpoint_note(Store& store);

// "size:root" or a signed note. malformed: neither. tampered: a note of another store, or one that none of the hosts
// signed which are or were enrolled here.
Result<Checkpoint> read_checkpoint(Store& store, std::string_view text);

// The parts, for tests against other people's notes: the signed text and the key's hash (4 bytes) of a name.
std::string note_text(std::string_view origin, std::uint64_t size, std::string_view root);
std::string note_key_hash(std::string_view name, std::string_view sign_key);

}  // namespace hw::db
