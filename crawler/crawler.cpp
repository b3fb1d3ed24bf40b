#include "crawler/crawler.h"

#include <memory>
#include <random>

#include "crawler/crawl_run.h"

namespace hw::crawler {
namespace {

std::function<double()> random_jitter() {
  return [engine = std::mt19937(std::random_device{}())]() mutable {
    return std::uniform_real_distribution<double>(0, 1)(engine);
  };
}

}  // namespace

Crawler::Crawler(Frontier& frontier, Fetcher& fetcher, const Clock& clock, CrawlerOptions options)
    : frontier_(frontier), fetcher_(fetcher), clock_(clock), options_(std::move(options)) {
  if (!options_.jitter) options_.jitter = random_jitter();
}

Result<RunReport> Crawler::run(const CrawlerOptions& options, const std::vector<SourceRun>& sources, PageStages& stages,
                               const Observer& observer, std::stop_token stop) {
  auto guard = AddressGuard::create(options.rules.network_allow);
  if (!guard) return tl::unexpected(guard.error());
  return CrawlRun(frontier_, fetcher_, clock_, options, credentials_, std::move(*guard), stages, observer,
                  std::move(stop))
      .run(sources);
}

Result<RunReport> Crawler::run(const std::vector<SourceRun>& sources, PageStages& stages, const Observer& observer,
                               std::stop_token stop) {
  return run(options_, sources, stages, observer, std::move(stop));
}

Result<RunReport> Crawler::run(const std::vector<SourceRun>& sources, const PageHandler& handler,
                               const Observer& observer, std::stop_token stop) {
  CrawlerOptions options = options_;
  options.readers = 0;
  return run(options, sources, *stages_of(handler), observer, std::move(stop));
}

}  // namespace hw::crawler
