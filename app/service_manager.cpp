#include "app/service_manager.h"

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/text.h"

namespace hw::app {
namespace {

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::int64_t number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? value : 0;
}

Duration watchdog_of_environment() {
  const std::string_view pid = environment("WATCHDOG_PID");
  if (!pid.empty() && number(pid) != ::getpid()) return Duration{0};
  return std::chrono::duration_cast<Duration>(std::chrono::microseconds(number(environment("WATCHDOG_USEC"))));
}

}  // namespace

ServiceManager ServiceManager::from_environment() {
  return {std::string(environment("NOTIFY_SOCKET")), watchdog_of_environment()};
}

// sd_notify(3) wants the time with it, so that the manager tells this reload from the one before.
void ServiceManager::reloading() const {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  send(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000));
}

void ServiceManager::status(std::string_view words) const { send("STATUS=" + escape_for_terminal(words)); }

std::optional<Duration> ServiceManager::pulse() const {
  if (watchdog_ <= Duration{0}) return std::nullopt;
  return watchdog_ / 2;
}

void ServiceManager::alive(Time now) {
  if (!pulse()) return;
  // A clock that was set back must not keep the watchdog waiting.
  if (told_ && now >= *told_ && now - *told_ < *pulse() / 2) return;
  told_ = now;
  send("WATCHDOG=1");
}

void ServiceManager::send(std::string_view message) const {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_.empty() || socket_.size() >= sizeof address.sun_path) return;
  if (socket_.front() != '/' && socket_.front() != '@') return;
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  if (socket_.front() == '@') address.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  const int descriptor = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return;
  // What cannot be told is not worth failing for.
  static_cast<void>(::sendto(descriptor, message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                             reinterpret_cast<const sockaddr*>(&address), size));
  ::close(descriptor);
}

}  // namespace hw::app
