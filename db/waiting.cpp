#include "db/waiting.h"

#include <algorithm>

#include "db/referrals.h"
#include "db/work.h"

namespace hw::db {

Result<std::optional<Duration>> longest_unreviewed(Store& store) {
  Work work(store.core(), Work::Access::read);
  std::optional<Duration> longest;
  {
    Query query(work, "SELECT min(day) FROM hit WHERE confirmed = 0 AND rejected = 0 AND disputed = 0 AND seeds = 0");
    const std::int64_t today = work.core().today();
    if (query.next())
      if (const auto day = query.maybe_at(0)) longest = std::chrono::days(std::max<std::int64_t>(today - *day, 0));
  }
  return work.finish(longest);
}

Result<bool> safeguarding_waits(Store& store) { return referrals_overdue(store); }

}  // namespace hw::db
