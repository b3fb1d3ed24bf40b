// Everything expires (DESIGN rule 6), except what is held and unread.
#pragma once

#include <cstddef>

#include "common/error.h"
#include "config/settings.h"
#include "db/person.h"
#include "db/store.h"

namespace hw::db {

struct Expired {
  std::size_t fingerprints = 0;
  std::size_t unreviewed = 0;  // hits: new, seeds, disputed, or not yet confirmed by enough
  std::size_t rejected = 0;
  std::size_t confirmed = 0;
  std::size_t bans = 0;
  std::size_t legal_holds = 0;  // hits past their time that a legal hold keeps
  std::size_t marks = 0;        // do-not-raise marks that kept nothing away for a year
};

enum class Expiry { preview, erase };

// Erases what is past its time by the store's clock, with its seals, links and orphans, and empties the write-ahead log
// so that nothing of it stays on the disk. A hit's time counts from its last change or review. Writes an audit entry
// where hits or bans went. `by` is the person, or the host.
Result<Expired> expire(Store& store, const config::Retention& retention, Expiry expiry, const Person& by);

}  // namespace hw::db
