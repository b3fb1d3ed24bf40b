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

}  // namespace

Status Upkeep::hourly(db::Store& store, const config::Settings& settings, AlarmSender& alarms, Time now) {
  if (auto expired = expire(store, settings); !expired) return expired;
  if (!settings.audit.stamp.empty())
    if (auto kept = keep_checkpoint(store, settings.audit.stamp); !kept) return tl::unexpected(kept.error());
  return tell_who_is_waited_for(store, settings, alarms, now);
}

Status Upkeep::expire(db::Store& store, const config::Settings& settings) const {
  const auto gone = db::expire(store, settings.retention, db::Expiry::erase, store.host());
  if (!gone) return tl::unexpected(gone.error());
  const std::size_t hits = gone->unreviewed + gone->rejected + gone->confirmed;
  if (hits + gone->bans > 0)
    log_info(fmt::format("{} hits and {} bans reached the end of their time and were erased", hits, gone->bans));
  return {};
}

Status Upkeep::tell_who_is_waited_for(db::Store& store, const config::Settings& settings, AlarmSender& alarms,
                                      Time now) {
  const auto oldest = db::longest_unreviewed(store);
  if (!oldest) return tl::unexpected(oldest.error());
  if (*oldest && **oldest >= settings.alerts.review_waits)
    tell(settings.alerts.operators,
         {AlarmKind::review_waits, "", fmt::format("a hit waits for review for {}", to_words(**oldest)), now}, alarms);
  const auto safeguarding = db::safeguarding_waits(store);
  if (!safeguarding) return tl::unexpected(safeguarding.error());
  if (*safeguarding) tell(settings.alerts.safeguarding, {AlarmKind::safeguarding_waits, "", "", now}, alarms);
  return {};
}

void Upkeep::tell(const config::Alarm& alarm, AlarmCall call, AlarmSender& alarms) {
  const auto last = told_.find(call.kind);
  if (last != told_.end() && call.at - last->second < kToldAgainAfter) return;
  told_[call.kind] = call.at;
  alarms.send(alarm, std::move(call));
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
