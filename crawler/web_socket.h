// A WebSocket that is only listened to (RFC 6455): libcurl connects, so that the address guard, TLS verification, the
// timeout and the user agent hold as for every fetch; wslay reads the frames.
//
// Nothing is said but what the protocol demands. Messages wait in a queue that is bounded in number and bytes: while it
// is full nothing is read, and the server has to wait. A message larger than the limit, text that is no UTF-8, a
// message that takes too long to arrive and silence end the connection with an error that says so. One thread.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "common/error.h"
#include "common/time.h"
#include "common/url.h"
#include "crawler/fetcher.h"

namespace hw::crawler {

struct WebSocketLimits {
  std::size_t most_message_bytes = std::size_t{1} << 20;
  std::size_t most_waiting = 1000;  // messages
  std::size_t most_waiting_bytes = std::size_t{4} << 20;
  Duration longest_message{std::chrono::seconds(30)};  // from its first byte to its last
  Duration silence{std::chrono::seconds(90)};          // after which the connection is dead; asked (ping) at a third
};

class WebSocket {
 public:
  virtual ~WebSocket() = default;
  // The next message; nothing when none came within `at_most`. Fails (network) once the connection has ended and what
  // it brought is handed out. Binary messages are passed over.
  virtual Result<std::optional<std::string>> next(Duration at_most) = 0;
  // Says goodbye; the server has a second to answer.
  virtual void close() = 0;
};

// `url` is http or https, for ws and wss. Of `rules` the user agent, the ranges and the connect timeout count. Fails
// with network, refused (the address guard), cancelled (told to stop) or configuration (a range that cannot be read).
Result<std::unique_ptr<WebSocket>> open_web_socket(const FetchRules& rules, const Url& url,
                                                   const WebSocketLimits& limits, const std::stop_token& stop);

}  // namespace hw::crawler
