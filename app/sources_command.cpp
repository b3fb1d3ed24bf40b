#include <algorithm>
#include <map>
#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/commands.h"
#include "app/crawl_run.h"
#include "app/listing.h"
#include "app/pipeline.h"
#include "app/progress.h"
#include "app/session.h"
#include "app/signals.h"
#include "common/text.h"

namespace hw::app {
namespace {

constexpr std::size_t kShownPosts = 3;

Cell ago(std::optional<Time> time, Time now) {
  if (!time) return std::monostate{};
  return to_rfc3339(*time) + (*time <= now ? fmt::format(" ({} ago)", to_words(now - *time)) : "");
}

Cell next(const crawler::SourceHealth& health, Time now) {
  if (!health.next_run || *health.next_run <= now) return std::string("now");
  return "in " + to_words(*health.next_run - now);
}

Result<int> list(Session& session, Format format) {
  const auto settings = session.settings();
  if (!settings) return tl::unexpected(settings.error());
  if (!std::filesystem::exists(session.data))
    return fail(ErrorCode::not_found,
                fmt::format("no data folder {}; make one with handlewatch init", session.data.string()));
  const auto frontier = crawler::Frontier::open(session.frontier_file(), *session.clock);
  if (!frontier) return tl::unexpected(frontier.error());
  const auto health = frontier->health();
  if (!health) return tl::unexpected(health.error());
  std::map<std::string, crawler::SourceHealth> by_name;
  for (const crawler::SourceHealth& entry : *health) by_name[entry.source] = entry;
  const Time now = session.clock->now();
  Listing listing(
      {"source", "kind", "state", "last_success", "next", "pages", "posts", "new_posts", "queued", "errors", "trouble"},
      format, *session.out);
  for (const config::SourceSpec& source : settings->sources) {
    const crawler::SourceHealth& entry = by_name[source.name];
    const std::string state = !entry.last_run ? "never read" : entry.trouble.empty() ? "well" : "trouble";
    listing.add({source.name, source.kind, state, ago(entry.last_success, now), next(entry, now),
                 static_cast<std::int64_t>(entry.pages), static_cast<std::int64_t>(entry.posts),
                 static_cast<std::int64_t>(entry.new_posts), static_cast<std::int64_t>(entry.queued),
                 static_cast<std::int64_t>(entry.errors), entry.trouble});
  }
  if (settings->sources.empty()) complain(session, fmt::format("no sources in {}", session.config_file.string()));
  return kDone;
}

void show(Session& session, const parsers::ParsedPage& page) {
  *session.out << fmt::format("read as a page with {} posts and {} links: {}\n", page.posts.size(), page.links.size(),
                              to_string(page.state));
  for (const std::string& warning : page.warnings)
    *session.out << "  warning: " << escape_for_terminal(warning) << '\n';
  for (std::size_t i = 0; i < std::min(kShownPosts, page.posts.size()); ++i) {
    const Post& post = page.posts[i];
    const std::string when = post.created_at ? to_rfc3339(*post.created_at) : "no time";
    *session.out << escape_for_terminal(fmt::format("  {} · {} · {}", when,
                                                    post.author.empty() ? "no author" : post.author,
                                                    shortened(post.text, 100)))
                 << '\n';
  }
}

// One source, once, its first pages until one holds posts; nothing is stored.
Result<int> check(Session& session, const std::string& name) {
  const StopOnSignal signals;
  const auto settings = session.settings();
  if (!settings) return tl::unexpected(settings.error());
  const auto source =
      std::find_if(settings->sources.begin(), settings->sources.end(), [&](const auto& s) { return s.name == name; });
  if (source == settings->sources.end())
    return fail(ErrorCode::usage, fmt::format("no source \"{}\" in {}", name, session.config_file.string()));
  if (auto allowed = may_crawl(settings->operated_by, *source); !allowed) return tl::unexpected(allowed.error());
  config::SourceSpec trial = *source;
  trial.max_pages = 3;
  bool well = true;
  const auto handler = [&](const config::SourceSpec& spec, const Document& document) -> Result<crawler::PageOutcome> {
    parsers::ParsedPage page = read_page(spec, document);
    show(session, page);
    well = well && page.state == parsers::ReadState::ok;
    crawler::PageOutcome outcome;
    if (page.posts.empty() && !page.links.empty()) outcome.follow = {page.links.front()};
    return outcome;
  };
  const auto report = try_source(session, *settings, trial, handler, signals.token());
  if (!report) return tl::unexpected(report.error());
  *session.out << summary(*report) << '\n';
  return well && report->failed == 0 && report->refused == 0 && report->pages > 0 ? kDone : kSomethingFailed;
}

}  // namespace

void add_sources(CLI::App& root, Session& session) {
  CLI::App* command = root.add_subcommand("sources", "How the sources are doing; try one");
  command->require_subcommand(1);
  auto format = std::make_shared<Format>(Format::automatic);
  CLI::App* list_command = command->add_subcommand("list", "Health, yield, next run and trouble of each source");
  add_format_option(*list_command, *format);
  list_command->footer("Example:\n  handlewatch sources list");
  list_command->callback(
      [&session, format] { session.action = [&session, format] { return list(session, *format); }; });
  auto name = std::make_shared<std::string>();
  CLI::App* check_command =
      command->add_subcommand("check", "Reads a few pages of one source and shows what it finds; stores nothing");
  check_command->add_option("SOURCE", *name, "Its name in the configuration")->required();
  check_command->footer("Example:\n  handlewatch sources check garden");
  check_command->callback([&session, name] { session.action = [&session, name] { return check(session, *name); }; });
}

}  // namespace hw::app
