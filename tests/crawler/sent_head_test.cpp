// What is kept of a request is put together, not overheard: here it is held to the bytes that arrive.
#include "crawler/sent_head.h"

#include <algorithm>

#include <curl/curl.h>
#include <doctest/doctest.h>

#include "common/text.h"
#include "crawler/fetcher.h"
#include "tests/crawler/raw_server.h"
#include "tests/support/support.h"

using namespace hw;
using namespace hw::crawler;

namespace {

constexpr std::string_view kAgent = "handlewatch/test (crawler@forum.test)";

FetchRequest request_for(const std::string& url) { return {{url, PageRole::thread, ""}, "", {}, {}}; }

Fetched fetch(const FetchRequest& request) {
  FetchRules rules;
  rules.user_agent = kAgent;
  rules.network_allow = {"127.0.0.0/8", "::1/128"};
  auto fetcher = make_curl_fetcher(rules);
  REQUIRE_OK(fetcher);
  (*fetcher)->start(1, request);
  std::vector<Fetched> done;
  while (done.empty()) done = (*fetcher)->wait(std::chrono::seconds(10));
  return std::move(done.front());
}

// The head that arrived, in the words of a record: without credentials, the target without the host and the secret
// parameter.
std::string arrived(const std::string& head, std::string_view origin) {
  std::string out;
  for (const std::string_view each : split(head, '\n')) {
    std::string line(trim(each));
    if (line.starts_with("Authorization:") || line.starts_with("Proxy-Authorization:") || line.empty()) continue;
    for (const std::string_view cut : {origin, std::string_view("&key=secret"), std::string_view("?key=secret")})
      if (const auto at = line.find(cut); at != std::string::npos && out.empty()) line.erase(at, cut.size());
    out += line + "\n";
  }
  return out;
}

std::string recorded(const std::vector<Header>& headers) {
  std::string out;
  for (const Header& header : headers)
    out += header.name.empty() ? header.value + "\n" : header.name + ": " + header.value + "\n";
  return out;
}

void check_as_sent(FetchRequest request, const test::RawServer& server, std::string_view origin = "") {
  CAPTURE(request.request.url);
  const Fetched fetched = fetch(request);
  REQUIRE_OK(fetched.document);
  const std::string head = server.heads().back();
  CHECK(recorded(fetched.document->exchange.request_headers) == arrived(head, origin));
}

test::RawServer::Script pages() {
  return [](test::Connection& connection, const std::string&) { connection.send(test::page("<p>x")); };
}

}  // namespace

TEST_CASE("sent head: what is recorded is what arrives, whatever the request holds") {
  const test::RawServer server(pages());
  for (const char* path : {"/", "/t?x=1", "/a//b;c=d?e=f&g=h%20i", "/%C3%A9?q=%22"})
    check_as_sent(request_for(server.url(path)), server);
  FetchRequest full = request_for(server.url("/t?x=1"));
  full.accept = "application/json";
  full.etag = "W/\"a b\"";
  full.last_modified = "Sun, 06 Nov 1994 08:49:37 GMT";
  full.authorization = "Bearer secret";
  full.secret_parameter = "key=secret";
  check_as_sent(full, server);
  full.request.url = server.url("/t");
  full.etag = "";
  check_as_sent(full, server);
  FetchRequest basic = request_for(server.url());
  basic.basic_user = "kim";
  basic.basic_password = "secret";
  check_as_sent(basic, server);
}

TEST_CASE("sent head: a request for a token too") {
  const test::RawServer server(pages());
  FetchRequest token = request_for(server.url("/token"));
  token.post = "grant_type=client_credentials";
  token.post_type = "application/x-www-form-urlencoded";
  check_as_sent(token, server);
}

TEST_CASE("sent head: an IPv6 address, and a proxy that is asked with the whole address") {
  const test::RawServer six(pages(), "::1");
  check_as_sent(request_for(six.url("/t")), six);
  const test::RawServer proxy(pages());
  FetchRequest by_proxy = request_for("http://forum.invalid/x?y=1");
  by_proxy.proxy = {"http://127.0.0.1:" + std::to_string(proxy.port()), "gate", "secret"};
  check_as_sent(by_proxy, proxy, "http://forum.invalid");
}

TEST_CASE("sent head: the codings are those that libcurl names where it is asked for all of them") {
  const test::RawServer server(pages());
  CURL* handle = curl_easy_init();
  curl_easy_setopt(handle, CURLOPT_URL, server.url().c_str());
  curl_easy_setopt(handle, CURLOPT_PROXY, "");
  curl_easy_setopt(handle, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(
      handle, CURLOPT_WRITEFUNCTION, +[](char*, std::size_t size, std::size_t count, void*) { return size * count; });
  CHECK(curl_easy_perform(handle) == CURLE_OK);
  curl_easy_cleanup(handle);
  CHECK(server.heads().back().find("\r\nAccept-Encoding: " + accepted_encodings() + "\r\n") != std::string::npos);
}

TEST_CASE("sent head: HTTP/2 says so, and has its names in lower case") {
  auto head = sent_head(request_for("https://forum.invalid/t?x=1"), kAgent);
  name_version(head, CURL_HTTP_VERSION_2_0);
  CHECK(head[0].value == "GET /t?x=1 HTTP/2");
  CHECK(head[1].name == "host");
  CHECK(head[1].value == "forum.invalid");
  CHECK(std::none_of(head.begin(), head.end(),
                     [](const Header& header) { return header.name != to_lower(header.name); }));
}
