#include "app/source_access.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

#include "common/text.h"
#include "common/url.h"
#include "parsers/parser.h"
#include "parsers/streams.h"

namespace hw::app {
namespace {

tl::unexpected<Error> wrong(const config::SourceSpec& source, std::string_view what) {
  return fail(ErrorCode::configuration, fmt::format("source {}: {}", source.name, what));
}

// A header and a query hold printable ASCII; what ends in a line feed was read from a file as it stands.
bool usable(std::string_view secret) {
  return std::all_of(secret.begin(), secret.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

Result<std::string> secret_in(const config::SourceSpec& source, const std::string& name, const std::string& variable) {
  const char* value = std::getenv(variable.c_str());
  const std::string_view secret = trim(value == nullptr ? "" : value);
  if (secret.empty())
    return wrong(source, fmt::format("the environment variable {} is not set; it holds its {}", variable, name));
  if (!usable(secret))
    return wrong(source, fmt::format("the environment variable {} holds more than one printable word", variable));
  return std::string(secret);
}

Result<crawler::Proxy> proxy_of(const config::SourceSpec& source) {
  crawler::Proxy proxy{source.proxy};
  if (proxy.in_use() && parsers::is_stream(source.kind)) return wrong(source, "a stream is read without a proxy");
  for (const auto& [name, variable] : source.proxy_credentials) {
    auto secret = secret_in(source, "proxy's " + name, variable);
    if (!secret) return tl::unexpected(secret.error());
    (name == "user" ? proxy.user : proxy.password) = std::move(*secret);
  }
  return proxy;
}

}  // namespace

Result<SourceAccess> access_of(const config::SourceSpec& source) {
  SourceAccess out;
  const parsers::Parser* parser = parsers::find(source.kind);
  if (parser != nullptr && parser->access != nullptr) {
    auto access = parser->access(source);
    if (!access) return wrong(source, access.error().message);
    out.access = std::move(*access);
  }
  const std::vector<std::string>& needs = out.access.needs;
  for (const auto& [name, variable] : source.credentials)
    if (std::find(needs.begin(), needs.end(), name) == needs.end())
      return wrong(source, needs.empty() ? fmt::format("kind {} takes no credentials", source.kind)
                                         : fmt::format("no credential \"{}\" for kind {}; it takes {}", name,
                                                       source.kind, fmt::join(needs, ", ")));
  for (const std::string& name : needs) {
    const auto variable = source.credentials.find(name);
    if (variable == source.credentials.end())
      return wrong(source,
                   fmt::format("kind {} needs credentials: {{{}: NAME}}, NAME being the environment variable that "
                               "holds it",
                               source.kind, fmt::join(needs, ": NAME, ")));
    auto secret = secret_in(source, name, variable->second);
    if (!secret) return tl::unexpected(secret.error());
    out.secrets.emplace(name, std::move(*secret));
  }
  auto proxy = proxy_of(source);
  if (!proxy) return tl::unexpected(proxy.error());
  out.proxy = std::move(*proxy);
  return out;
}

std::string proxy_words(const config::SourceSpec& source) {
  if (source.proxy.empty()) return {};
  return fmt::format(
      "by the proxy {}: the address guard sees addresses that are written as such, not where a name leads",
      source.proxy);
}

void name_networks(config::Settings& settings) {
  for (config::SourceSpec& source : settings.sources) {
    const parsers::Parser* parser = parsers::find(source.kind);
    const auto url = parse_url(source.url);
    if (parser != nullptr && !parser->network.empty() && url && source.platform == url->authority())
      source.platform = parser->network;
  }
}

}  // namespace hw::app
