#include "db/waiting.h"

#include <algorithm>

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

Result<bool> safeguarding_waits(Store& store) {
  Work work(store.core(), Work::Access::read);
  bool waits = false;
  {
    Query query(work,
                "SELECT EXISTS(SELECT 1 FROM held WHERE day < ?1) OR EXISTS(SELECT 1 FROM withheld WHERE day < ?1)");
    waits = query.number(work.core().today() - 1).next() && query.number_at(0) != 0;
  }
  return work.finish(waits);
}

}  // namespace hw::db
