// Everything one crawl needs, opened together: store, classifier, frontier, fetcher. `crawl`, `daemon` and `demo` share
// it.
//
// One thread owns it; while it runs, one more fetches and some read pages. Members are declared in the order in which
// they lean on each other.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "app/folder_lock.h"
#include "app/pipeline.h"
#include "app/session.h"
#include "crawler/crawler.h"
#include "crawler/fetcher.h"
#include "crawler/frontier.h"
#include "db/store.h"

namespace hw::app {

// "handlewatch/0.1.0 (+contact)".
std::string user_agent(const config::Operator& operated_by);

// What every fetch obeys under these settings.
crawler::FetchRules fetch_rules(const config::Settings& settings);

// Refuses a source whose API asks for what is not there, and one beyond loopback until the configuration says who
// crawls, and why they may.
Status may_crawl(const config::Operator& operated_by, const config::SourceSpec& source);

// Reads a source through a frontier in memory and the caller's handler: nothing is stored, nothing remembered.
// `observer` hears how it goes.
Result<crawler::RunReport> try_source(const Session& session, const config::Settings& settings,
                                      const config::SourceSpec& source, const crawler::PageHandler& handler,
                                      const crawler::Observer& observer, std::stop_token stop);

class CrawlRun {
 public:
  // Takes the folder's lock. `settings` is borrowed. `pulse` is called at every turn of a run.
  static Result<std::unique_ptr<CrawlRun>> open(const Session& session, const config::Settings& settings,
                                                std::function<void()> pulse = {});

  // Sources that are due now and not paused, in the order of the configuration.
  std::vector<const config::SourceSpec*> due() const;
  // When the next one is; nothing where none will be.
  std::optional<Time> next_due() const;

  Result<crawler::RunReport> run(const std::vector<const config::SourceSpec*>& sources,
                                 const crawler::Observer& observer, std::stop_token stop,
                                 crawler::AtHours at_hours = crawler::AtHours::own);

  db::Store& store() { return *store_; }
  crawler::Frontier& frontier() { return frontier_; }
  const classifier::Classifier& classifier() const { return classifier_; }

 private:
  CrawlRun(const Session& session, const config::Settings& settings, FolderLock lock, std::unique_ptr<db::Store> store,
           classifier::Classifier classifier, crawler::Frontier frontier, std::unique_ptr<crawler::Fetcher> fetcher,
           crawler::CrawlerOptions options);

  const Session& session_;
  const config::Settings& settings_;
  FolderLock lock_;
  std::unique_ptr<db::Store> store_;
  classifier::Classifier classifier_;
  crawler::Frontier frontier_;
  std::unique_ptr<crawler::Fetcher> fetcher_;
  Pipeline pipeline_;
  crawler::Crawler crawler_;
};

}  // namespace hw::app
