// The opening of a WebSocket, as bytes (RFC 6455 §4). Pure, but for the key, which is random.
#pragma once

#include <string>
#include <string_view>

#include "common/error.h"
#include "common/url.h"

namespace hw::crawler {

// Sixteen random bytes in Base64.
std::string new_web_socket_key();
// What a server that understood the key answers with (§4.2.2).
std::string web_socket_accept(std::string_view key);

// No extension is offered, so nothing is compressed.
std::string web_socket_request(const Url& url, std::string_view key, std::string_view user_agent);
// `head` is the answer up to its empty line. Fails (network) when it opens no WebSocket, and says why.
Status check_web_socket_answer(std::string_view head, std::string_view key);

}  // namespace hw::crawler
