// What the daemon does by the hour: erases what is past its time, and tells those whom something waits for.
#pragma once

#include <map>
#include <optional>

#include "app/alarm.h"
#include "common/error.h"
#include "common/time.h"
#include "config/settings.h"
#include "crawler/frontier.h"
#include "db/store.h"

namespace hw::app {

// When each alarm was last given, so that what goes on waiting is told once a day.
class Upkeep {
 public:
  // A further chore of the hour is one more line in hourly().
  Status hourly(db::Store& store, const config::Settings& settings, AlarmSender& alarms, Time now);

 private:
  Status expire(db::Store& store, const config::Settings& settings) const;
  Status tell_who_is_waited_for(db::Store& store, const config::Settings& settings, AlarmSender& alarms, Time now);
  void tell(const config::Alarm& alarm, AlarmCall call, AlarmSender& alarms);

  std::map<AlarmKind, Time> told_;
};

// Sources that broke (so many runs in a row ended in trouble) or recovered since somebody was told last.
Status tell_of_sources(crawler::Frontier& frontier, const config::Settings& settings, AlarmSender& alarms, Time now);

}  // namespace hw::app
