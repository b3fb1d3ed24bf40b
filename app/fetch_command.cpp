#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/commands.h"
#include "app/crawl_run.h"
#include "app/session.h"
#include "app/source_access.h"
#include "common/text.h"
#include "common/url.h"
#include "crawler/explain.h"

namespace hw::app {
namespace {

constexpr Duration kWorthTelling{std::chrono::seconds(2)};

struct Options {
  std::string url;
  bool body = false;
  bool headers = false;
};

void print(std::ostream& out, const crawler::ExplainedStep& step, bool headers) {
  const bool robots = step.what == crawler::ExplainedStep::What::robots;
  const auto line = [&](std::string_view label, const std::string& what) {
    if (!what.empty()) out << fmt::format("  {:<10}", label) << escape_for_terminal(what) << '\n';
  };
  out << escape_for_terminal((robots ? "robots.txt  " : "page  ") + defang(step.url)) << '\n';
  if (step.robots != step.outcome) line("robots", step.robots);
  if (step.waited >= std::chrono::seconds(1)) line("waited", to_words(step.waited));
  line("address", step.remote_address);
  if (step.status != 0)
    line("answer", fmt::format("{} {}, {} bytes received, {} decoded, {} ms", step.status, step.content_type,
                               step.received_bytes, step.decoded_bytes, step.timings.total.count()));
  line("outcome", step.outcome);
  if (headers)
    for (const Header& header : step.headers) line("", header.name + ": " + header.value);
}

// How a configured source on the same host would be asked: its delay, its proxy.
config::SourceSpec source_like(const config::Settings& settings, const std::string& url) {
  config::SourceSpec out;
  out.name = "fetch";
  out.url = url;
  const auto asked = parse_url(url);
  for (const config::SourceSpec& source : settings.sources) {
    const auto its = parse_url(source.url);
    if (!asked || !its || its->host != asked->host) continue;
    out.delay = source.delay;
    out.proxy = source.proxy;
    out.proxy_credentials = source.proxy_credentials;
    break;
  }
  return out;
}

Result<int> fetch(Session& session, const Options& options) {
  const auto settings = session.settings();
  if (!settings) return tl::unexpected(settings.error());
  const config::SourceSpec source = source_like(*settings, options.url);
  if (auto allowed = may_crawl(settings->operated_by, source); !allowed) return tl::unexpected(allowed.error());
  // With a data folder, the hosts' delays and backoffs are those of the crawler, and this request counts in them.
  std::error_code ignored;
  const bool has_folder = std::filesystem::exists(session.data, ignored);
  auto frontier = crawler::Frontier::open(has_folder ? session.frontier_file() : ":memory:", *session.clock);
  if (!frontier) return tl::unexpected(frontier.error());
  const crawler::FetchRules rules = fetch_rules(*settings);
  auto fetcher = crawler::make_curl_fetcher(rules);
  if (!fetcher) return tl::unexpected(fetcher.error());
  const auto access = access_of(source);
  if (!access) return tl::unexpected(access.error());
  const auto waits = [&](Duration wait) {
    if (wait >= kWorthTelling) *session.err << "waiting " << to_words(wait) << " for the host's turn" << std::endl;
  };
  const auto told =
      crawler::explain(options.url, *frontier, **fetcher, *session.clock, rules, source.delay, access->proxy, waits);
  if (!told) return tl::unexpected(told.error());
  std::ostream& out = options.body ? *session.err : *session.out;
  if (access->proxy.in_use()) out << proxy_words(source) << '\n';
  for (const crawler::ExplainedStep& step : told->steps) print(out, step, options.headers);
  if (options.body && told->document) *session.out << told->document->body;
  return told->document ? kDone : kSomethingFailed;
}

}  // namespace

void add_fetch(CLI::App& root, Session& session) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      root.add_subcommand("fetch", "Fetches one address under the crawler's rules and explains what happened");
  command->add_option("URL", options->url, "An http or https address")->required();
  command->add_flag("--headers", options->headers, "Show the response headers");
  command->add_flag("--body", options->body, "Write the body to standard output, the explanation to standard error");
  command->footer(
      "Examples:\n  handlewatch fetch https://forum.invalid/viewforum.php?f=3\n  handlewatch fetch --body URL | "
      "handlewatch parse --url URL\n"
      "Nothing is stored. Exit status 1: the rules, or the server, did not let it be read; the last line says which.");
  command->callback([&session, options] { session.action = [&session, options] { return fetch(session, *options); }; });
}

}  // namespace hw::app
