#include <set>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/commands.h"
#include "app/companion.h"
#include "app/crawl_run.h"
#include "app/daemon_world.h"
#include "app/log.h"
#include "app/session.h"
#include "app/signals.h"
#include "app/source_access.h"
#include "common/url.h"

namespace hw::app {
namespace {

constexpr std::chrono::seconds kBetweenOpenings{10};

// Everything that a configuration decides, made before the old one is let go.
Status check_configuration(const Session& session, const config::Settings& settings) {
  for (const config::SourceSpec& source : settings.sources)
    if (auto allowed = may_crawl(settings.operated_by, source); !allowed) return allowed;
  if (auto classifier = session.classifier(settings); !classifier) return tl::unexpected(classifier.error());
  return {};
}

// What SIGHUP asks for. A configuration that is wrong is told and left alone; what was in force stays so.
Result<config::Settings> reloaded(const Session& session) {
  auto settings = session.settings();
  if (!settings) return settings;
  if (auto checked = check_configuration(session, *settings); !checked) return tl::unexpected(checked.error());
  return settings;
}

void say(Tone tone, const std::string& words) {
  return tone == Tone::info ? log_info(words) : tone == Tone::warning ? log_warning(words) : log_error(words);
}

std::size_t hosts_of(const config::Settings& settings) {
  std::set<std::string> hosts;
  for (const config::SourceSpec& source : settings.sources)
    if (const auto url = parse_url(source.url)) hosts.insert(url->host);
  return hosts.size();
}

// The page moves with the configured port; without one there is none.
Status open_page(const config::Settings& settings, DaemonState& state) {
  const int open = state.page ? state.page->port() : 0;
  if (open == settings.metrics_port) return {};
  state.page.reset();
  if (settings.metrics_port == 0) return {};
  auto page = MetricsPage::open(static_cast<std::uint16_t>(settings.metrics_port));
  if (!page) return tl::unexpected(page.error());
  state.page = std::move(*page);
  return {};
}

// At the start what cannot be opened ends the daemon. Later it waits: a backup may hold the store just then. Nothing:
// it was asked to end meanwhile.
Result<std::unique_ptr<CrawlRun>> open_run(const Session& session, const config::Settings& settings, DaemonState& state,
                                           const std::stop_token& stop) {
  const auto alive = [&session, &state] { pulse(state, session.clock->now()); };
  TroubleBook troubles(say);
  for (;;) {
    auto run = CrawlRun::open(session, settings, alive);
    if (run) troubles.ends("opening", session.clock->now(), "the store is open again");
    if (run || !state.was_open) {
      state.was_open = run.has_value();
      return run;
    }
    troubles.begins("opening", session.clock->now(), run.error().message);
    alive();
    if (wait_or_stop(stop, kBetweenOpenings)) return std::unique_ptr<CrawlRun>();
  }
}

// One configuration's time: the crawl and what runs beside it, until a signal ends it.
Status serve_round(Session& session, const config::Settings& settings, DaemonState& state, const std::stop_token& stop,
                   std::string_view greeting) {
  if (auto page = open_page(settings, state); !page) return page;
  const auto run = open_run(session, settings, state, stop);
  if (!run) return tl::unexpected(run.error());
  if (!*run) return {};
  state.alarms.set_rules(fetch_rules(settings));
  const Companions companions(session, settings);
  log_info(fmt::format("{} {} sources", greeting, settings.sources.size()));
  for (const config::SourceSpec& source : settings.sources)
    if (const std::string words = proxy_words(source); !words.empty())
      log_warning(fmt::format("source {} is read {}", source.name, words));
  state.manager.ready();
  DaemonWorld world(session, settings, **run, state, stop);
  Rounds(world, hosts_of(settings), say).serve();
  return {};
}

Status remember_undelivered(const Session& session, const std::vector<AlarmCall>& calls) {
  if (calls.empty()) return {};
  auto frontier = crawler::Frontier::open(session.frontier_file(), *session.clock);
  return frontier ? forget_told(*frontier, calls) : tl::unexpected(frontier.error());
}

Result<int> serve(Session& session) {
  StopOnSignal signals(OnHangup::begins_anew);
  if (auto started = start_log(session.log_level, session.log_format); !started) return tl::unexpected(started.error());
  auto settings = reloaded(session);
  if (!settings) return tl::unexpected(settings.error());
  AlarmSender alarms(guarded_post);
  DaemonState state{ServiceManager::from_environment(), nullptr, alarms, session.clock->now(), false, {}};
  std::string greeting = "started with";
  for (;;) {
    const std::stop_token stop = signals.begin_round();
    if (auto served = serve_round(session, *settings, state, stop, greeting); !served)
      return tl::unexpected(served.error());
    if (signals.token().stop_requested()) break;
    state.manager.reloading();
    auto fresh = reloaded(session);
    greeting = fresh ? "reloaded the configuration:" : "goes on with";
    if (fresh)
      settings = std::move(fresh);
    else
      log_error("the configuration was not reloaded, the one before goes on: " + fresh.error().message);
  }
  state.manager.stopping();
  if (const auto remembered = remember_undelivered(session, alarms.stop()); !remembered)
    log_warning("which alarms were not delivered could not be noted: " + remembered.error().message);
  log_info("stopped; what is queued goes on at the next start");
  return kDone;
}

}  // namespace

void add_daemon(CLI::App& root, Session& session) {
  CLI::App* command = root.add_subcommand("daemon", "Read the sources on their schedules until told to stop");
  command->footer(
      "Examples:\n  handlewatch --data /var/lib/handlewatch daemon\n  handlewatch --log-format json daemon 2>> "
      "daemon.log\nUnder systemd: handlewatch service prints a hardened unit.\nSIGTERM or Ctrl-C: finishes what is in "
      "flight and ends; a second one ends at once, and nothing is lost.\nSIGHUP: reads the configuration and the rules "
      "anew; where they are wrong it says so and keeps the old ones.\nA source that is paused or resumed is noticed "
      "within seconds. What fails around it (a full disk, a held store, no network) is said once and waited for.");
  command->callback([&session] { session.action = [&session] { return serve(session); }; });
}

}  // namespace hw::app
