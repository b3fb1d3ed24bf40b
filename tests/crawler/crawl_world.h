// One source on one fake host, with a frontier that can be closed and opened again: what most tests of the crawl need.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "crawler/crawler.h"
#include "tests/crawler/fake_site.h"

namespace hw::test {

inline const std::string kHome = "http://forum.test/";

inline Request thread(int number, std::string stamp = "s1") {
  return {kHome + "t" + std::to_string(number), PageRole::thread, std::move(stamp)};
}

struct CrawlWorld {
  TemporaryFolder folder;
  FakeClock clock;
  FakeSite site{clock};
  config::SourceSpec source = source_at(kHome);
  std::optional<crawler::Frontier> frontier;
  std::vector<std::string> handed;
  std::vector<crawler::Event> events;
  crawler::CrawlerOptions options;
  std::stop_source stop;
  crawler::PageHandler handler = [this](const config::SourceSpec&,
                                        const Document& document) -> Result<crawler::PageOutcome> {
    handed.push_back(document.url);
    return read_lines(document);
  };

  CrawlWorld() {
    options.jitter = [] { return 0.0; };
    open();
  }
  void open() {
    frontier.reset();
    auto opened = crawler::Frontier::open(folder / "frontier.db", clock);
    REQUIRE_OK(opened);
    frontier.emplace(std::move(*opened));
  }
  void page(const std::string& path, const std::string& body) { site.pages[kHome + path].body = body; }
  Result<crawler::RunReport> try_run() {
    crawler::Crawler crawl(*frontier, site, clock, options);
    return crawl.run(
        {{&source, {{source.url, PageRole::entry, ""}}}}, handler,
        [this](const crawler::Event& event) { events.push_back(event); }, stop.get_token());
  }
  crawler::RunReport run() {
    auto report = try_run();
    REQUIRE_OK(report);
    return *report;
  }
  crawler::SourceHealth health() {
    auto all = frontier->health();
    REQUIRE_OK(all);
    return all->front();
  }
};

}  // namespace hw::test
