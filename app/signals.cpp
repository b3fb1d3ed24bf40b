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

sigset_t watched(OnHangup hangup) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  if (hangup == OnHangup::begins_anew) sigaddset(&set, SIGHUP);
  return set;
}

// nohup and its like leave it so.
bool outlives_terminal() {
  struct sigaction action{};
  sigaction(SIGHUP, nullptr, &action);
  return action.sa_handler == SIG_IGN;
}

// A person asks for a new beginning by kill; the kernel says that the terminal is gone, and nobody is there to end it.
bool lost_terminal(const siginfo_t& signal) { return signal.si_signo == SIGHUP && signal.si_code == SI_KERNEL; }

}  // namespace

StopOnSignal::StopOnSignal(OnHangup hangup) : hangup_(hangup), outlives_terminal_(outlives_terminal()) {
  const sigset_t set = watched(hangup_);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  watcher_ = std::jthread([this](const std::stop_token& ended) { watch(ended); });
}

StopOnSignal::~StopOnSignal() {
  watcher_.request_stop();
  watcher_.join();
  const sigset_t set = watched(hangup_);
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

void StopOnSignal::watch(const std::stop_token& ended) {
  const sigset_t set = watched(hangup_);
  constexpr timespec kTurn{0, 200'000'000};
  while (!ended.stop_requested()) {
    siginfo_t signal{};
    if (sigtimedwait(&set, &signal, &kTurn) < 0 || (lost_terminal(signal) && outlives_terminal_)) continue;
    if (signal.si_signo != SIGHUP || lost_terminal(signal)) {
      if (stop_.stop_requested()) ::_exit(kInterrupted);
      stop_.request_stop();
    }
    end_round();
  }
}

void StopOnSignal::end_round() {
  const std::lock_guard lock(mutex_);
  round_.request_stop();
}

std::stop_token StopOnSignal::begin_round() {
  const std::lock_guard lock(mutex_);
  round_ = std::stop_source();
  if (stop_.stop_requested()) round_.request_stop();
  return round_.get_token();
}

bool wait_or_stop(const std::stop_token& stop, std::chrono::milliseconds at_most) {
  std::mutex mutex;
  std::condition_variable_any condition;
  std::unique_lock lock(mutex);
  condition.wait_for(lock, stop, at_most, [] { return false; });
  return stop.stop_requested();
}

}  // namespace hw::app
