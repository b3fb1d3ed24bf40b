// When a source is read next: what the frontier noted of it, held against the clock and the timetable of today. Pure.
#pragma once

#include <optional>

#include "common/time.h"
#include "config/settings.h"
#include "crawler/frontier.h"

namespace hw::app {

// Nothing while it is paused. A source that was never read is due at once, in its hours. A timetable that was changed
// since counts from the last run; a time that lies further ahead than anything could have put it off (the clock was set
// back) counts as due.
std::optional<Time> due_at(const config::SourceSpec& source, const crawler::SourceStanding& standing, Time now);

}  // namespace hw::app
