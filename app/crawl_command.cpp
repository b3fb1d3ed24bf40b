#include <algorithm>
#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/commands.h"
#include "app/crawl_run.h"
#include "app/progress.h"
#include "app/session.h"
#include "app/signals.h"
#include "app/source_access.h"
#include "app/stream_threads.h"
#include "common/text.h"

namespace hw::app {
namespace {

Result<std::vector<const config::SourceSpec*>> named(const config::Settings& settings,
                                                     const std::vector<std::string>& names) {
  std::vector<const config::SourceSpec*> out;
  std::vector<std::string_view> known;
  for (const config::SourceSpec& source : settings.sources) known.push_back(source.name);
  for (const std::string& name : names) {
    const auto found = std::find(known.begin(), known.end(), name);
    if (found != known.end()) {
      out.push_back(&settings.sources[static_cast<std::size_t>(found - known.begin())]);
      continue;
    }
    const std::string_view near = nearest(name, known);
    return fail(ErrorCode::usage, near.empty()
                                      ? fmt::format("no source \"{}\"; handlewatch sources list shows them", name)
                                      : fmt::format("no source \"{}\", did you mean \"{}\"?", name, near));
  }
  return out;
}

// What the streams brought, each in a line. False when one failed.
bool show(Session& session, StreamThreads& streams) {
  bool well = true;
  for (const auto& [source, report] : streams.finish()) {
    if (report) *session.out << source << ": " << summary(*report) << '\n';
    well = well && report && report->messages > 0;
  }
  return well;
}

struct Options {
  std::vector<std::string> names;
  std::string stream_for = "60s";
  std::size_t stream_messages = 0;
};

Result<StreamBounds> bounds_of(const Options& options) {
  StreamBounds bounds{parse_duration(options.stream_for), std::nullopt};
  if (!bounds.time) return fail(ErrorCode::usage, "--stream-for is a time such as 90s, 30m or 12h");
  if (options.stream_messages > 0) bounds.messages = options.stream_messages;
  return bounds;
}

Result<int> crawl(Session& session, const Options& options) {
  const std::vector<std::string>& names = options.names;
  const StopOnSignal signals;
  const auto bounds = bounds_of(options);
  if (!bounds) return tl::unexpected(bounds.error());
  const auto settings = session.settings();
  if (!settings) return tl::unexpected(settings.error());
  if (settings->sources.empty())
    return fail(ErrorCode::configuration,
                fmt::format("no sources in {}: add one (name, kind, url), or try handlewatch demo",
                            session.config_file.string()));
  auto run = CrawlRun::open(session, *settings);
  if (!run) return tl::unexpected(run.error());
  auto sources =
      names.empty() ? Result<std::vector<const config::SourceSpec*>>((*run)->due()) : named(*settings, names);
  if (!sources) return tl::unexpected(sources.error());
  for (const config::SourceSpec* source : *sources)
    if ((*run)->frontier().standing(source->name).paused)
      return fail(ErrorCode::usage,
                  fmt::format("source {0} is paused; handlewatch sources resume {0} ends that", source->name));
  auto streams_wanted = names.empty() ? streams_in(*settings) : streams_among(*sources);
  std::erase_if(streams_wanted, [&](const auto* source) { return (*run)->frontier().standing(source->name).paused; });
  *sources = pages_among(*sources);
  if (sources->empty() && streams_wanted.empty()) {
    const auto next = (*run)->next_due();
    *session.out << (next ? fmt::format("nothing is due; the next source is in {}. Name a source to read it now.\n",
                                        to_words(*next - session.clock->now()))
                          : std::string("all sources are paused; handlewatch sources resume NAME ends that\n"));
    return kDone;
  }
  std::vector<std::string> told;
  StreamThreads streams(
      session, *settings, (*run)->classifier(), streams_wanted, *bounds,
      [&](const std::string& source, const std::string& what) { told.push_back(source + ": " + what); },
      signals.token());
  for (const config::SourceSpec* source : *sources)
    if (const std::string words = proxy_words(*source); !words.empty())
      complain(session, fmt::format("source {} is read {}", source->name, words));
  Progress progress(session);
  const auto at_hours = names.empty() ? crawler::AtHours::own : crawler::AtHours::any;
  const auto report =
      (*run)->run(*sources, [&](const crawler::Event& event) { progress.on(event); }, signals.token(), at_hours);
  progress.end();
  if (!report) return tl::unexpected(report.error());
  if (!sources->empty()) *session.out << summary(*report) << '\n';
  const bool streams_well = show(session, streams);
  for (const std::string& line : told) complain(session, line);
  if (report->hits > 0) *session.out << "See them with: handlewatch hits list\n";
  return report->failed > 0 || progress.sources_in_trouble() > 0 || !streams_well ? kSomethingFailed : kDone;
}

}  // namespace

void add_crawl(CLI::App& root, Session& session) {
  auto options = std::make_shared<Options>();
  CLI::App* command = root.add_subcommand("crawl", "Read what is due, or the named sources, once");
  command->add_option("SOURCE", options->names, "Sources to read now, due or not");
  command->add_option("--stream-for", options->stream_for, "How long sources that are streams are read")
      ->type_name("TIME")
      ->capture_default_str();
  command->add_option("--stream-messages", options->stream_messages, "Ends a stream after so many messages")
      ->type_name("N");
  command->footer(
      "Examples:\n  handlewatch crawl\n  handlewatch crawl garden baking\nA source that is named is read at once, due "
      "or not, at any hour; a paused one is not read at all.\nStop it at any time (Ctrl-C ends what is in flight "
      "first, "
      "a second one at once): the next run goes on where this one stopped.\nExit status 1: a source is in trouble or a "
      "page failed; the rest was read. The daemon reads streams without an end.");
  command->callback([&session, options] { session.action = [&session, options] { return crawl(session, *options); }; });
}

}  // namespace hw::app
