#include "config/proxy.h"

#include <doctest/doctest.h>

#include "config/settings.h"
#include "tests/support/support.h"

using namespace hw;
using namespace hw::config;

namespace {

Result<Settings> with(const std::string& source) {
  return parse_settings("sources: [{name: a, kind: feed, url: 'https://a.test/', " + source + "}]", "handlewatch.yaml",
                        {"feed"});
}

}  // namespace

TEST_CASE("a proxy is a scheme, a host and a port") {
  for (const char* text : {"socks5h://127.0.0.1:9050", "socks5://10.0.0.1:1080", "http://proxy.test:80",
                           "https://proxy.test:443", "socks5h://[::1]:9050"}) {
    const auto proxy = parse_proxy(text);
    REQUIRE_OK(proxy);
    CHECK(proxy->text() == text);
  }
  CHECK(parse_proxy("http://Proxy.test:3128/")->text() == "http://proxy.test:3128");
  CHECK(parse_proxy("socks5h://127.1:9050")->host == "127.0.0.1");
}

TEST_CASE("what is no proxy is told with the mend, and what might be a secret is not repeated") {
  for (const std::string text :
       {"", "127.0.0.1:9050", "socks4://127.0.0.1:9050", "ftp://a.test:21", "socks5h://", "socks5h://127.0.0.1",
        "socks5h://127.0.0.1:", "socks5h://:9050", "socks5h://a.test:0", "socks5h://a.test:65536", "http://a.test:80/x",
        "http://a.test:80?x=1", "http://hidden:sesame@a.test:80", "http://a b:80", "http://a.test:80#x"}) {
    CAPTURE(text);
    const auto proxy = parse_proxy(text);
    REQUIRE_FALSE(proxy.has_value());
    CHECK(proxy.error().message.ends_with("write it like socks5h://127.0.0.1:9050"));
    CHECK(proxy.error().message.find("sesame") == std::string::npos);
  }
}

TEST_CASE("a source's proxy: its credentials are names of variables") {
  const auto read = with("proxy: 'socks5h://127.0.0.1:9050', proxy_credentials: {user: P_USER, password: P_PASS}");
  REQUIRE_OK(read);
  CHECK(read->sources[0].proxy == "socks5h://127.0.0.1:9050");
  CHECK(read->sources[0].proxy_credentials.at("password") == "P_PASS");
  CHECK(with("")->sources[0].proxy == "");
  const auto mistake = [&](const std::string& source, const std::string& place) {
    const auto settings = with(source);
    REQUIRE_FALSE(settings.has_value());
    CHECK_MESSAGE(settings.error().message.find(place) != std::string::npos, settings.error().message);
  };
  mistake("proxy: nonsense", "sources[0].proxy");
  mistake("proxy: 'http://a:b@c.test:80'", "stand in the environment");
  mistake("proxy_credentials: {user: P_USER}", "there is no \"proxy\"");
  mistake("proxy: 'http://c.test:80', proxy_credentials: {token: P_USER}", "user: NAME, password: NAME");
  mistake("proxy: 'http://c.test:80', proxy_credentials: {user: sesame}", "environment variable");
}

TEST_CASE("how much a crawl takes is configured within bounds") {
  const auto read = [](const std::string& crawl) { return parse_settings("crawl: " + crawl, "handlewatch.yaml", {}); };
  CHECK(read("{}")->crawl.hosts_at_once == 16);
  const auto set = read("{hosts_at_once: 64, requests_per_host: 0, memory: {page_mb: 2, waiting_mb: 8, known_mb: 4}}");
  REQUIRE_OK(set);
  CHECK(set->crawl.hosts_at_once == 64);
  CHECK(set->crawl.requests_per_host == 0);
  CHECK(set->crawl.page_mb == 2);
  CHECK(set->crawl.waiting_mb == 8);
  CHECK(set->crawl.known_mb == 4);
  for (const std::string bad : {"{hosts_at_once: 0}", "{hosts_at_once: 5000}", "{requests_per_host: -1}",
                                "{memory: {page_mb: 0}}", "{memory: {waiting_mb: x}}", "{speed: 9}"})
    CHECK_FALSE_MESSAGE(read(bad).has_value(), bad);
}
