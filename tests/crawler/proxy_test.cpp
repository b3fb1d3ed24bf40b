// Requests through a proxy: what it is asked, what it is never asked, and that nothing of it leaks.
#include <doctest/doctest.h>
#include <stdlib.h>

#include "common/url.h"
#include "crawler/crawler.h"
#include "crawler/guard.h"
#include "tests/crawler/fake_site.h"
#include "tests/crawler/private_spellings.h"
#include "tests/crawler/raw_server.h"

using namespace hw;
using namespace hw::crawler;
using namespace std::chrono_literals;
using test::Connection;
using test::RawServer;

namespace {

// It answers every request itself: the sites behind it do not exist.
class HttpProxy {
 public:
  HttpProxy() : server_([](Connection& connection, const std::string&) { connection.send(test::page("by proxy")); }) {}
  Proxy as_proxy() const { return {"http://127.0.0.1:" + std::to_string(server_.port())}; }
  const RawServer& server() const { return server_; }

 private:
  RawServer server_;
};

// RFC 1928, and RFC 1929 where a user is expected.
class SocksProxy {
 public:
  explicit SocksProxy(std::string user = "", char verdict = 0)
      : user_(std::move(user)),
        verdict_(verdict),
        server_([this](Connection& connection, const std::string&) { serve(connection); }, "127.0.0.1",
                RawServer::Begins::at_once) {}
  std::string url() const { return "socks5h://127.0.0.1:" + std::to_string(server_.port()); }
  std::vector<std::string> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  std::string shown() const {
    const std::lock_guard lock(mutex_);
    return shown_;
  }
  std::size_t connections() const { return server_.connections(); }

 private:
  void serve(Connection& connection) {
    if (connection.receive().empty()) return;
    connection.send(std::string("\x05") + (user_.empty() ? '\0' : '\x02'));
    if (!user_.empty()) {
      const std::string shown = connection.receive();
      {
        const std::lock_guard lock(mutex_);
        shown_ = shown;
      }
      connection.send(std::string("\x01\x00", 2));
    }
    const std::string request = connection.receive();
    if (request.size() < 7 || request[3] != 3) return;  // a name, not an address
    {
      const std::lock_guard lock(mutex_);
      asked_.push_back(request.substr(5, static_cast<unsigned char>(request[4])));
    }
    connection.send(std::string("\x05") + verdict_ + std::string("\x00\x01\x00\x00\x00\x00\x00\x00", 8));
    if (verdict_ != 0) return;
    for (std::string head = connection.read_head(); !head.empty(); head = connection.read_head())
      connection.send(head.starts_with("GET /robots.txt") ? test::answer("404 Not Found", "", "")
                                                          : test::page("by proxy"));
  }

  std::string user_;
  char verdict_;
  mutable std::mutex mutex_;
  std::vector<std::string> asked_;
  std::string shown_;
  RawServer server_;  // ended before the rest goes
};

FetchRules rules() {
  FetchRules out;
  out.user_agent = "handlewatch/test";
  out.connect_timeout = 2s;
  return out;
}

Fetched fetch(Fetcher& fetcher, const std::string& url, const Proxy& proxy) {
  FetchRequest request{{url, PageRole::thread, ""}, "", {}, {}};
  request.proxy = proxy;
  fetcher.start(7, request);
  CHECK(fetcher.under_way() == 1);
  std::vector<Fetched> done;
  while (done.empty()) done = fetcher.wait(10s);
  REQUIRE(done.size() == 1);
  CHECK(done.front().ticket == 7);
  CHECK(fetcher.under_way() == 0);
  return std::move(done.front());
}

Fetched fetch(const std::string& url, const Proxy& proxy, const FetchRules& with = rules()) {
  auto fetcher = make_curl_fetcher(with);
  REQUIRE_OK(fetcher);
  return fetch(**fetcher, url, proxy);
}

void check_refused(const Fetched& fetched, std::string_view why) {
  REQUIRE_FALSE(fetched.document.has_value());
  CHECK(fetched.document.error().code == ErrorCode::refused);
  CHECK_MESSAGE(fetched.document.error().message.find(why) != std::string::npos, fetched.document.error().message);
}

}  // namespace

TEST_CASE("proxy: by socks5h the proxy is told the name, and whom it leads to is not known here") {
  const SocksProxy proxy;
  const Fetched fetched = fetch("http://forum.invalid/t1", {proxy.url()});
  REQUIRE_OK(fetched.document);
  CHECK(fetched.document->body == "by proxy");
  CHECK(fetched.remote_address == "");
  CHECK(fetched.document->exchange.remote_address == "");
  CHECK(proxy.asked() == std::vector<std::string>{"forum.invalid"});
}

TEST_CASE("proxy: its user and password reach it alone") {
  const SocksProxy socks("gate");
  REQUIRE_OK(fetch("http://forum.invalid/", {socks.url(), "gate", "sesame"}).document);
  CHECK(socks.shown() == std::string("\x01\x04gate\x06sesame"));

  const HttpProxy http;
  Proxy with_secret = http.as_proxy();
  with_secret.user = "gate";
  with_secret.password = "sesame";
  const Fetched fetched = fetch("http://forum.invalid/x?y=1", with_secret);
  REQUIRE_OK(fetched.document);
  REQUIRE(http.server().heads().size() == 1);
  const std::string head = http.server().heads().front();
  CHECK(head.starts_with("GET http://forum.invalid/x?y=1 HTTP/1.1\r\n"));
  CHECK(head.find("Proxy-Authorization: Basic Z2F0ZTpzZXNhbWU=") != std::string::npos);
  for (const Header& sent : fetched.document->exchange.request_headers) {
    CHECK(sent.name != "Proxy-Authorization");
    CHECK(sent.value.find("Z2F0ZTpzZXNhbWU") == std::string::npos);
  }
  CHECK(fetched.document->exchange.request_headers.front().value == "GET /x?y=1 HTTP/1.1");
}

TEST_CASE("proxy: an address inside is refused however it is spelled, and the proxy is not asked") {
  const SocksProxy proxy;
  auto fetcher = make_curl_fetcher(rules());
  REQUIRE_OK(fetcher);
  const auto check = [&](const std::string& address) {
    CAPTURE(address);
    if (const auto url = parse_url(address))
      check_refused(fetch(**fetcher, url->text(), {proxy.url()}), "no proxy is asked");
  };
  for (const std::string host : test::kPrivateSpellings) check("http://" + host + "/");
  for (std::string address : test::kPrivateAddresses) check(address.replace(address.find("PORT"), 4, "80"));
  for (const std::string host : {"router", "printer.local", "db.internal", "nas.home.arpa", "x.localhost", "1.2.3.4.5",
                                 "8.8.8.8.0x7f", "127.0.0.1.."})
    check("http://" + host + "/");
  CHECK(proxy.connections() == 0);
}

TEST_CASE("proxy: what network.allow lists is asked for all the same") {
  const SocksProxy proxy;
  FetchRules with = rules();
  with.network_allow = {"127.0.0.0/8"};
  const Fetched fetched = fetch("http://localhost/", {proxy.url()}, with);
  REQUIRE_OK(fetched.document);
  CHECK(proxy.asked() == std::vector<std::string>{"localhost"});
}

TEST_CASE("proxy: written as a number it is its own permission; a name has to lead where the rules allow") {
  const HttpProxy proxy;
  const std::string port = std::to_string(proxy.server().port());
  check_refused(fetch("http://forum.invalid/", {"http://localhost:" + port}), "its proxy leads to a loopback address");
  CHECK(proxy.server().connections() == 0);
  FetchRules with = rules();
  with.network_allow = {"127.0.0.0/8", "::1/128"};
  REQUIRE_OK(fetch("http://forum.invalid/", {"http://localhost:" + port}, with).document);
  REQUIRE_OK(fetch("http://forum.invalid/", proxy.as_proxy()).document);
}

TEST_CASE("proxy: the permission is for the proxy alone, not for requests without it") {
  const HttpProxy proxy;
  const RawServer inside([](Connection& connection, const std::string&) { connection.send(test::page("inside")); });
  auto fetcher = make_curl_fetcher(rules());
  REQUIRE_OK(fetcher);
  REQUIRE_OK(fetch(**fetcher, "http://forum.invalid/", proxy.as_proxy()).document);
  check_refused(fetch(**fetcher, inside.url(), {}), "it leads to a loopback address");  // the same handle, used again
  check_refused(fetch(**fetcher, proxy.server().url(), {}), "it leads to a loopback address");
  CHECK(inside.connections() == 0);
  CHECK(proxy.server().connections() == 1);
}

TEST_CASE("proxy: the environment leads no request past it") {
  const HttpProxy proxy;
  ::setenv("no_proxy", "*", 1);
  ::setenv("NO_PROXY", "forum.invalid", 1);
  const Fetched fetched = fetch("http://forum.invalid/", proxy.as_proxy());
  ::unsetenv("no_proxy");
  ::unsetenv("NO_PROXY");
  REQUIRE_OK(fetched.document);
  CHECK(proxy.server().connections() == 1);
}

TEST_CASE("proxy: one that lets nothing through, or is away, is told in one line") {
  const SocksProxy proxy("", 2);
  const Fetched denied = fetch("http://forum.invalid/", {proxy.url()});
  REQUIRE_FALSE(denied.document.has_value());
  CHECK(denied.document.error().code == ErrorCode::network);
  CHECK(denied.document.error().message == "its proxy does not let it through");
  const Fetched away = fetch("http://forum.invalid/", {"socks5h://127.0.0.1:9"});
  REQUIRE_FALSE(away.document.has_value());
  CHECK(away.document.error().code == ErrorCode::network);
}

TEST_CASE("proxy: media is refused behind it as anywhere") {
  const RawServer proxy([](Connection& connection, const std::string&) {
    connection.send(test::answer("200 OK", "Content-Type: image/png\r\n", "\x89PNG\r\n\x1A\n"));
  });
  check_refused(fetch("http://forum.invalid/", {"http://127.0.0.1:" + std::to_string(proxy.port())}),
                "only text is read");
}

TEST_CASE("proxy: a source that names one has its robots.txt and its pages by it, at the delay of a real host") {
  const SocksProxy proxy;
  const test::TemporaryFolder folder;
  const SystemClock clock;
  auto frontier = Frontier::open(folder / "frontier.db", clock);
  REQUIRE_OK(frontier);
  CrawlerOptions options;
  options.rules = rules();
  options.rules.network_allow = {"127.0.0.0/8"};  // where the proxy lives: no reason to ask the site without a delay
  auto fetcher = make_curl_fetcher(options.rules);
  REQUIRE_OK(fetcher);
  config::SourceSpec source = test::source_at("http://forum.invalid/");
  source.delay = Duration{0};
  SourceRun run{&source, {{source.url, PageRole::entry, ""}}};
  run.proxy = {proxy.url()};
  std::vector<std::string> bodies;
  const PageHandler handler = [&](const config::SourceSpec&, const Document& document) -> Result<PageOutcome> {
    bodies.push_back(document.body);
    return PageOutcome{};
  };
  const Time begun = clock.now();
  const auto report = Crawler(*frontier, **fetcher, clock, options).run({run}, handler, {}, {});
  REQUIRE_OK(report);
  CHECK(report->requests == 2);
  CHECK(bodies == std::vector<std::string>{"by proxy"});
  CHECK(clock.now() - begun >= kLeastDelay);
  for (const std::string& host : proxy.asked()) CHECK(host == "forum.invalid");
}
