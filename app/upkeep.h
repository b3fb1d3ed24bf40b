// What the daemon does by the hour: erases what is past its time, and tells those whom something waits for.
#pragma once

#include <vector>

#include "app/alarm.h"
#include "common/error.h"
#include "common/time.h"
#include "config/settings.h"
#include "crawler/frontier.h"
#include "db/store.h"

namespace hw::app {

// A further chore of the hour is one more line in it. What goes on waiting is told once a day; the frontier remembers
// when, over restarts.
Status hourly_upkeep(db::Store& store, crawler::Frontier& frontier, const config::Settings& settings,
                     AlarmSender& alarms, Time now);

// What could not be delivered before the end is told again after the next start.
Status forget_told(crawler::Frontier& frontier, const std::vector<AlarmCall>& undelivered);

// Sources that broke (so many runs in a row ended in trouble) or recovered since somebody was told last.
Status tell_of_sources(crawler::Frontier& frontier, const config::Settings& settings, AlarmSender& alarms, Time now);

}  // namespace hw::app
