#include "app/daemon_world.h"

#include <algorithm>

#include <fmt/format.h>

#include "app/log.h"
#include "app/signals.h"
#include "app/version.h"

namespace hw::app {
namespace {

constexpr Duration kPublishEvery = std::chrono::seconds(5);
constexpr Duration kLongestSlice = std::chrono::seconds(10);

void log_event(const crawler::Event& event) {
  using crawler::EventKind;
  const std::string line = fmt::format("{}: {}", event.source, event.what);
  return event.kind == EventKind::refused ? log_info(line) : log_debug(line);
}

}  // namespace

void pulse(DaemonState& state, Time now) {
  state.manager.alive(now);
  if (state.page) state.page->alive();
}

DaemonWorld::DaemonWorld(Session& session, const config::Settings& settings, CrawlRun& run, DaemonState& state,
                         std::stop_token stop)
    : session_(session), settings_(settings), run_(run), state_(state), stop_(std::move(stop)) {}

Duration DaemonWorld::steady() const {
  return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch());
}

std::optional<std::uint64_t> DaemonWorld::free_bytes() const {
  std::error_code error;
  const auto space = std::filesystem::space(session_.data, error);
  return error ? std::nullopt : std::optional<std::uint64_t>(space.available);
}

bool DaemonWorld::sleep(Duration at_most) {
  const Duration slice = std::min(state_.manager.pulse().value_or(kLongestSlice), kLongestSlice);
  for (const auto until = std::chrono::steady_clock::now() + at_most;;) {
    pulse(state_, now());
    const auto left = std::chrono::ceil<Duration>(until - std::chrono::steady_clock::now());
    if (left <= Duration{0}) return stop_.stop_requested();
    if (wait_or_stop(stop_, std::min(left, slice))) return true;
  }
}

Result<crawler::RunReport> DaemonWorld::read(const std::vector<const config::SourceSpec*>& sources,
                                             const crawler::Observer& observer) {
  const auto watch = [&](const crawler::Event& event) {
    log_event(event);
    observer(event);
    if (!published_ || now() < *published_ || now() - *published_ >= kPublishEvery) publish(event.so_far);
  };
  auto report = run_.run(sources, watch, stop_);
  if (report) state_.totals = sum(state_.totals, *report);
  publish(nullptr);
  return report;
}

Status DaemonWorld::keep_house() {
  return hourly_upkeep(run_.store(), run_.frontier(), settings_, state_.alarms, now());
}

Status DaemonWorld::tell_of_sources() { return app::tell_of_sources(run_.frontier(), settings_, state_.alarms, now()); }

void DaemonWorld::show(std::string_view doing, std::optional<Time> until, const TroubleBook& troubles) {
  troubles_ = troubles.count();
  const std::string when = until ? fmt::format(", goes on in {}", to_words(std::max(*until - now(), Duration{0}))) : "";
  state_.manager.status(fmt::format("{} sources; {}{}", settings_.sources.size(), doing, when));
  pulse(state_, now());
  if (!state_.page) return;
  std::string obstacle;
  for (const char* what : {"disk", "work", "network", "upkeep"})
    if (troubles.is_open(what)) obstacle = doing;
  state_.page->set_trouble(std::move(obstacle));
  publish(nullptr);
}

void DaemonWorld::publish(const crawler::RunReport* so_far) {
  if (!state_.page) return;
  published_ = now();
  auto health = run_.frontier().health();
  if (!health) return;  // what keeps it from being read is said where it is worked with
  const auto unknown = [&](const crawler::SourceHealth& entry) {
    return std::none_of(settings_.sources.begin(), settings_.sources.end(),
                        [&](const config::SourceSpec& spec) { return spec.name == entry.source; });
  };
  std::erase_if(*health, unknown);
  const crawler::RunReport totals = so_far == nullptr ? state_.totals : sum(state_.totals, *so_far);
  state_.page->publish(metrics_text(
      {state_.started, totals, std::move(*health), troubles_, free_bytes().value_or(0), std::string(kVersion)}));
}

}  // namespace hw::app
