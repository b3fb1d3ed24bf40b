#include "crawler/web_socket_handshake.h"

#include <array>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/random.h>

#include "common/text.h"

namespace hw::crawler {
namespace {

std::string base64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(length));
  return out;
}

// The value of the first header of that name.
std::string_view header(std::string_view head, std::string_view name) {
  for (const std::string_view line : split(head, '\n')) {
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos && equals_ignoring_case(trim(line.substr(0, colon)), name))
      return trim(line.substr(colon + 1));
  }
  return {};
}

bool lists(std::string_view values, std::string_view wanted) {
  for (const std::string_view value : split(values, ','))
    if (equals_ignoring_case(trim(value), wanted)) return true;
  return false;
}

tl::unexpected<Error> refused(std::string why) { return fail(ErrorCode::network, std::move(why)); }

}  // namespace

std::string new_web_socket_key() {
  std::array<char, 16> bytes{};
  if (::getentropy(bytes.data(), bytes.size()) != 0) std::abort();  // a kernel without randomness
  return base64({bytes.data(), bytes.size()});
}

std::string web_socket_accept(std::string_view key) {
  const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha1(), nullptr);
  return base64({reinterpret_cast<const char*>(digest.data()), length});
}

std::string web_socket_request(const Url& url, std::string_view key, std::string_view user_agent) {
  return fmt::format(
      "GET {}{}{} HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {}\r\n"
      "Sec-WebSocket-Version: 13\r\nUser-Agent: {}\r\n\r\n",
      url.path, url.query.empty() ? "" : "?", url.query, url.authority(), key, user_agent);
}

Status check_web_socket_answer(std::string_view head, std::string_view key) {
  const std::string_view line = trim(split(head, '\n').front());
  if (!line.starts_with("HTTP/1.1 ")) return refused("its answer is no HTTP");
  const std::string_view status = line.substr(9, 3);
  if (status != "101") return refused(fmt::format("it answered {} instead of opening the stream", status));
  if (!equals_ignoring_case(header(head, "Upgrade"), "websocket") || !lists(header(head, "Connection"), "Upgrade") ||
      header(head, "Sec-WebSocket-Accept") != web_socket_accept(key))
    return refused("it did not understand what a WebSocket is");
  if (!header(head, "Sec-WebSocket-Extensions").empty()) return refused("it wants an extension that was not offered");
  return {};
}

}  // namespace hw::crawler
