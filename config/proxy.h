// The address of a proxy, as a source names it: "socks5h://127.0.0.1:9050". Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/error.h"

namespace hw::config {

struct ProxyAddress {
  std::string scheme;  // http, https, socks5 (names are looked up here) or socks5h (there)
  std::string host;    // as parse_url() writes one
  std::uint16_t port = 0;
  std::string text() const;
};

// A scheme, a host and a port; never a user name or a password. The message says what is wrong and the mend.
Result<ProxyAddress> parse_proxy(std::string_view text);

}  // namespace hw::config
