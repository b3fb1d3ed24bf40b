// /metrics and /healthz of the daemon, on loopback: what the main loop last published, answered by a thread of its own.
//
// Sources are named by their names in the configuration; nothing that is held is counted, and no handle, account or
// address appears.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "common/error.h"
#include "common/time.h"
#include "crawler/crawler.h"
#include "crawler/frontier.h"

namespace hw::app {

// What the daemon knows of itself. Totals of sources are kept in the frontier and go on over restarts; those of the
// process begin at zero.
struct DaemonNumbers {
  Time started{};
  crawler::RunReport totals;  // of this process, the run that is going on included
  std::vector<crawler::SourceHealth> sources;
  std::size_t troubles = 0;  // open ones
  std::uint64_t free_bytes = 0;
  std::string version;
};

std::string metrics_text(const DaemonNumbers& numbers);

// a + b, count by count.
crawler::RunReport sum(crawler::RunReport a, const crawler::RunReport& b);

class MetricsPage {
 public:
  // Fails (configuration) when the port is taken.
  static Result<std::unique_ptr<MetricsPage>> open(std::uint16_t port);
  ~MetricsPage();

  void publish(std::string metrics);
  // The main loop is alive, and `trouble` is what keeps it from working (empty: nothing). /healthz says 503 with the
  // trouble, and when the loop was not alive for two minutes.
  void alive();
  void set_trouble(std::string trouble);
  std::uint16_t port() const;

 private:
  struct Impl;
  explicit MetricsPage(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace hw::app
