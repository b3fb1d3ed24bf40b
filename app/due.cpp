#include "app/due.h"

#include <algorithm>

#include "crawler/politeness.h"

namespace hw::app {

std::optional<Time> due_at(const config::SourceSpec& source, const crawler::SourceStanding& standing, Time now) {
  if (standing.paused) return std::nullopt;
  const auto next_after = [&](Time last) { return config::next_run(source.timetable, source.every, last); };
  if (!standing.next_run) return config::opens_at(source.timetable, now);
  Time due = *standing.next_run;
  if (standing.well && standing.last_run) due = std::min(due, next_after(*standing.last_run));
  const Time furthest = std::max(next_after(now), now + crawler::kMostBackoff);
  if (due > furthest) due = now;
  return config::opens_at(source.timetable, std::max(due, now));
}

}  // namespace hw::app
