// Telling systemd how the daemon is, by the protocol of sd_notify(3): a datagram of KEY=VALUE lines to the socket that
// $NOTIFY_SOCKET names. Nothing happens where there is none.
//
// Written out here (it is one datagram), because libsystemd would bring four compression and crypto libraries into a
// process that reads hostile input.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/time.h"

namespace hw::app {

class ServiceManager {
 public:
  // Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID of the environment.
  static ServiceManager from_environment();
  // `socket` is a path, or "@name" in the abstract namespace; empty: nobody listens. No watchdog: zero.
  ServiceManager(std::string socket, Duration watchdog) : socket_(std::move(socket)), watchdog_(watchdog) {}

  void ready() const { send("READY=1"); }
  void reloading() const;
  void stopping() const { send("STOPPING=1"); }
  void status(std::string_view words) const;  // one line for `systemctl status`
  // The main loop is alive. Tells the watchdog so, about four times within its time.
  void alive(Time now);

  // How often alive() should be called at least; nothing without a watchdog.
  std::optional<Duration> pulse() const;

 private:
  void send(std::string_view message) const;

  std::string socket_;
  Duration watchdog_;
  std::optional<Time> told_;
};

}  // namespace hw::app
