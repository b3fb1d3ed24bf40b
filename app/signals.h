// SIGINT and SIGTERM as a stop token: the first asks for an orderly end, the second ends the process at once. SIGHUP,
// where it is asked for, ends a round; that of a terminal which is closed ends everything, but under nohup.
#pragma once

#include <chrono>
#include <mutex>
#include <stop_token>
#include <thread>

namespace hw::app {

enum class OnHangup { dies, begins_anew };

// Make one early, in main's thread and before any other thread: it blocks the signals for all that come after.
class StopOnSignal {
 public:
  explicit StopOnSignal(OnHangup hangup = OnHangup::dies);
  ~StopOnSignal();
  StopOnSignal(const StopOnSignal&) = delete;
  StopOnSignal& operator=(const StopOnSignal&) = delete;

  std::stop_token token() const { return stop_.get_token(); }
  // Of the round that begins now: SIGHUP stops it, and so does what stops everything.
  std::stop_token begin_round();

 private:
  void watch(const std::stop_token& ended);
  void end_round();

  OnHangup hangup_;
  bool outlives_terminal_;
  std::stop_source stop_;
  std::mutex mutex_;
  std::stop_source round_;
  std::jthread watcher_;
};

// Waits until `at_most` has passed or a stop is asked for; true: asked to stop.
bool wait_or_stop(const std::stop_token& stop, std::chrono::milliseconds at_most);

}  // namespace hw::app
