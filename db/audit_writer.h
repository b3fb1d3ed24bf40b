// Appending to the audit log from within a unit of work. Internal to db/.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "db/audit.h"
#include "db/merkle.h"
#include "db/person.h"
#include "db/vault.h"
#include "db/work.h"

namespace hw::db {

// A JSON object under construction; keys in the order in which they were added.
class AuditRecord {
 public:
  explicit AuditRecord(std::string_view action);
  AuditRecord& text(std::string_view key, std::string_view value);
  AuditRecord& number(std::string_view key, std::int64_t value);
  const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;  // key, value as JSON
};

// The entry's number. `by` signs it; without, the host does.
std::int64_t append_audit(Work& work, const AuditRecord& record, const Person& by);
std::int64_t append_audit(Work& work, const AuditRecord& record);
Checkpoint current_checkpoint(Work& work);

// A sealed record becomes a leaf; gives its number.
std::int64_t append_seal(Work& work, const RecordRow& row, std::string_view nonce, std::string_view body);
Digest sealed_leaf(const RecordRow& row, std::string_view nonce, std::string_view body);
// What a unit of work did to the log: an entry for the records that it erased, then the tree's new head. Before COMMIT.
void settle_audit(Work& work);

// The leaves of the records that an entry accounts for, in ascending order.
class ErasedLeaves {
 public:
  void add(std::int64_t leaf);
  std::string digest() const;  // hex

 private:
  std::string bytes_;
};

// What a signature covers: the record without it, at its place in this store's log.
std::string signed_text(std::string_view store_id, std::int64_t entry, std::string_view record);
MerkleEdge stored_edge(Work& work);

}  // namespace hw::db
