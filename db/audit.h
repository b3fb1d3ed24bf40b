// The account of who did what with the store: append-only, and tamper-evident by a hash tree (RFC 6962).
//
// An entry names people, cases, purposes and row numbers, never a handle, an account, an address or a text. A leaf is
// SHA-256(0x00 ‖ salt ‖ record). Whoever keeps a checkpoint (every export carries one) can later show that an entry
// before it was changed, removed, swapped or back-dated; what was cut off behind the last checkpoint held elsewhere
// does not show.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"
#include "common/time.h"
#include "db/store.h"

namespace hw::db {

// "size:root in hex".
struct Checkpoint {
  std::uint64_t size = 0;
  std::string root;  // 64 hex digits

  std::string text() const { return std::to_string(size) + ":" + root; }
  bool operator==(const Checkpoint&) const = default;
};
std::optional<Checkpoint> parse_checkpoint(std::string_view text);

struct AuditEntry {
  std::int64_t entry = 0;
  Time at{};
  std::string action;  // init, review, reveal, export, export-done, bans, purge
  std::string by;
  std::string record;  // all of it, as JSON
};

// Oldest first, those after entry `after`; limit 0: all.
Result<std::vector<AuditEntry>> audit_log(Store& store, std::int64_t after = 0, std::size_t limit = 0);
Result<Checkpoint> audit_checkpoint(Store& store);

struct AuditReport {
  Checkpoint checkpoint;              // of what is here
  std::vector<std::string> problems;  // one a line; empty: the log is whole
};
// Recomputes every leaf and the tree, and holds them against the head and the checkpoints that were kept elsewhere.
Result<AuditReport> verify_audit(Store& store, std::span<const Checkpoint> kept);

// A person is about to see what is sealed: `what` is "hit", "handle" …, `row` its number. Append before showing.
Status note_reveal(Store& store, std::string_view by, std::string_view what, std::int64_t row);

// A name, case or purpose as it goes into an entry: trimmed, one line, not too long. Fails with usage, naming `option`.
Result<std::string> audit_words(std::string_view option, std::string_view words);

}  // namespace hw::db
