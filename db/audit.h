// The account of who did what with the store: append-only, and tamper-evident by a hash tree (RFC 6962).
//
// Each entry is signed by the person who did it, or by the host for what nobody in particular did, at its place in this
// store's log. An entry names people, cases, purposes and row numbers, never a handle, an account, an address or a
// text. A leaf is SHA-256(0x00 ‖ salt ‖ record). Sealed records are leaves of the same tree, numbered among the
// entries: one that is missing, foreign, moved or changed shows, too; erasing one removes it and leaves its leaf.
// Whoever keeps a checkpoint (every export carries one) can later show that what lies before it was changed, removed,
// swapped or back-dated; what was cut off behind the last checkpoint held elsewhere does not show.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"
#include "common/time.h"
#include "db/person.h"
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
  std::string action;  // key-add, review, reveal, export, export-done, bans, purge, configuration …
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
// Recomputes every leaf and the tree, follows who was enrolled and holds each signature against it, compares each
// sealed record that is here with its leaf and each verdict with the entry that gave it, and holds all that against the
// head and the checkpoints that were kept elsewhere. Takes no private key.
Result<AuditReport> verify_audit(Store& store, std::span<const Checkpoint> kept);

// A person is about to see what is sealed: `what` is "hit", "handle" …, `row` its number. Append before showing.
Status note_reveal(Store& store, const Person& by, std::string_view what, std::int64_t row);

// The configuration that a run goes by, where it is not the one before: an entry with its hash and what it says of
// reviews.
Status note_configuration(Store& store, std::string_view sha256);
// The digest that was noted last; empty: none yet.
Result<std::string> noted_configuration(Store& store);

// A case or purpose as it goes into an entry: trimmed, one line, not too long. Fails with usage, naming `option`.
Result<std::string> audit_words(std::string_view option, std::string_view words);

}  // namespace hw::db
