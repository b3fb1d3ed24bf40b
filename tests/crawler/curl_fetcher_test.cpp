#include <map>

#include <doctest/doctest.h>
#include <stdlib.h>

#include "common/url.h"
#include "crawler/fetcher.h"
#include "crawler/guard.h"
#include "tests/crawler/private_spellings.h"
#include "tests/crawler/raw_server.h"
#include "tests/support/support.h"

using namespace hw;
using namespace hw::crawler;
using namespace std::chrono_literals;
using test::Connection;
using test::RawServer;

namespace {

FetchRules loopback_rules() {
  FetchRules rules;
  rules.user_agent = "handlewatch/test (crawler@forum.test)";
  rules.network_allow = {"127.0.0.0/8", "::1/128"};
  return rules;
}

std::unique_ptr<Fetcher> fetcher_with(const FetchRules& rules) {
  auto fetcher = make_curl_fetcher(rules);
  REQUIRE_OK(fetcher);
  return std::move(*fetcher);
}

Fetched fetch(Fetcher& fetcher, const FetchRequest& request) {
  fetcher.start(7, request);
  std::vector<Fetched> done;
  while (done.empty()) done = fetcher.wait(10s);
  REQUIRE(done.size() == 1);
  REQUIRE(done.front().ticket == 7);
  CHECK(fetcher.under_way() == 0);
  return std::move(done.front());
}

Fetched fetch(const std::string& url, const FetchRules& rules = loopback_rules()) {
  return fetch(*fetcher_with(rules), {{url, PageRole::thread, ""}, "", {}, {}});
}

// What a server that sends these bytes and closes makes of a fetch.
Fetched fetch_bytes(const std::string& bytes, const FetchRules& rules = loopback_rules()) {
  const RawServer server([&](Connection& connection, const std::string&) { connection.send(bytes); });
  return fetch(server.url(), rules);
}

void check_refused(const Fetched& fetched, std::string_view why) {
  REQUIRE_FALSE(fetched.document.has_value());
  CHECK(fetched.document.error().code == ErrorCode::refused);
  CHECK_MESSAGE(fetched.document.error().message.find(why) != std::string::npos, fetched.document.error().message);
}

void check_broken(const Fetched& fetched) {
  REQUIRE_FALSE(fetched.document.has_value());
  CHECK_MESSAGE(fetched.document.error().code == ErrorCode::network, fetched.document.error().message);
  CHECK(fetched.document.error().message.find('\n') == std::string::npos);
}

}  // namespace

TEST_CASE("an answer comes back with its status, headers, type, charset and body") {
  const RawServer server([](Connection& connection, const std::string&) {
    connection.send(test::answer("200 OK", "Content-Type: Text/HTML; Charset=\"UTF-8\"\r\nETag: \"a\"\r\nX-Empty:\r\n",
                                 "<p>hello"));
  });
  const Fetched fetched = fetch(server.url("/t?x=1"));
  REQUIRE_OK(fetched.document);
  const Document& document = *fetched.document;
  CHECK(document.status == 200);
  CHECK(document.url == server.url("/t?x=1"));
  CHECK(document.content_type == "text/html");
  CHECK(document.charset == "utf-8");
  CHECK(document.body == "<p>hello");
  CHECK(document.header("etag") == "\"a\"");
  CHECK(document.header("x-empty") == "");
  CHECK(fetched.received_bytes == 8);
  CHECK(fetched.remote_address == "127.0.0.1");
  CHECK(fetched.status == 200);
  CHECK(fetched.timings.total >= fetched.timings.connect);
}

TEST_CASE("a request says who asks and what is read, and carries neither cookies nor a referer") {
  const RawServer server([](Connection& connection, const std::string&) {
    connection.send(test::answer("200 OK", "Content-Type: text/html\r\nSet-Cookie: sid=1\r\n", "x"));
  });
  const auto fetcher = fetcher_with(loopback_rules());
  fetch(*fetcher, {{server.url("/a"), PageRole::thread, ""}, "", {}, {}});
  fetch(*fetcher, {{server.url("/b"), PageRole::thread, ""}, "text/plain", "\"tag\"", "Sun, 22 Nov 2026 10:00:00 GMT"});
  const std::vector<std::string> heads = server.heads();
  REQUIRE(heads.size() == 2);
  CHECK(heads[0].find("User-Agent: handlewatch/test (crawler@forum.test)\r\n") != std::string::npos);
  CHECK(heads[0].find("Accept: text/html,") != std::string::npos);
  CHECK(heads[0].find("Accept-Encoding: ") != std::string::npos);
  CHECK(heads[0].find("image") == std::string::npos);
  CHECK(heads[0].find("If-") == std::string::npos);
  CHECK(heads[1].find("Accept: text/plain\r\n") != std::string::npos);
  CHECK(heads[1].find("If-None-Match: \"tag\"\r\n") != std::string::npos);
  CHECK(heads[1].find("If-Modified-Since: Sun, 22 Nov 2026 10:00:00 GMT\r\n") != std::string::npos);
  CHECK(heads[1].find("Cookie") == std::string::npos);
  CHECK(heads[1].find("Referer") == std::string::npos);
}

TEST_CASE("a handle that is used again carries nothing over from its last request") {
  const RawServer server([](Connection& connection, const std::string& head) {
    if (head.starts_with("GET /bad")) connection.send(test::answer("200 OK", "Content-Type: image/png\r\n", "x"));
    connection.send(test::page("<p>second"));
  });
  const auto fetcher = fetcher_with(loopback_rules());
  check_refused(fetch(*fetcher, {{server.url("/bad"), PageRole::thread, ""}, "", "\"old\"", {}}), "image/png");
  const Fetched second = fetch(*fetcher, {{server.url("/good"), PageRole::thread, ""}, "", {}, {}});
  REQUIRE_OK(second.document);
  CHECK(second.document->body == "<p>second");
  CHECK(server.heads()[1].find("If-None-Match") == std::string::npos);
}

TEST_CASE("304, redirects and error pages are answers; a redirect is not followed") {
  CHECK(fetch_bytes("HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\n\r\n").document->status == 304);
  CHECK(fetch_bytes(test::answer("404 Not Found", "Content-Type: text/html\r\n", "gone")).document->status == 404);
  const Fetched moved = fetch_bytes(test::answer("302 Found", "Location: file:///etc/passwd\r\n", ""));
  REQUIRE_OK(moved.document);
  CHECK(moved.document->status == 302);
  CHECK(moved.document->header("location") == "file:///etc/passwd");
}

TEST_CASE("media types are cut off before the body, with their status") {
  for (const std::string type :
       {"image/png", "image/svg+xml", "video/mp4", "audio/ogg", "application/zip", "application/pdf",
        "application/octet-stream", "font/woff2", "text/css", "application/javascript"}) {
    CAPTURE(type);
    const Fetched fetched =
        fetch_bytes(test::answer("200 OK", "Content-Type: " + type + "\r\n", std::string(100000, 'x')));
    check_refused(fetched, type);
    CHECK(fetched.status == 200);
    CHECK(fetched.headers.size() == 2);
  }
}

TEST_CASE("an image that is sent as text/html is recognised by its first bytes, even when they drip") {
  check_refused(fetch_bytes(test::page("\x89PNG\r\n\x1A\n" + std::string(1000, 'x'))), "a PNG image");
  check_refused(fetch_bytes(test::answer("200 OK", "", "\xFF\xD8\xFF\xE0 jfif")), "a JPEG image");
  const RawServer server([](Connection& connection, const std::string&) {
    connection.send("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 10\r\n\r\n");
    for (const char c : std::string("GIF89a1234")) connection.send({&c, 1});
  });
  check_refused(fetch(server.url()), "a GIF image");
}

TEST_CASE("an image as the body of an error or a redirect is left out, the answer stays") {
  const std::string image = "\x89PNG\r\n\x1A\n" + std::string(1000, 'x');
  const Fetched missing = fetch_bytes(test::answer("404 Not Found", "Content-Type: image/png\r\n", image));
  REQUIRE_OK(missing.document);
  CHECK(missing.document->status == 404);
  CHECK(missing.document->body.empty());
  const Fetched huge = fetch_bytes(test::answer("503 Busy", "Retry-After: 9\r\n", std::string(1 << 20, 'x')));
  REQUIRE_OK(huge.document);
  CHECK(huge.document->body.empty());
  CHECK(huge.document->header("retry-after") == "9");
}

TEST_CASE("a body larger than the cap is cut off, whatever its length says") {
  FetchRules rules = loopback_rules();
  rules.max_body_bytes = 1000;
  check_refused(fetch_bytes(test::page(std::string(1001, 'x')), rules), "larger than 1000 bytes");
  REQUIRE_OK(fetch_bytes(test::page(std::string(1000, 'x')), rules).document);
  const std::string endless = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + std::string(1 << 20, 'x');
  check_refused(fetch_bytes(endless, rules), "larger than 1000 bytes");
}

TEST_CASE("a gzip bomb of 209 MB in 204 kB is cut off early") {
  const std::string bomb = test::gzip_of_zeros(209'000'000);
  CHECK(bomb.size() < 210'000);
  const std::string bytes = test::answer("200 OK", "Content-Type: text/html\r\nContent-Encoding: gzip\r\n", bomb);
  const Fetched fetched = fetch_bytes(bytes);
  check_refused(fetched, "compressed more than 100 times");
  CHECK(fetched.received_bytes < bomb.size());
  FetchRules no_ratio = loopback_rules();
  no_ratio.max_ratio = 1'000'000;
  check_refused(fetch_bytes(bytes, no_ratio), "larger than 16777216 bytes");
}

TEST_CASE("an honest compressed page is decoded") {
  const std::string body = test::gzip_of_zeros(100'000);
  const Fetched fetched =
      fetch_bytes(test::answer("200 OK", "Content-Type: text/html\r\nContent-Encoding: gzip\r\n", body));
  REQUIRE_OK(fetched.document);
  CHECK(fetched.document->body == std::string(100'000, 'a'));
  CHECK(fetched.received_bytes == body.size());
  const Exchange& exchange = fetched.document->exchange;
  CHECK(exchange.received == body);
  CHECK(exchange.received_bytes == body.size());
  CHECK_FALSE(exchange.truncated);
}

TEST_CASE("what was sent is kept for evidence as it was sent, without anything that is secret") {
  const RawServer server([](Connection& connection, const std::string&) { connection.send(test::page("<p>x")); });
  FetchRequest request{{server.url("/t?x=1"), PageRole::thread, ""}, "", {}, {}};
  request.authorization = "Bearer secret";
  request.secret_parameter = "key=secret";
  const Fetched fetched = fetch(*fetcher_with(loopback_rules()), request);
  REQUIRE_OK(fetched.document);
  REQUIRE(server.heads()[0].find("secret") != std::string::npos);
  const Exchange& exchange = fetched.document->exchange;
  REQUIRE(exchange.request_headers.size() >= 4);
  CHECK(exchange.request_headers[0].value == "GET /t?x=1 HTTP/1.1");
  for (const Header& header : exchange.request_headers) CHECK(header.value.find("secret") == std::string::npos);
  CHECK(exchange.remote_address == "127.0.0.1");
  CHECK(exchange.tls_leaf_sha256.empty());
  CHECK(exchange.started <= fetched.document->fetched_at);
}

TEST_CASE("endless headers end at 256 KiB") {
  const RawServer server([](Connection& connection, const std::string&) {
    connection.send("HTTP/1.1 200 OK\r\n");
    while (connection.send("X-More: " + std::string(1000, 'x') + "\r\n")) continue;
  });
  const Fetched fetched = fetch(server.url());
  REQUIRE_FALSE(fetched.document.has_value());
  CHECK(fetched.received_bytes == 0);
  // One header without an end is libcurl's own limit; both end the exchange.
  const RawServer one_line([](Connection& connection, const std::string&) {
    connection.send("HTTP/1.1 200 OK\r\nX-More: ");
    while (connection.send(std::string(1000, 'x'))) continue;
  });
  REQUIRE_FALSE(fetch(one_line.url()).document.has_value());
}

TEST_CASE("a server that drips is cut off by the total time, and a silent one too") {
  FetchRules rules = loopback_rules();
  rules.total_timeout = 300ms;
  const RawServer drip([](Connection& connection, const std::string&) {
    connection.send("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n");
    while (connection.send("x")) std::this_thread::sleep_for(5ms);
  });
  const auto begun = std::chrono::steady_clock::now();
  check_broken(fetch(drip.url(), rules));
  const RawServer silent([](Connection& connection, const std::string&) {
    while (!connection.stopping()) std::this_thread::sleep_for(5ms);
  });
  check_broken(fetch(silent.url(), rules));
  CHECK(std::chrono::steady_clock::now() - begun < 20s);
}

TEST_CASE("broken answers are errors in one line, never a document and never a crash") {
  const std::map<std::string, std::string> cases = {
      {"nothing", ""},
      {"HTTP/0.9", "<html>no status line"},
      {"not HTTP", "SSH-2.0-OpenSSH_9.2\r\n"},
      {"length lies: longer", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100\r\n\r\nshort"},
      {"length is no number", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: -5\r\n\r\nx"},
      {"chunk size is no number",
       "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n"},
      {"chunks end early",
       "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n50\r\nhello"},
      {"gzip garbage",
       test::answer("200 OK", "Content-Type: text/html\r\nContent-Encoding: gzip\r\n", "no gzip at all")},
      {"unknown coding", test::answer("200 OK", "Content-Type: text/html\r\nContent-Encoding: rot13\r\n", "x")},
  };
  for (const auto& [name, bytes] : cases) {
    CAPTURE(name);
    check_broken(fetch_bytes(bytes));
  }
}

TEST_CASE("a Content-Length shorter than the body ends the body there") {
  const Fetched fetched =
      fetch_bytes("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\nhello and more");
  REQUIRE_OK(fetched.document);
  CHECK(fetched.document->body == "hello");
}

TEST_CASE("a connection that is reset in the middle of a body is an error") {
  const RawServer server([](Connection& connection, const std::string&) {
    connection.send("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100\r\n\r\nhalf");
    connection.reset();
  });
  check_broken(fetch(server.url()));
}

TEST_CASE("a 1xx answer before the real one does not count") {
  const Fetched fetched = fetch_bytes("HTTP/1.1 103 Early Hints\r\nContent-Type: image/png\r\n\r\n" + test::page("x"));
  REQUIRE_OK(fetched.document);
  CHECK(fetched.document->status == 200);
  CHECK(fetched.document->headers.size() == 2);
}

TEST_CASE("a header that looks like a status line is a header") {
  const Fetched fetched = fetch_bytes(
      "HTTP/1.1 404 Gone\r\nContent-Type: image/x-unknown\r\nHTTP/1.1 200 OK: x\r\nContent-Length: 1\r\n\r\nx");
  REQUIRE_OK(fetched.document);
  CHECK(fetched.document->status == 404);
  check_refused(
      fetch_bytes(
          "HTTP/1.1 200 OK\r\nContent-Type: image/x-unknown\r\nHTTP/1.1 500 No: x\r\nContent-Length: 1\r\n\r\nx"),
      "image/x-unknown");
}

TEST_CASE("other schemes are not even tried") {
  for (const std::string url :
       {"file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1/x", "dict://127.0.0.1/x"}) {
    CAPTURE(url);
    check_broken(fetch(url));
  }
}

TEST_CASE("every spelling of a private address is refused at connect time") {
  std::size_t asked = 0;
  const auto script = [&](Connection& connection, const std::string&) {
    ++asked;
    connection.send(test::page("inside"));
  };
  const RawServer server(script);
  FetchRules strict = loopback_rules();
  strict.network_allow.clear();
  strict.connect_timeout = 2s;
  const auto guard = AddressGuard::create({});
  const std::string port = std::to_string(server.port());
  std::vector<std::string> addresses;
  for (const std::string host : test::kPrivateSpellings) addresses.push_back("http://" + host + ":" + port + "/");
  for (std::string address : test::kPrivateAddresses)
    addresses.push_back(address.replace(address.find("PORT"), 4, port));
  std::size_t read = 0;
  for (const std::string& address : addresses) {
    CAPTURE(address);
    const auto url = parse_url(address);  // as the crawler does, before it asks anybody
    if (!url) continue;
    ++read;
    CHECK(!guard->objection_as_written(url->host).empty());
    // No resolver is asked for what only looks like a number.
    if (!parse_address(url->host) && !url->host.starts_with("localhost") && url->host != "127.0.0.1.") continue;
    const Fetched fetched = fetch(url->text(), strict);
    REQUIRE_FALSE(fetched.document.has_value());
    CHECK(fetched.remote_address == "");
    CHECK(fetched.status == 0);
  }
  CHECK(read > 60);
  CHECK(asked == 0);
  CHECK(server.connections() == 0);
  REQUIRE_OK(fetch(server.url()).document);  // the same server, when it is allowed
}

TEST_CASE("what the guard refuses is told with the mend") {
  FetchRules rules = loopback_rules();
  rules.network_allow.clear();
  check_refused(fetch("http://127.0.0.1:9/", rules),
                "it leads to a loopback address; if that is meant, list it in network.allow");
  check_refused(fetch("http://[fe80::1]/", rules), "a link-local address");
}

TEST_CASE("IPv6 loopback is reached when it is listed") {
  const auto script = [](Connection& connection, const std::string&) { connection.send(test::page("six")); };
  const RawServer server(script, "::1");
  const Fetched fetched = fetch(server.url());
  REQUIRE_OK(fetched.document);
  CHECK(fetched.remote_address == "::1");
}

TEST_CASE("a proxy in the environment is not used") {
  const RawServer proxy([](Connection& connection, const std::string&) { connection.send(test::page("proxied")); });
  const RawServer site([](Connection& connection, const std::string&) { connection.send(test::page("direct")); });
  ::setenv("http_proxy", proxy.url().c_str(), 1);
  ::setenv("ALL_PROXY", proxy.url().c_str(), 1);
  const Fetched fetched = fetch(site.url());
  ::unsetenv("http_proxy");
  ::unsetenv("ALL_PROXY");
  REQUIRE_OK(fetched.document);
  CHECK(fetched.document->body == "direct");
  CHECK(fetched.document->exchange.received == "");  // as it is
  CHECK(proxy.connections() == 0);
}

TEST_CASE("a connection is kept for the next request to the host, and there is one at a time") {
  const RawServer server([](Connection& connection, const std::string&) {
    connection.send(test::page("1"));
    while (!connection.read_head().empty()) connection.send(test::page("more"));
  });
  const auto fetcher = fetcher_with(loopback_rules());
  for (Ticket ticket = 0; ticket < 5; ++ticket)
    fetcher->start(ticket, {{server.url(), PageRole::thread, ""}, "", {}, {}});
  std::size_t finished = 0;
  while (fetcher->under_way() > 0) finished += fetcher->wait(10s).size();
  CHECK(finished == 5);
  CHECK(server.connections() == 1);
}

TEST_CASE("waiting with nothing under way is sleeping") {
  const auto fetcher = fetcher_with(loopback_rules());
  const auto begun = std::chrono::steady_clock::now();
  CHECK(fetcher->wait(30ms).empty());
  CHECK(std::chrono::steady_clock::now() - begun >= 30ms);
}

TEST_CASE("a range that cannot be read is told when the fetcher is made") {
  FetchRules rules = loopback_rules();
  rules.network_allow = {"127.0.0.0/40"};
  const auto made = make_curl_fetcher(rules);
  REQUIRE_FALSE(made.has_value());
  CHECK(made.error().code == ErrorCode::configuration);
}

TEST_CASE("what a request shows reaches the server and is in nothing that comes back; the next request shows nothing") {
  const RawServer server([](Connection& connection, const std::string& head) {
    if (head.starts_with("POST")) connection.read_head();  // the body, which ends as a head does
    connection.send(test::answer("200 OK", "Content-Type: application/json\r\n", "{}"));
  });
  const auto fetcher = fetcher_with(loopback_rules());
  FetchRequest shown{{server.url("/a?x=1"), PageRole::entry, ""}, "", {}, {}};
  shown.authorization = "Bearer hush";
  shown.secret_parameter = "api_key=hush2";
  const Fetched first = fetch(*fetcher, shown);
  REQUIRE_OK(first.document);
  CHECK(first.document->url == server.url("/a?x=1"));
  CHECK(first.document->request.url == server.url("/a?x=1"));
  FetchRequest posted{{server.url("/token"), PageRole::entry, ""}, "", {}, {}};
  posted.post = "grant_type=client_credentials\r\n\r\n";
  posted.post_type = "application/x-www-form-urlencoded";
  posted.basic_user = "me";
  posted.basic_password = "hush3";
  REQUIRE_OK(fetch(*fetcher, posted).document);
  REQUIRE_OK(fetch(*fetcher, {{server.url("/b"), PageRole::entry, ""}, "", {}, {}}).document);
  const auto heads = server.heads();
  REQUIRE(heads.size() == 3);
  CHECK(heads[0].starts_with("GET /a?x=1&api_key=hush2 HTTP/1.1\r\n"));
  CHECK(heads[0].find("\r\nAuthorization: Bearer hush\r\n") != std::string::npos);
  CHECK(heads[1].starts_with("POST /token HTTP/1.1\r\n"));
  CHECK(heads[1].find("\r\nAuthorization: Basic bWU6aHVzaDM=\r\n") != std::string::npos);
  CHECK(heads[1].find("\r\nContent-Length: 33\r\n") != std::string::npos);
  CHECK(heads[1].find("\r\nContent-Type: application/x-www-form-urlencoded\r\n") != std::string::npos);
  CHECK(heads[2].starts_with("GET /b HTTP/1.1\r\n"));
  CHECK(heads[2].find("uthorization") == std::string::npos);
  CHECK(heads[2].find("hush") == std::string::npos);
}
