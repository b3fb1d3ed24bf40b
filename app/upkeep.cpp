#include "app/upkeep.h"

#include <algorithm>

#include <fmt/format.h>

#include "app/checkpoints.h"
#include "app/log.h"
#include "db/retention.h"
#include "db/waiting.h"

namespace hw::app {
namespace {

constexpr Duration kToldAgainAfter = std::chrono::days(1);

bool configured(const config::Settings& settings, const std::string& source) {
  return std::any_of(settings.sources.begin(), settings.sources.end(),
                     [&](const config::SourceSpec& spec) { return spec.name == source; });
}

Status expire(db::Store& store, const config::Settings& settings) {
  const auto gone = db::expire(store, settings.retention, db::Expiry::erase, store.host());
  if (!gone) return tl::unexpected(gone.error());
  const std::size_t hits = gone->unreviewed + gone->rejected + gone->confirmed;
  if (hits + gone->bans > 0)
    log_info(fmt::format("{} hits and {} bans reached the end of their time and were erased", hits, gone->bans));
  return {};
}

// A clock that was set back lets nothing be told later than a day from now.
Status tell(const config::Alarm& alarm, AlarmCall call, crawler::Frontier& frontier, AlarmSender& alarms) {
  if (alarm.empty()) return {};
  const auto last = frontier.alarm_told(to_string(call.kind));
  if (last && *last <= call.at && call.at - *last < kToldAgainAfter) return {};
  if (auto noted = frontier.note_alarm(to_string(call.kind), call.at); !noted) return noted;
  alarms.send(alarm, std::move(call));
  return {};
}

Status tell_who_is_waited_for(db::Store& store, crawler::Frontier& frontier, const config::Settings& settings,
                              AlarmSender& alarms, Time now) {
  const auto oldest = db::longest_unreviewed(store);
  if (!oldest) return tl::unexpected(oldest.error());
  if (*oldest && **oldest >= settings.alerts.review_waits) {
    const std::string words = fmt::format("a hit waits for review for {}", to_words(**oldest));
    if (auto told = tell(settings.alerts.operators, {AlarmKind::review_waits, "", words, now}, frontier, alarms); !told)
      return told;
  }
  const auto safeguarding = db::safeguarding_waits(store);
  if (!safeguarding) return tl::unexpected(safeguarding.error());
  if (!*safeguarding) return {};
  return tell(settings.alerts.safeguarding, {AlarmKind::safeguarding_waits, "", "", now}, frontier, alarms);
}

}  // namespace

Status hourly_upkeep(db::Store& store, crawler::Frontier& frontier, const config::Settings& settings,
                     AlarmSender& alarms, Time now) {
  if (auto expired = expire(store, settings); !expired) return expired;
  if (!settings.audit.stamp.empty())
    if (auto kept = keep_checkpoint(store, settings.audit.stamp); !kept) return tl::unexpected(kept.error());
  return tell_who_is_waited_for(store, frontier, settings, alarms, now);
}

Status forget_told(crawler::Frontier& frontier, const std::vector<AlarmCall>& undelivered) {
  Status done;
  for (const AlarmCall& call : undelivered) {
    if (!done) break;
    if (call.kind == AlarmKind::source_broken || call.kind == AlarmKind::source_recovered)
      done = frontier.note_told(call.source, call.kind == AlarmKind::source_recovered);
    else
      done = frontier.note_alarm(to_string(call.kind), std::nullopt);
  }
  return done;
}

Status tell_of_sources(crawler::Frontier& frontier, const config::Settings& settings, AlarmSender& alarms, Time now) {
  const auto health = frontier.health();
  if (!health) return tl::unexpected(health.error());
  for (const crawler::SourceHealth& source : *health) {
    const bool broken = source.bad_runs >= settings.alerts.broken_after;
    const bool recovered = source.told_broken && source.bad_runs == 0;
    if (!configured(settings, source.source) || (!recovered && (!broken || source.told_broken))) continue;
    if (auto noted = frontier.note_told(source.source, broken); !noted) return noted;
    const AlarmKind kind = broken ? AlarmKind::source_broken : AlarmKind::source_recovered;
    alarms.send(settings.alerts.operators, {kind, source.source, source.trouble, now});
  }
  return {};
}

}  // namespace hw::app
