#include "crawler/socket_loop.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include <curl/curl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace hw::crawler {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kMostEvents = 64;

int curl_flags(std::uint32_t events) {
  int flags = 0;
  if ((events & EPOLLIN) != 0) flags |= CURL_CSELECT_IN;
  if ((events & EPOLLOUT) != 0) flags |= CURL_CSELECT_OUT;
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) flags |= CURL_CSELECT_ERR;
  return flags;
}

}  // namespace

SocketLoop::SocketLoop(void* multi)
    : multi_(multi), epoll_(::epoll_create1(EPOLL_CLOEXEC)), wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  epoll_event event{EPOLLIN, {.fd = wake_}};
  ::epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &SocketLoop::on_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, static_cast<void*>(this));
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &SocketLoop::on_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, static_cast<void*>(this));
}

SocketLoop::~SocketLoop() {
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, nullptr);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, nullptr);
  ::close(wake_);
  ::close(epoll_);
}

int SocketLoop::on_socket(void*, int socket, int what, void* self, void* known) {
  static_cast<SocketLoop*>(self)->watch(socket, what, known != nullptr);
  return 0;
}

int SocketLoop::on_timer(void*, long milliseconds, void* self) {
  auto& timer = static_cast<SocketLoop*>(self)->timer_;
  timer.reset();
  if (milliseconds >= 0) timer = steady_clock::now() + std::chrono::milliseconds(milliseconds);
  return 0;
}

void SocketLoop::watch(int socket, int what, bool known) {
  if (what == CURL_POLL_REMOVE) {
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, socket, nullptr);
    return;
  }
  epoll_event event{0, {.fd = socket}};
  if ((what & CURL_POLL_IN) != 0) event.events |= EPOLLIN;
  if ((what & CURL_POLL_OUT) != 0) event.events |= EPOLLOUT;
  ::epoll_ctl(epoll_, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, &event);
  if (!known) curl_multi_assign(multi_, socket, this);
}

void SocketLoop::perform() {
  timer_.reset();
  int running = 0;
  curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
}

void SocketLoop::act_on_time() {
  if (timer_ && *timer_ <= steady_clock::now()) perform();
}

int SocketLoop::milliseconds_until(Moment until) const {
  const Moment next = timer_ ? std::min(*timer_, until) : until;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - steady_clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
}

bool SocketLoop::wait_until(Moment until) {
  std::array<epoll_event, kMostEvents> events{};
  const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), milliseconds_until(until));
  bool woken = false;
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    int running = 0;
    if (event.data.fd != wake_) {
      curl_multi_socket_action(multi_, event.data.fd, curl_flags(event.events), &running);
      continue;
    }
    std::uint64_t times = 0;
    woken = ::read(wake_, &times, sizeof times) == sizeof times;
  }
  act_on_time();
  return woken;
}

void SocketLoop::wake() {
  const std::uint64_t once = 1;
  static_cast<void>(::write(wake_, &once, sizeof once));
}

}  // namespace hw::crawler
