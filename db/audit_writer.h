// Appending to the audit log from within a unit of work. Internal to db/.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "db/audit.h"
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

// The entry's number.
std::int64_t append_audit(Work& work, const AuditRecord& record);
Checkpoint current_checkpoint(Work& work);

}  // namespace hw::db
