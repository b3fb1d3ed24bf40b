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

Result<int> crawl(Session& session, const std::vector<std::string>& names) {
  const StopOnSignal signals;
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
  if (sources->empty()) {
    const auto next = (*run)->next_due();
    *session.out << (next ? fmt::format("nothing is due; the next source is in {}. Name a source to read it now.\n",
                                        to_words(*next - session.clock->now()))
                          : std::string("all sources are paused; handlewatch sources resume NAME ends that\n"));
    return kDone;
  }
  Progress progress(session);
  const auto at_hours = names.empty() ? crawler::AtHours::own : crawler::AtHours::any;
  const auto report =
      (*run)->run(*sources, [&](const crawler::Event& event) { progress.on(event); }, signals.token(), at_hours);
  progress.end();
  if (!report) return tl::unexpected(report.error());
  *session.out << summary(*report) << '\n';
  if (report->hits > 0) *session.out << "See them with: handlewatch hits list\n";
  return report->failed > 0 || progress.sources_in_trouble() > 0 ? kSomethingFailed : kDone;
}

}  // namespace

void add_crawl(CLI::App& root, Session& session) {
  auto names = std::make_shared<std::vector<std::string>>();
  CLI::App* command = root.add_subcommand("crawl", "Read what is due, or the named sources, once");
  command->add_option("SOURCE", *names, "Sources to read now, due or not");
  command->footer(
      "Examples:\n  handlewatch crawl\n  handlewatch crawl garden baking\nA source that is named is read at once, due "
      "or not, at any hour; a paused one is not read at all.\nStop it at any time (Ctrl-C ends what is in flight "
      "first, "
      "a second one at once): the next run goes on where this one stopped.\nExit status 1: a source is in trouble or a "
      "page failed; the rest was read.");
  command->callback([&session, names] { session.action = [&session, names] { return crawl(session, *names); }; });
}

}  // namespace hw::app
