#include "config/proxy.h"

#include <algorithm>

#include <fmt/format.h>

#include "common/url.h"

namespace hw::config {
namespace {

constexpr std::string_view kSchemes[] = {"http", "https", "socks5", "socks5h"};

tl::unexpected<Error> refused(std::string_view why) {
  return fail(ErrorCode::configuration, fmt::format("{}; write it like socks5h://127.0.0.1:9050", why));
}

// Told apart from a port that is left out: that of a proxy has no usual value.
bool names_a_port(std::string_view authority) {
  const auto colon = authority.rfind(':');
  return colon != std::string_view::npos && colon + 1 < authority.size() &&
         authority.find_first_not_of("0123456789", colon + 1) == std::string_view::npos;
}

}  // namespace

std::string ProxyAddress::text() const { return fmt::format("{}://{}:{}", scheme, host, port); }

Result<ProxyAddress> parse_proxy(std::string_view text) {
  const auto end = text.find("://");
  const std::string_view scheme = text.substr(0, end);
  if (end == std::string_view::npos ||
      std::find(std::begin(kSchemes), std::end(kSchemes), scheme) == std::end(kSchemes))
    return refused("a proxy is http, https, socks5 or socks5h");
  std::string_view authority = text.substr(end + 3);
  if (authority.ends_with('/')) authority.remove_suffix(1);
  if (authority.find('@') != std::string_view::npos)
    return refused("a proxy's user and password stand in the environment, named under proxy_credentials");
  if (!names_a_port(authority)) return refused("it names no port");
  const auto url = parse_url("http://" + std::string(authority));
  if (!url || url->path != "/" || !url->query.empty()) return refused("it is more, or less, than a host and a port");
  return ProxyAddress{std::string(scheme), url->host, url->port};
}

}  // namespace hw::config
