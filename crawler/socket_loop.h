// Waiting for libcurl's sockets and timer by epoll: what a wake-up costs does not grow with what is under way, as it
// does with poll. Used by curl_fetcher.cpp only. One thread, but for wake().
#pragma once

#include <chrono>
#include <optional>

namespace hw::crawler {

class SocketLoop {
 public:
  using Moment = std::chrono::steady_clock::time_point;

  // Attaches itself to the handle, which is borrowed and outlives it.
  explicit SocketLoop(void* multi);
  ~SocketLoop();
  SocketLoop(const SocketLoop&) = delete;
  SocketLoop& operator=(const SocketLoop&) = delete;

  // False where the system gave no descriptors: then there is nothing to wait by.
  bool usable() const { return epoll_ >= 0 && wake_ >= 0; }
  // Lets libcurl do what is due now, without sleeping.
  void perform();
  // Sleeps until a socket has something, libcurl's timer is due, or the moment has come; lets libcurl act on it. True
  // where it was woken.
  bool wait_until(Moment until);
  // From any thread: the present wait, or else the next one, returns soon.
  void wake();

 private:
  static int on_socket(void* easy, int socket, int what, void* self, void* known);
  static int on_timer(void* multi, long milliseconds, void* self);
  void watch(int socket, int what, bool known);
  void act_on_time();
  int milliseconds_until(Moment until) const;

  void* multi_;  // a CURLM
  int epoll_;
  int wake_;
  std::optional<Moment> timer_;  // when libcurl wants to be called
};

}  // namespace hw::crawler
