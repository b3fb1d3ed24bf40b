#include <algorithm>
#include <map>
#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/commands.h"
#include "app/crawl_run.h"
#include "app/due.h"
#include "app/listing.h"
#include "app/pipeline.h"
#include "app/progress.h"
#include "app/session.h"
#include "app/signals.h"
#include "app/source_access.h"
#include "app/stream_reader.h"
#include "app/stream_sample.h"
#include "common/text.h"
#include "common/url.h"

namespace hw::app {
namespace {

constexpr std::size_t kShownPosts = 3;
constexpr std::size_t kWidestWords = 100;

Cell ago(std::optional<Time> time, Time now) {
  if (!time) return std::monostate{};
  return to_rfc3339(*time) + (*time <= now ? fmt::format(" ({} ago)", to_words(now - *time)) : "");
}

Cell until(std::optional<Time> time, Time now) {
  if (!time) return std::monostate{};
  return *time <= now ? std::string("now") : "in " + to_words(*time - now);
}

std::string state_of(const crawler::SourceHealth& health, int broken_after) {
  if (health.paused) return "paused";
  if (!health.last_run) return "never read";
  if (health.trouble.empty()) return "well";
  return health.bad_runs >= broken_after ? "broken" : "trouble";
}

// "12 min (3 failures)": how long its host holds it off; robots.txt and the delay between two requests are no backoff.
Result<Cell> backoff(const crawler::Frontier& frontier, const config::SourceSpec& source, Time now) {
  const auto url = parse_url(source.url);
  const auto host = frontier.host(url ? url->host : "");
  if (!host) return tl::unexpected(host.error());
  if (!crawler::blocked(*host, now)) return Cell(std::monostate{});
  const std::string why =
      host->overloaded ? "the host is overloaded or asked for it"
                       : fmt::format("{} {} in a row", host->failures, host->failures == 1 ? "failure" : "failures");
  return Cell(fmt::format("{}: {}", to_words(host->blocked_until - now), why));
}

// New posts for each page that was read.
Cell yield_of(const crawler::SourceHealth& health) {
  if (health.pages == 0) return std::monostate{};
  return static_cast<double>(health.new_posts) / static_cast<double>(health.pages);
}

Result<crawler::Frontier> open_frontier(const Session& session) {
  if (!std::filesystem::exists(session.data))
    return fail(ErrorCode::not_found,
                fmt::format("no data folder {}; make one with handlewatch init", session.data.string()));
  return crawler::Frontier::open(session.frontier_file(), *session.clock);
}

Result<std::map<std::string, crawler::SourceHealth>> health_by_name(const crawler::Frontier& frontier) {
  const auto health = frontier.health();
  if (!health) return tl::unexpected(health.error());
  std::map<std::string, crawler::SourceHealth> by_name;
  for (const crawler::SourceHealth& entry : *health) by_name[entry.source] = entry;
  return by_name;
}

Result<int> list(Session& session, Format format) {
  const auto settings = session.settings();
  if (!settings) return tl::unexpected(settings.error());
  const auto frontier = open_frontier(session);
  if (!frontier) return tl::unexpected(frontier.error());
  auto by_name = health_by_name(*frontier);
  if (!by_name) return tl::unexpected(by_name.error());
  const Time now = session.clock->now();
  Listing listing({"source", "kind", "state", "last_success", "next", "backoff", "pages", "posts", "new_posts", "yield",
                   "queued", "errors", "proxy", "trouble"},
                  format, *session.out);
  for (const config::SourceSpec& source : settings->sources) {
    const crawler::SourceHealth& entry = (*by_name)[source.name];
    const auto held = backoff(*frontier, source, now);
    if (!held) return tl::unexpected(held.error());
    const auto due = due_at(source, frontier->standing(source.name), now);
    listing.add({source.name, source.kind, state_of(entry, settings->alerts.broken_after), ago(entry.last_success, now),
                 until(due, now), *held, static_cast<std::int64_t>(entry.pages), static_cast<std::int64_t>(entry.posts),
                 static_cast<std::int64_t>(entry.new_posts), yield_of(entry), static_cast<std::int64_t>(entry.queued),
                 static_cast<std::int64_t>(entry.errors),
                 source.proxy.empty() ? Cell(std::monostate{}) : Cell(source.proxy), entry.trouble});
  }
  if (settings->sources.empty()) complain(session, fmt::format("no sources in {}", session.config_file.string()));
  return kDone;
}

Result<const config::SourceSpec*> find_source(const Session& session, const config::Settings& settings,
                                              const std::string& name) {
  std::vector<std::string_view> known;
  for (const config::SourceSpec& source : settings.sources) {
    if (source.name == name) return &source;
    known.push_back(source.name);
  }
  const std::string_view near = nearest(name, known);
  return fail(ErrorCode::usage, near.empty() ? fmt::format("no source \"{}\" in {}", name, session.config_file.string())
                                             : fmt::format("no source \"{}\", did you mean \"{}\"?", name, near));
}

// A crawl or daemon that is running sees it before its next page of the source.
Result<int> set_paused(Session& session, const std::vector<std::string>& names, bool paused) {
  const auto settings = session.settings();
  if (!settings) return tl::unexpected(settings.error());
  for (const std::string& name : names)
    if (const auto source = find_source(session, *settings, name); !source) return tl::unexpected(source.error());
  auto frontier = open_frontier(session);
  if (!frontier) return tl::unexpected(frontier.error());
  for (const std::string& name : names) {
    if (auto done = paused ? frontier->pause(name) : frontier->resume(name); !done) return tl::unexpected(done.error());
    *session.out << (paused ? fmt::format("{} is paused until: handlewatch sources resume {}\n", name, name)
                            : fmt::format("{} is read on its schedule again\n", name));
  }
  return kDone;
}

// The adapter that reads it; what is read under `auto` says itself what it is.
std::string kind_of(const config::SourceSpec& source, const Document& document) {
  if (source.kind != "auto") return source.kind;
  const parsers::Parser* parser = parsers::recognise(document);
  return parser == nullptr ? "auto" : std::string(parser->name);
}

std::string counted(std::size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

// Its text, else its title, lines run together.
std::string in_one_line(const Post& post) {
  std::string out;
  for (const char c : post.text.empty() ? post.title : post.text) {
    const bool space = c == '\n' || c == '\t' || c == ' ';
    if (!space || (!out.empty() && out.back() != ' ')) out += space ? ' ' : c;
  }
  return out;
}

void show(Session& session, const std::string& kind, const parsers::ParsedPage& page) {
  *session.out << fmt::format(
      "read as {}: {}, {}, {}{}\n", kind, counted(page.posts.size(), "post"),
      counted(page.links.size() + (page.next ? 1 : 0), "link"), to_string(page.state),
      page.confidence < 1 && !page.posts.empty() ? fmt::format(", confidence {:.1f}", page.confidence) : "");
  for (const std::string& warning : page.warnings)
    *session.out << "  warning: " << escape_for_terminal(warning) << '\n';
  for (std::size_t i = 0; i < std::min(kShownPosts, page.posts.size()); ++i) {
    const Post& post = page.posts[i];
    const std::string when = post.created_at ? to_rfc3339(*post.created_at) : "no time";
    const std::string words = post.state == PostState::deleted ? "(deleted)" : in_one_line(post);
    *session.out << escape_for_terminal(fmt::format("  {} · {} · {}", when,
                                                    post.author.empty() ? "no author" : post.author,
                                                    shortened(words, kWidestWords)))
                 << '\n';
  }
}

Result<int> check_stream(Session& session, const config::Settings& settings, const config::SourceSpec& source,
                         const std::stop_token& stop) {
  const auto sample = sample_stream(session, settings, source, stop);
  if (!sample) return tl::unexpected(sample.error());
  const parsers::ParsedPage page = read_page(source, *sample);
  show(session, source.kind, page);
  if (sample->body.empty()) *session.out << "  nothing came while it was listened to\n";
  return page.state == parsers::ReadState::ok && !page.posts.empty() ? kDone : kSomethingFailed;
}

// One source, once, its first pages until one holds posts; nothing is stored.
Result<int> check(Session& session, const std::string& name) {
  const StopOnSignal signals;
  const auto settings = session.settings();
  if (!settings) return tl::unexpected(settings.error());
  const auto found = find_source(session, *settings, name);
  if (!found) return tl::unexpected(found.error());
  if (auto allowed = may_crawl(settings->operated_by, **found); !allowed) return tl::unexpected(allowed.error());
  if (is_stream(**found)) return check_stream(session, *settings, **found, signals.token());
  if (!(*found)->proxy.empty()) *session.out << proxy_words(**found) << '\n';
  config::SourceSpec trial = **found;
  trial.max_pages = 3;
  bool well = true;
  const auto handler = [&](const config::SourceSpec& spec, const Document& document) -> Result<crawler::PageOutcome> {
    parsers::ParsedPage page = read_page(spec, document);
    show(session, kind_of(spec, document), page);
    well = well && page.state == parsers::ReadState::ok;
    crawler::PageOutcome outcome;
    if (page.posts.empty() && !page.links.empty()) outcome.follow = {page.links.front()};
    return outcome;
  };
  const auto observer = [&](const crawler::Event& event) {
    if (event.kind == crawler::EventKind::refused || event.kind == crawler::EventKind::failed)
      *session.out << "no page: " << escape_for_terminal(event.what) << '\n';
  };
  const auto report = try_source(session, *settings, trial, handler, observer, signals.token());
  if (!report) return tl::unexpected(report.error());
  *session.out << fmt::format("{}, {} read; nothing was stored\n", counted(report->requests, "request"),
                              counted(report->pages, "page"));
  return well && report->failed == 0 && report->refused == 0 && report->pages > 0 ? kDone : kSomethingFailed;
}

void add_pause(CLI::App& parent, Session& session, bool paused) {
  const auto names = std::make_shared<std::vector<std::string>>();
  CLI::App* command =
      parent.add_subcommand(paused ? "pause" : "resume", paused ? "Does not read these sources until they are resumed"
                                                                : "Reads these sources on their schedules again");
  command->add_option("SOURCE", *names, "Names in the configuration")->required();
  command->footer(
      paused ? "Example:\n  handlewatch sources pause garden\nIt is kept over restarts. A daemon that is running "
               "obeys before its next page; what is queued stays queued."
             : "Example:\n  handlewatch sources resume garden\nA daemon that is running takes it up within a "
               "minute.");
  command->callback([&session, names, paused] {
    session.action = [&session, names, paused] { return set_paused(session, *names, paused); };
  });
}

}  // namespace

void add_sources(CLI::App& root, Session& session) {
  CLI::App* command = root.add_subcommand("sources", "How the sources are doing; try one; pause and resume");
  command->require_subcommand(1);
  auto format = std::make_shared<Format>(Format::automatic);
  CLI::App* list_command = command->add_subcommand("list", "Health, yield, next run and trouble of each source");
  add_format_option(*list_command, *format);
  list_command->footer(
      "Examples:\n  handlewatch sources list\n  handlewatch sources list --format csv > sources.csv\nState: well, "
      "trouble "
      "(the last run), broken (several runs in a row), paused, never read. Yield: new posts for each page that was "
      "read.\nBackoff: how long the source's host holds it off, and why.");
  list_command->callback(
      [&session, format] { session.action = [&session, format] { return list(session, *format); }; });
  add_pause(*command, session, true);
  add_pause(*command, session, false);
  auto name = std::make_shared<std::string>();
  CLI::App* check_command =
      command->add_subcommand("check", "Reads a few pages of one source and shows what it finds; stores nothing");
  check_command->add_option("SOURCE", *name, "Its name in the configuration")->required();
  check_command->footer("Example:\n  handlewatch sources check garden");
  check_command->callback([&session, name] { session.action = [&session, name] { return check(session, *name); }; });
}

}  // namespace hw::app
