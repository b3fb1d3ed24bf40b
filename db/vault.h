// Sealed records as rows: putting them in, opening them, erasing them. Internal to db/.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/error.h"
#include "db/seal.h"
#include "db/work.h"

namespace hw::db {

// Which record, without the store's id.
struct RecordRow {
  KeyClass key_class = KeyClass::review;
  RecordKind kind = RecordKind::hit;
  std::int64_t owner = 0;
  std::int64_t revision = 1;
};

void put_record(Work& work, const RecordRow& row, std::string_view plaintext);
// tampered where the record is missing or does not open. Ends the unit of work on failure, too.
Result<std::string> open_record(Work& work, const Opener& opener, const RecordRow& row);
// Makes leaves of the records of a store of the first version.
void adopt_records(Work& work);
// Wraps the key of every record of the opener's class for those who are its recipients now, and for nobody else.
void seal_keys_anew(Work& work, const Opener& opener);
// How many records of the opener's class there are; each was opened, or the unit of work failed.
std::size_t open_all(Work& work, const Opener& opener);
// The revisions that are kept of a record, oldest first.
std::vector<std::int64_t> revisions_of(Work& work, RecordKind kind, std::int64_t owner);
void erase_revision(Work& work, RecordKind kind, std::int64_t owner, std::int64_t revision);
void erase_records(Work& work, RecordKind kind, std::int64_t owner);

}  // namespace hw::db
