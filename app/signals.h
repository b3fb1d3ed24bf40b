// SIGINT and SIGTERM as a stop token: the first asks for an orderly end, the second ends the process at once.
#pragma once

#include <stop_token>
#include <thread>

namespace hw::app {

// Make one early, in main's thread and before any other thread: it blocks the signals for all that come after.
class StopOnSignal {
 public:
  StopOnSignal();
  ~StopOnSignal();
  StopOnSignal(const StopOnSignal&) = delete;
  StopOnSignal& operator=(const StopOnSignal&) = delete;

  std::stop_token token() const { return stop_.get_token(); }

 private:
  std::stop_source stop_;
  std::jthread watcher_;
};

// Waits until `at_most` has passed or a stop is asked for; true: asked to stop.
bool wait_or_stop(std::stop_token stop, std::chrono::milliseconds at_most);

}  // namespace hw::app
