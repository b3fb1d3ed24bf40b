#include "app/signals.h"

#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <mutex>

#include <pthread.h>
#include <unistd.h>

namespace hw::app {
namespace {

constexpr int kInterrupted = 130;  // what shells expect of a process that Ctrl-C ended

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

void watch(std::stop_token ended, std::stop_source& stop) {
  const sigset_t set = stop_signals();
  constexpr timespec kTurn{0, 200'000'000};
  while (!ended.stop_requested()) {
    if (sigtimedwait(&set, nullptr, &kTurn) < 0) continue;
    if (stop.stop_requested()) ::_exit(kInterrupted);
    stop.request_stop();
  }
}

}  // namespace

StopOnSignal::StopOnSignal() {
  const sigset_t set = stop_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  watcher_ = std::jthread([this](std::stop_token ended) { watch(std::move(ended), stop_); });
}

StopOnSignal::~StopOnSignal() {
  watcher_.request_stop();
  watcher_.join();
  const sigset_t set = stop_signals();
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

bool wait_or_stop(std::stop_token stop, std::chrono::milliseconds at_most) {
  std::mutex mutex;
  std::condition_variable_any condition;
  std::unique_lock lock(mutex);
  condition.wait_for(lock, stop, at_most, [] { return false; });
  return stop.stop_requested();
}

}  // namespace hw::app
