#include "app/crawl_run.h"

#include <algorithm>
#include <thread>

#include <fmt/format.h>

#include "app/due.h"
#include "app/source_access.h"
#include "app/stream_reader.h"
#include "app/version.h"
#include "common/url.h"

namespace hw::app {
namespace {

constexpr unsigned kMostReaders = 8;
constexpr std::size_t kMegabyte = std::size_t{1} << 20;

crawler::CrawlerOptions crawler_options(const config::Settings& settings) {
  crawler::CrawlerOptions options;
  options.rules = fetch_rules(settings);
  options.concurrency = static_cast<std::size_t>(settings.crawl.hosts_at_once);
  options.requests_a_day = settings.crawl.requests_per_host;
  options.most_bytes_in_hand = std::uint64_t{kMegabyte} * static_cast<std::uint64_t>(settings.crawl.waiting_mb);
  options.readers = std::clamp(std::thread::hardware_concurrency(), 2U, kMostReaders + 1) - 1;
  return options;
}

}  // namespace

std::string user_agent(const config::Operator& operated_by) {
  if (operated_by.contact.empty()) return fmt::format("handlewatch/{}", kVersion);
  return fmt::format("handlewatch/{} (+{})", kVersion, operated_by.contact);
}

crawler::FetchRules fetch_rules(const config::Settings& settings) {
  crawler::FetchRules rules;
  rules.user_agent = user_agent(settings.operated_by);
  rules.network_allow = settings.network_allow;
  rules.max_body_bytes = std::uint64_t{kMegabyte} * static_cast<std::uint64_t>(settings.crawl.page_mb);
  return rules;
}

Status may_crawl(const config::Operator& operated_by, const config::SourceSpec& source) {
  if (const auto access = access_of(source); !access) return tl::unexpected(access.error());
  const auto url = parse_url(source.url);
  if (url && config::is_loopback(url->host)) return {};
  const auto shortcomings = operated_by.shortcomings();
  if (shortcomings.empty()) return {};
  return fail(
      ErrorCode::configuration,
      fmt::format("source {} lies beyond this machine, and {}: fill in who crawls and why they may (operator: in "
                  "handlewatch.yaml)",
                  source.name, fmt::join(shortcomings, ", ")));
}

Result<crawler::RunReport> try_source(const Session& session, const config::Settings& settings,
                                      const config::SourceSpec& source, const crawler::PageHandler& handler,
                                      const crawler::Observer& observer, std::stop_token stop) {
  auto frontier = crawler::Frontier::open(":memory:", *session.clock);
  if (!frontier) return tl::unexpected(frontier.error());
  crawler::CrawlerOptions options = crawler_options(settings);
  auto fetcher = crawler::make_curl_fetcher(options.rules);
  if (!fetcher) return tl::unexpected(fetcher.error());
  crawler::Crawler crawler(*frontier, **fetcher, *session.clock, std::move(options));
  auto access = access_of(source);
  if (!access) return tl::unexpected(access.error());
  return crawler.run({{&source, plan_entry(source, {}), std::move(access->access), std::move(access->secrets),
                       crawler::AtHours::any, std::move(access->proxy)}},
                     handler, observer, std::move(stop));
}

Result<std::unique_ptr<CrawlRun>> CrawlRun::open(const Session& session, const config::Settings& settings,
                                                 std::function<void()> pulse) {
  auto classifier = session.classifier(settings);
  if (!classifier) return tl::unexpected(classifier.error());
  auto store = session.store(settings);
  if (!store) return tl::unexpected(store.error());
  auto lock = FolderLock::take(session.data);
  if (!lock) return tl::unexpected(lock.error());
  crawler::FrontierOptions memory;
  memory.known_bytes = kMegabyte * static_cast<std::size_t>(settings.crawl.known_mb);
  auto frontier = crawler::Frontier::open(session.frontier_file(), *session.clock, memory);
  if (!frontier) return tl::unexpected(frontier.error());
  crawler::CrawlerOptions options = crawler_options(settings);
  options.pulse = std::move(pulse);
  auto fetcher = crawler::make_curl_fetcher(options.rules);
  if (!fetcher) return tl::unexpected(fetcher.error());
  return std::unique_ptr<CrawlRun>(new CrawlRun(session, settings, std::move(*lock), std::move(*store),
                                                std::move(*classifier), std::move(*frontier),
                                                crawler::on_its_own_thread(std::move(*fetcher)), std::move(options)));
}

CrawlRun::CrawlRun(const Session& session, const config::Settings& settings, FolderLock lock,
                   std::unique_ptr<db::Store> store, classifier::Classifier classifier, crawler::Frontier frontier,
                   std::unique_ptr<crawler::Fetcher> fetcher, crawler::CrawlerOptions options)
    : session_(session),
      settings_(settings),
      lock_(std::move(lock)),
      store_(std::move(store)),
      classifier_(std::move(classifier)),
      frontier_(std::move(frontier)),
      fetcher_(std::move(fetcher)),
      pipeline_(classifier_, *store_, *session.clock, capture_context(settings, *store_)),
      crawler_(frontier_, *fetcher_, *session.clock, std::move(options)) {}

std::vector<const config::SourceSpec*> CrawlRun::due() const {
  std::vector<const config::SourceSpec*> out;
  const Time now = session_.clock->now();
  for (const config::SourceSpec& source : settings_.sources)
    if (!is_stream(source)) {
      const auto due = due_at(source, frontier_.standing(source.name), now);
      if (due && *due <= now) out.push_back(&source);
    }
  return out;
}

std::optional<Time> CrawlRun::next_due() const {
  std::optional<Time> next;
  for (const config::SourceSpec& source : settings_.sources) {
    if (is_stream(source)) continue;
    const auto due = due_at(source, frontier_.standing(source.name), session_.clock->now());
    if (due && (!next || *due < *next)) next = due;
  }
  return next;
}

Result<crawler::RunReport> CrawlRun::run(const std::vector<const config::SourceSpec*>& sources,
                                         const crawler::Observer& observer, std::stop_token stop,
                                         crawler::AtHours at_hours) {
  std::vector<crawler::SourceRun> runs;
  for (const config::SourceSpec* source : sources) {
    if (auto allowed = may_crawl(settings_.operated_by, *source); !allowed) return tl::unexpected(allowed.error());
    auto access = access_of(*source);
    if (!access) return tl::unexpected(access.error());
    runs.push_back({source, plan_entry(*source, frontier_.cursor(source->name)), std::move(access->access),
                    std::move(access->secrets), at_hours, std::move(access->proxy)});
  }
  return crawler_.run(runs, pipeline_, observer, std::move(stop));
}

}  // namespace hw::app
