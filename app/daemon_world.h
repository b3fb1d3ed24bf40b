// The real surroundings of the daemon's rounds: the machine, one crawl, systemd, the metrics page, those who are told.
#pragma once

#include <optional>
#include <stop_token>

#include "app/alarm.h"
#include "app/crawl_run.h"
#include "app/metrics_page.h"
#include "app/rounds.h"
#include "app/service_manager.h"
#include "app/session.h"
#include "app/upkeep.h"

namespace hw::app {

// What outlives a reload of the configuration.
struct DaemonState {
  ServiceManager manager;
  std::unique_ptr<MetricsPage> page;  // none: no port was configured
  AlarmSender& alarms;
  Time started{};
  bool was_open = false;      // the store, once
  crawler::RunReport totals;  // of the runs that are over
};

class DaemonWorld final : public Surroundings {
 public:
  // All borrowed. run_ is opened with pulse() of this world.
  DaemonWorld(Session& session, const config::Settings& settings, CrawlRun& run, DaemonState& state,
              std::stop_token stop);

  Time now() const override { return session_.clock->now(); }
  Duration steady() const override;
  std::optional<std::uint64_t> free_bytes() const override;
  bool sleep(Duration at_most) override;
  bool asked_to_end() const override { return stop_.stop_requested(); }
  std::vector<const config::SourceSpec*> due() const override { return run_.due(); }
  std::optional<Time> next_due() const override { return run_.next_due(); }
  Result<crawler::RunReport> read(const std::vector<const config::SourceSpec*>& sources,
                                  const crawler::Observer& observer) override;
  Status forgive(Time since) override { return run_.frontier().forgive(since); }
  Status keep_house() override;
  Status tell_of_sources() override;
  void show(std::string_view doing, std::optional<Time> until, const TroubleBook& troubles) override;

 private:
  void publish(const crawler::RunReport* so_far);

  Session& session_;
  const config::Settings& settings_;
  CrawlRun& run_;
  DaemonState& state_;
  std::stop_token stop_;
  std::size_t troubles_ = 0;
  std::optional<Time> published_;
};

// What a run of the daemon calls at every turn: the watchdog and /healthz hear that it is alive.
void pulse(DaemonState& state, Time now);

}  // namespace hw::app
