#include "crawler/web_socket.h"

#include <algorithm>
#include <deque>
#include <utility>

#include <curl/curl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wslay/wslay.h>

#include "crawler/guard.h"
#include "crawler/web_socket_handshake.h"

namespace hw::crawler {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kMostHeadBytes = std::size_t{16} << 10;
constexpr std::size_t kMostOutgoing = std::size_t{64} << 10;
constexpr Duration kGoodbye{std::chrono::seconds(1)};

std::string_view words_for(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return "its name cannot be resolved; check the url and the machine's DNS";
    case CURLE_OPERATION_TIMEDOUT:
      return "too slow or silent";
    case CURLE_PEER_FAILED_VERIFICATION:
      return "its TLS certificate cannot be verified";
    case CURLE_SSL_CONNECT_ERROR:
      return "no TLS connection can be agreed";
    default:
      return "no connection; the server is down or a firewall is between";
  }
}

// A connection that libcurl made, and what is read from and written to it: never blocking.
class Line {
 public:
  enum class Got { bytes, nothing, end };

  Line(AddressGuard guard, const FetchRules& rules, const Url& url, std::stop_token stop)
      : guard_(std::move(guard)), stop_(std::move(stop)), handle_(curl_easy_init()) {
    const auto set = [&](CURLoption option, auto value) { curl_easy_setopt(handle_.get(), option, value); };
    set(CURLOPT_URL, url.text().c_str());
    set(CURLOPT_CONNECT_ONLY, 1L);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_PROXY, "");  // an environment's proxy would hide the address from the guard
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(rules.connect_timeout.count()));
    set(CURLOPT_OPENSOCKETFUNCTION, &Line::on_socket);
    set(CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &Line::on_progress);
    set(CURLOPT_XFERINFODATA, static_cast<void*>(this));
  }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  Status connect() {
    const CURLcode code = curl_easy_perform(handle_.get());
    if (stop_.stop_requested()) return fail(ErrorCode::cancelled, "told to stop");
    if (!unreachable_.empty())
      return fail(ErrorCode::refused,
                  fmt::format("it is {}; network.allow lists what may be reached all the same", unreachable_));
    if (code != CURLE_OK) return fail(ErrorCode::network, std::string(words_for(code)));
    curl_easy_getinfo(handle_.get(), CURLINFO_ACTIVESOCKET, &socket_);
    return {};
  }

  Got receive(char* into, std::size_t room, std::size_t& length) {
    const CURLcode code = curl_easy_recv(handle_.get(), into, room, &length);
    if (code == CURLE_AGAIN) return Got::nothing;
    return code == CURLE_OK && length > 0 ? Got::bytes : Got::end;
  }

  Got send(std::string_view bytes, std::size_t& length) {
    const CURLcode code = curl_easy_send(handle_.get(), bytes.data(), bytes.size(), &length);
    if (code == CURLE_AGAIN) return Got::nothing;
    return code == CURLE_OK ? Got::bytes : Got::end;
  }

  void wait(short events, Duration at_most) const {
    pollfd one{socket_, events, 0};
    ::poll(&one, 1, static_cast<int>(std::clamp<Duration::rep>(at_most.count(), 0, 1000)));
  }

  bool told_to_stop() const { return stop_.stop_requested(); }

 private:
  struct CleanUp {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  };

  static curl_socket_t on_socket(void* self, curlsocktype, curl_sockaddr* address) {
    auto* line = static_cast<Line*>(self);
    const auto judged = address_of(&address->addr);
    line->unreachable_ = judged ? line->guard_.objection(*judged) : "an address of an unknown family";
    if (!line->unreachable_.empty()) return CURL_SOCKET_BAD;
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  }

  static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<Line*>(self)->told_to_stop() ? 1 : 0;
  }

  AddressGuard guard_;
  std::stop_token stop_;
  std::string_view unreachable_;
  std::unique_ptr<CURL, CleanUp> handle_;
  curl_socket_t socket_ = CURL_SOCKET_BAD;
};

// Sends the request and reads the answer's head; what came behind it already is the beginning of the stream.
Result<std::string> shake_hands(Line& line, const Url& url, const FetchRules& rules) {
  const std::string key = new_web_socket_key();
  const std::string request = web_socket_request(url, key, rules.user_agent);
  const auto deadline = steady_clock::now() + rules.connect_timeout;
  std::string head;
  std::size_t sent = 0;
  std::vector<char> room(4096);
  while (steady_clock::now() < deadline && head.size() < kMostHeadBytes) {
    if (line.told_to_stop()) return fail(ErrorCode::cancelled, "told to stop");
    std::size_t length = 0;
    const bool sending = sent < request.size();
    const Line::Got got = sending ? line.send(std::string_view(request).substr(sent), length)
                                  : line.receive(room.data(), room.size(), length);
    if (got == Line::Got::end) return fail(ErrorCode::network, "it closed the connection without an answer");
    if (got == Line::Got::nothing) {
      line.wait(sending ? POLLOUT : POLLIN, std::chrono::milliseconds(200));
      continue;
    }
    if (sending) {
      sent += length;
      continue;
    }
    head.append(room.data(), length);
    const std::size_t end = head.find("\r\n\r\n");
    if (end == std::string::npos) continue;
    if (auto checked = check_web_socket_answer(std::string_view(head).substr(0, end), key); !checked)
      return tl::unexpected(checked.error());
    return head.substr(end + 4);
  }
  return fail(ErrorCode::network, "too slow or silent");
}

std::string words_for_close(std::uint16_t code) {
  switch (code) {
    case WSLAY_CODE_NORMAL_CLOSURE:
    case WSLAY_CODE_GOING_AWAY:
      return "the server closed the stream";
    case WSLAY_CODE_NO_STATUS_RCVD:
    case WSLAY_CODE_ABNORMAL_CLOSURE:
      return "the stream broke off";
    default:
      return fmt::format("the server closed the stream with code {}", code);
  }
}

class Listener final : public WebSocket {
 public:
  Listener(std::unique_ptr<Line> line, std::string begun, const WebSocketLimits& limits)
      : line_(std::move(line)), begun_(std::move(begun)), limits_(limits) {
    static constexpr wslay_event_callbacks kCallbacks{
        &Listener::on_receive, &Listener::on_send, &Listener::on_mask, &Listener::on_frame_start, nullptr, nullptr,
        &Listener::on_message};
    wslay_event_context_client_init(&context_, &kCallbacks, this);
    wslay_event_config_set_max_recv_msg_length(context_, limits_.most_message_bytes);
    heard_ = asked_ = steady_clock::now();
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() override { wslay_event_context_free(context_); }

  Result<std::optional<std::string>> next(Duration at_most) override {
    const auto until = steady_clock::now() + at_most;
    for (;;) {
      work();
      if (!waiting_.empty()) return take();
      if (!trouble_.empty()) return fail(ErrorCode::network, trouble_);
      const auto left = std::chrono::ceil<Duration>(until - steady_clock::now());
      if (left <= Duration{0}) return std::optional<std::string>();
      if (began_ && steady_clock::now() - *began_ > limits_.longest_message) trouble_ = "a message arrives too slowly";
      check_silence();
      line_->wait(!outgoing_.empty() ? POLLIN | POLLOUT : POLLIN, std::min(left, Duration{200}));
    }
  }

  void close() override {
    wslay_event_queue_close(context_, WSLAY_CODE_NORMAL_CLOSURE, nullptr, 0);
    const auto until = steady_clock::now() + kGoodbye;
    while (trouble_.empty() && steady_clock::now() < until) {
      waiting_.clear();
      waiting_bytes_ = 0;
      work();
      line_->wait(POLLIN, std::chrono::milliseconds(50));
    }
  }

 private:
  static ssize_t on_receive(wslay_event_context_ptr context, std::uint8_t* into, std::size_t room, int, void* self) {
    return static_cast<Listener*>(self)->receive(context, reinterpret_cast<char*>(into), room);
  }
  static ssize_t on_send(wslay_event_context_ptr context, const std::uint8_t* bytes, std::size_t count, int,
                         void* self) {
    return static_cast<Listener*>(self)->send(context, {reinterpret_cast<const char*>(bytes), count});
  }
  static int on_mask(wslay_event_context_ptr, std::uint8_t* into, std::size_t count, void*) {
    return ::getentropy(into, count);
  }
  static void on_frame_start(wslay_event_context_ptr, const wslay_event_on_frame_recv_start_arg* frame, void* self) {
    auto* listener = static_cast<Listener*>(self);
    if (wslay_is_ctrl_frame(frame->opcode) == 0 && !listener->began_) listener->began_ = steady_clock::now();
  }
  static void on_message(wslay_event_context_ptr, const wslay_event_on_msg_recv_arg* message, void* self) {
    static_cast<Listener*>(self)->receive_message(*message);
  }

  ssize_t receive(wslay_event_context_ptr context, char* into, std::size_t room) {
    if (!begun_.empty()) {
      const std::size_t count = std::min(room, begun_.size());
      std::copy_n(begun_.begin(), count, into);
      begun_.erase(0, count);
      return static_cast<ssize_t>(count);
    }
    const bool full = waiting_.size() >= limits_.most_waiting || waiting_bytes_ >= limits_.most_waiting_bytes;
    std::size_t length = 0;
    const Line::Got got = full ? Line::Got::nothing : line_->receive(into, room, length);
    if (got == Line::Got::bytes) {
      heard_ = asked_ = steady_clock::now();
      return static_cast<ssize_t>(length);
    }
    if (got == Line::Got::end && trouble_.empty()) trouble_ = "the stream broke off";
    wslay_event_set_error(context, got == Line::Got::end ? WSLAY_ERR_CALLBACK_FAILURE : WSLAY_ERR_WOULDBLOCK);
    return -1;
  }

  // wslay sends a frame's head and its rest apart; collected, they leave together.
  ssize_t send(wslay_event_context_ptr context, std::string_view bytes) {
    if (outgoing_.size() > kMostOutgoing) {
      wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK);
      return -1;
    }
    outgoing_ += bytes;
    return static_cast<ssize_t>(bytes.size());
  }

  // False when the server is gone.
  bool flush() {
    while (!outgoing_.empty()) {
      std::size_t length = 0;
      const Line::Got got = line_->send(outgoing_, length);
      if (got != Line::Got::bytes) return got == Line::Got::nothing;
      outgoing_.erase(0, length);
    }
    return true;
  }

  void receive_message(const wslay_event_on_msg_recv_arg& message) {
    if (wslay_is_ctrl_frame(message.opcode) == 0) began_.reset();
    if (message.opcode == WSLAY_CONNECTION_CLOSE) trouble_ = words_for_close(message.status_code);
    if (message.opcode != WSLAY_TEXT_FRAME) return;
    waiting_.emplace_back(reinterpret_cast<const char*>(message.msg), message.msg_length);
    waiting_bytes_ += message.msg_length;
  }

  // Reads what is there and sends what is due. wslay answers what the protocol forbids with a close of its own.
  void work() {
    if (!trouble_.empty()) return;
    const int read = wslay_event_recv(context_);
    const int sent = wslay_event_send(context_);
    const bool flushed = flush();
    if (!trouble_.empty()) return;
    if (wslay_event_get_close_sent(context_) != 0 && wslay_event_get_close_received(context_) == 0)
      trouble_ = words_for_own_close(wslay_event_get_status_code_sent(context_));
    if (trouble_.empty() && (read != 0 || sent != 0 || !flushed)) trouble_ = "the stream broke off";
  }

  static std::string words_for_own_close(std::uint16_t code) {
    switch (code) {
      case WSLAY_CODE_NORMAL_CLOSURE:
        return {};  // close() waits for the answer
      case WSLAY_CODE_MESSAGE_TOO_BIG:
        return "a message is larger than the limit";
      case WSLAY_CODE_INVALID_FRAME_PAYLOAD_DATA:
        return "a message is no UTF-8";
      default:
        return "the server breaks the WebSocket protocol";
    }
  }

  std::optional<std::string> take() {
    std::string message = std::move(waiting_.front());
    waiting_.pop_front();
    waiting_bytes_ -= message.size();
    return message;
  }

  void check_silence() {
    const auto now = steady_clock::now();
    if (now - heard_ > limits_.silence) {
      trouble_ = "nothing was heard for too long";
    } else if (now - asked_ > limits_.silence / 3) {
      asked_ = now;
      const wslay_event_msg ping{WSLAY_PING, nullptr, 0};
      wslay_event_queue_msg(context_, &ping);
    }
  }

  std::unique_ptr<Line> line_;
  std::string begun_;
  WebSocketLimits limits_;
  wslay_event_context_ptr context_ = nullptr;
  std::deque<std::string> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::string outgoing_;
  std::string trouble_;                            // why the connection ended
  std::optional<steady_clock::time_point> began_;  // the message that is arriving
  steady_clock::time_point heard_;
  steady_clock::time_point asked_;
};

}  // namespace

Result<std::unique_ptr<WebSocket>> open_web_socket(const FetchRules& rules, const Url& url,
                                                   const WebSocketLimits& limits, const std::stop_token& stop) {
  auto guard = AddressGuard::create(rules.network_allow);
  if (!guard) return tl::unexpected(guard.error());
  auto line = std::make_unique<Line>(std::move(*guard), rules, url, stop);
  if (auto connected = line->connect(); !connected) return tl::unexpected(connected.error());
  auto begun = shake_hands(*line, url, rules);
  if (!begun) return tl::unexpected(begun.error());
  return std::make_unique<Listener>(std::move(line), std::move(*begun), limits);
}

}  // namespace hw::crawler
