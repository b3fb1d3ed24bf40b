// A WebSocket server's side as bytes, well-formed or not.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "crawler/web_socket_handshake.h"

namespace hw::test {

// The answer to a client's request, with further headers.
inline std::string opened(const std::string& head, const std::string& headers = "") {
  constexpr std::string_view kKey = "Sec-WebSocket-Key: ";
  const std::size_t at = head.find(kKey);
  if (at == std::string::npos) return "HTTP/1.1 400 Bad Request\r\n\r\n";
  const std::string key = head.substr(at + kKey.size(), 24);
  return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
         crawler::web_socket_accept(key) + "\r\n" + headers + "\r\n";
}

// RFC 6455 §5.2, unmasked as servers send: opcode 1 is text, 2 bytes, 0 goes on, 8 closes, 9 pings. `first` holds the
// final bit (0x80) and the reserved ones.
inline std::string frame(std::string_view payload, int opcode = 1, int first = 0x80) {
  std::string out(1, static_cast<char>(first | opcode));
  const std::size_t size = payload.size();
  if (size < 126) {
    out += static_cast<char>(size);
  } else if (size < 65536) {
    out += {'\x7E', static_cast<char>(size >> 8U), static_cast<char>(size)};
  } else {
    out += '\x7F';
    for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(static_cast<std::uint64_t>(size) >> shift);
  }
  return out.append(payload);
}

inline std::string close_frame(int code) {
  return frame(std::string{static_cast<char>(code >> 8), static_cast<char>(code)}, 8);
}

}  // namespace hw::test
