#include "web/server.h"

#include <atomic>
#include <memory>
#include <stdexcept>
#include <thread>

#include <curl/curl.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/support.h"

namespace {

using namespace hw;

struct Answer {
  long status = 0;
  std::string body;
  std::string headers;
};

std::size_t append(char* bytes, std::size_t size, std::size_t count, void* into) {
  static_cast<std::string*>(into)->append(bytes, size * count);
  return size * count;
}

using Curl = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;

Answer get(CURL* curl, const std::string& url, const char* method = "GET") {
  Answer answer;
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
  curl_easy_setopt(curl, CURLOPT_NOBODY, std::string_view(method) == "HEAD" ? 1L : 0L);
  curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, 20L);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, append);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer.body);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, append);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &answer.headers);
  REQUIRE(curl_easy_perform(curl) == CURLE_OK);
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
  return answer;
}

Answer get(const std::string& url, const char* method = "GET") {
  const Curl curl(curl_easy_init(), curl_easy_cleanup);
  return get(curl.get(), url, method);
}

web::HttpResponse echo(const web::HttpRequest& request) {
  web::HttpResponse response{201, "text/plain", request.method + " " + request.path + " ? " + request.query};
  response.headers.push_back({"X-Agent", std::string(request.header("user-AGENT").value_or("none"))});
  return response;
}

// What the server sends back for these bytes on one connection.
std::string exchange(std::uint16_t port, std::string_view bytes) {
  const int connection = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::connect(connection, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()));
  ::shutdown(connection, SHUT_WR);
  std::string out;
  char buffer[4096];
  for (ssize_t got = 0; (got = ::recv(connection, buffer, sizeof buffer, 0)) > 0;)
    out.append(buffer, static_cast<std::size_t>(got));
  ::close(connection);
  return out;
}

}  // namespace

TEST_CASE("the handler sees method, raw path, query and headers; the client sees status, type, body and headers") {
  auto server = web::Server::start(echo);
  REQUIRE_OK(server);
  const Answer answer = get(server->url() + "a%2Fb/../c?x=1&y=%20");
  CHECK(answer.status == 201);
  CHECK(answer.body == "GET /a%2Fb/../c ? x=1&y=%20");
  CHECK(answer.headers.find("Content-Type: text/plain\r\n") != std::string::npos);
  CHECK(answer.headers.find("X-Agent: ") != std::string::npos);
  CHECK(server->url() == "http://127.0.0.1:" + std::to_string(server->port()) + "/");
}

TEST_CASE("HEAD is answered without a body, other methods do not reach the handler") {
  std::atomic<int> handled = 0;
  auto server = web::Server::start([&](const web::HttpRequest& request) {
    ++handled;
    return echo(request);
  });
  REQUIRE_OK(server);
  const Answer head = get(server->url(), "HEAD");
  CHECK(head.status == 201);
  CHECK(head.body.empty());
  CHECK(handled == 1);
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS"}) CHECK(get(server->url(), method).status == 405);
  CHECK(handled == 1);
}

TEST_CASE("an exception in the handler is a 500 that does not tell its text") {
  auto server =
      web::Server::start([](const web::HttpRequest&) -> web::HttpResponse { throw std::runtime_error("inside"); });
  REQUIRE_OK(server);
  const Answer answer = get(server->url());
  CHECK(answer.status == 500);
  CHECK(answer.body.find("inside") == std::string::npos);
  CHECK(answer.headers.find("inside") == std::string::npos);
}

TEST_CASE("a taken port is refused, with the mend") {
  auto first = web::Server::start(echo);
  REQUIRE_OK(first);
  auto second = web::Server::start(echo, {.port = first->port()});
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().code == ErrorCode::io);
  CHECK(second.error().message ==
        "cannot listen on 127.0.0.1:" + std::to_string(first->port()) + ": the port is taken, choose another");
}

TEST_CASE("a port is free again after stop(), which may be called twice and beside an idle connection") {
  auto first = web::Server::start(echo);
  REQUIRE_OK(first);
  const std::uint16_t port = first->port();
  const Curl idle(curl_easy_init(), curl_easy_cleanup);
  get(idle.get(), first->url());
  first->stop();
  first->stop();
  auto second = web::Server::start(echo, {.port = port});
  REQUIRE_OK(second);
  CHECK(get(second->url()).status == 201);
}

TEST_CASE("it listens on loopback alone") {
  auto server = web::Server::start(echo);
  REQUIRE_OK(server);
  const int probe = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in other{};
  other.sin_family = AF_INET;
  other.sin_port = htons(server->port());
  other.sin_addr.s_addr = htonl(0x7F000002);  // 127.0.0.2 would answer if the socket were bound to every address
  CHECK(::connect(probe, reinterpret_cast<sockaddr*>(&other), sizeof other) != 0);
  ::close(probe);
}

TEST_CASE("many clients at once are all answered and each is logged once") {
  std::atomic<int> logged = 0;
  auto server =
      web::Server::start(echo, {.threads = 3, .log = [&](const web::HttpRequest&, const web::HttpResponse& response) {
                                  if (response.status == 201) ++logged;
                                }});
  REQUIRE_OK(server);
  std::atomic<int> good = 0;
  std::vector<std::thread> clients;
  for (int client = 0; client < 6; ++client)
    clients.emplace_back([&] {
      const Curl curl(curl_easy_init(), curl_easy_cleanup);
      for (int i = 0; i < 20; ++i)
        if (get(curl.get(), server->url() + std::to_string(i)).status == 201) ++good;
    });
  for (std::thread& client : clients) client.join();
  CHECK(good == 120);
  server->stop();  // the log runs after the answer: wait for the last one
  CHECK(logged == 120);
  CHECK(server->requests() == 120);
}

TEST_CASE("nonsense on the wire is refused and the server goes on") {
  auto server = web::Server::start(echo);
  REQUIRE_OK(server);
  const std::string long_path(100000, 'a');
  for (const std::string& bytes :
       {std::string("\r\n\r\n"), std::string("GET\r\n\r\n"), std::string("\0\1\2\3\r\n\r\n", 8),
        "GET /" + long_path + " HTTP/1.1\r\n\r\n", std::string("POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n")})
    CHECK(exchange(server->port(), bytes).find(" 201 ") == std::string::npos);
  CHECK(get(server->url()).status == 201);
}
