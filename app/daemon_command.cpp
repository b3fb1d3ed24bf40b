#include <algorithm>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/commands.h"
#include "app/crawl_run.h"
#include "app/log.h"
#include "app/progress.h"
#include "app/session.h"
#include "app/signals.h"
#include "db/retention.h"

namespace hw::app {
namespace {

constexpr Duration kLongestNap = std::chrono::minutes(10);  // so that a clock that jumped is noticed
constexpr Duration kShortestNap = std::chrono::seconds(1);
constexpr Duration kUpkeepEvery = std::chrono::hours(1);
constexpr Duration kAfterTrouble = std::chrono::minutes(1);

void log_event(const crawler::Event& event) {
  using crawler::EventKind;
  const std::string line = fmt::format("{}: {}", event.source, event.what);
  switch (event.kind) {
    case EventKind::source_done:
      return log_info(line);
    case EventKind::refused:
    case EventKind::failed:
      return log_warning(line);
    default:
      return log_debug(line);
  }
}

// Everything that a configuration decides, made before the old one is let go.
Status check_configuration(const Session& session, const config::Settings& settings) {
  for (const config::SourceSpec& source : settings.sources)
    if (auto allowed = may_crawl(settings.operated_by, source); !allowed) return allowed;
  if (auto classifier = session.classifier(settings); !classifier) return tl::unexpected(classifier.error());
  return {};
}

// A round of the daemon under one configuration: read what is due, keep house, sleep until something is due again.
class Daemon {
 public:
  Daemon(Session& session, const config::Settings& settings, CrawlRun& run, std::stop_token stop)
      : session_(session), settings_(settings), run_(run), stop_(std::move(stop)) {}

  void serve() {
    while (!stop_.stop_requested()) {
      keep_house();
      const Duration nap = read_due() ? until_next() : kAfterTrouble;
      if (wait_or_stop(stop_, nap)) break;
    }
  }

 private:
  // False: the environment failed (a full disk, a locked store); it is said once and tried again later.
  bool read_due() {
    const auto sources = run_.due();
    if (sources.empty()) return true;
    const auto report = run_.run(sources, log_event, stop_);
    if (!report) {
      say_once(report.error().message);
      return false;
    }
    last_trouble_.clear();
    log_info(summary(*report));
    return true;
  }

  void keep_house() {
    const Time now = session_.clock->now();
    if (now < next_upkeep_) return;
    next_upkeep_ = now + kUpkeepEvery;
    const auto gone = db::expire(run_.store(), settings_.retention, db::Expiry::erase, "daemon");
    if (!gone) return say_once(gone.error().message);
    const std::size_t hits = gone->unreviewed + gone->rejected + gone->confirmed;
    if (hits + gone->bans > 0)
      log_info(fmt::format("{} hits and {} bans reached the end of their time and were erased", hits, gone->bans));
  }

  Duration until_next() const {
    const auto next = run_.next_due();
    if (!next) return kLongestNap;
    return std::clamp<Duration>(*next - session_.clock->now(), kShortestNap, kLongestNap);
  }

  void say_once(const std::string& trouble) {
    if (trouble != last_trouble_) log_error(trouble);
    last_trouble_ = trouble;
  }

  Session& session_;
  const config::Settings& settings_;
  CrawlRun& run_;
  std::stop_token stop_;
  Time next_upkeep_{};
  std::string last_trouble_;
};

// What SIGHUP asks for. A configuration that is wrong is told and left alone; what was in force stays so.
Result<config::Settings> reloaded(const Session& session) {
  auto settings = session.settings();
  if (!settings) return settings;
  if (auto checked = check_configuration(session, *settings); !checked) return tl::unexpected(checked.error());
  return settings;
}

Result<int> serve(Session& session) {
  StopOnSignal signals(OnHangup::begins_anew);
  if (auto started = start_log(session.log_level, session.log_format); !started) return tl::unexpected(started.error());
  auto settings = reloaded(session);
  if (!settings) return tl::unexpected(settings.error());
  auto run = CrawlRun::open(session, *settings);
  if (!run) return tl::unexpected(run.error());
  log_info(fmt::format("started with {} sources", settings->sources.size()));
  for (;;) {
    Daemon(session, *settings, **run, signals.begin_round()).serve();
    if (signals.token().stop_requested()) break;
    auto fresh = reloaded(session);
    if (!fresh) {
      log_error("the configuration was not reloaded, the one before goes on: " + fresh.error().message);
      continue;
    }
    run->reset();  // lets go of the folder before it is opened anew
    settings = std::move(fresh);
    run = CrawlRun::open(session, *settings);
    if (!run) return tl::unexpected(run.error());
    log_info(fmt::format("reloaded the configuration: {} sources", settings->sources.size()));
  }
  log_info("stopped; what is queued goes on at the next start");
  return kDone;
}

}  // namespace

void add_daemon(CLI::App& root, Session& session) {
  CLI::App* command = root.add_subcommand("daemon", "Read the sources at their intervals until told to stop");
  command->footer(
      "Example:\n  handlewatch --data /var/lib/handlewatch daemon\nSIGTERM or Ctrl-C: finishes what is in flight and "
      "ends; a "
      "second one ends at once, and nothing is lost.\nSIGHUP: reads the configuration and the rules anew; where they "
      "are wrong it says so and keeps "
      "the old ones.");
  command->callback([&session] { session.action = [&session] { return serve(session); }; });
}

}  // namespace hw::app
