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
  if (sources->empty()) {
    const Duration wait = *(*run)->next_due() - session.clock->now();
    *session.out << "nothing is due; the next source is in " << to_words(wait) << ". Name a source to read it now.\n";
    return kDone;
  }
  Progress progress(session);
  const auto report = (*run)->run(*sources, [&](const crawler::Event& event) { progress.on(event); }, signals.token());
  progress.end();
  if (!report) return tl::unexpected(report.error());
  *session.out << summary(*report) << '\n';
  if (report->hits > 0) *session.out << "See them with: handlewatch hits list\n";
  return report->failed > 0 ? kSomethingFailed : kDone;
}

}  // namespace

void add_crawl(CLI::App& root, Session& session) {
  auto names = std::make_shared<std::vector<std::string>>();
  CLI::App* command = root.add_subcommand("crawl", "Read what is due, or the named sources, once");
  command->add_option("SOURCE", *names, "Sources to read now, due or not");
  command->footer(
      "Examples:\n  handlewatch crawl\n  handlewatch crawl garden baking\nStop it at any time: the next run goes on "
      "where this one stopped.");
  command->callback([&session, names] { session.action = [&session, names] { return crawl(session, *names); }; });
}

}  // namespace hw::app
