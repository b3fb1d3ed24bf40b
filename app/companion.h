// What the daemon runs beside the crawl, for as long as it runs: a source that is a stream and not pages.
//
// Each has a thread of its own and opens what it needs for itself (any number of stores may have the folder open). It
// ends soon after its token asks for that: at the end, and when the configuration is read anew. What it reports as an
// Error is said once, and it is begun again after a pause that grows.
#pragma once

#include <memory>
#include <span>
#include <stop_token>
#include <string_view>
#include <thread>
#include <vector>

#include "common/error.h"
#include "config/settings.h"

namespace hw::app {

struct Session;

struct Companion {
  std::string_view name;  // for the log
  bool (*wanted)(const config::Settings&);
  Status (*serve)(const Session&, const config::Settings&, const std::stop_token&);
};

// Every one built in: a new one is a word in the list in companion.cpp.
std::span<const Companion> all_companions();

// Starts those that the settings want; the end of the scope asks them to stop and waits. Both are borrowed.
class Companions {
 public:
  Companions(const Session& session, const config::Settings& settings,
             std::span<const Companion> companions = all_companions());
  std::size_t count() const { return threads_.size(); }

 private:
  std::vector<std::jthread> threads_;
};

}  // namespace hw::app
