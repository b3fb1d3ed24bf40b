// A WebSocket against a server on loopback that says what a test writes, frame by frame.
#include "crawler/web_socket.h"

#include <atomic>

#include <doctest/doctest.h>

#include "crawler/web_socket_handshake.h"
#include "tests/crawler/raw_server.h"
#include "tests/support/support.h"
#include "tests/support/web_socket_server.h"

using namespace hw;
using namespace hw::crawler;
using test::close_frame;
using test::Connection;
using test::frame;
using test::opened;
using test::RawServer;

namespace {

FetchRules rules() {
  FetchRules out;
  out.user_agent = "handlewatch/test (+crawler@example.org)";
  out.network_allow = {"127.0.0.0/8"};
  out.connect_timeout = std::chrono::seconds(5);
  return out;
}

Result<std::unique_ptr<WebSocket>> open(const std::string& url, WebSocketLimits limits = {}) {
  return open_web_socket(rules(), *parse_url(url), limits, {});
}

// What a client reads until the connection ends, and why it did.
struct Heard {
  std::vector<std::string> messages;
  std::string end;
};

Heard hear(const std::string& url, WebSocketLimits limits = {}) {
  Heard heard;
  const auto socket = open(url, limits);
  if (!socket) return {{}, socket.error().message};
  for (int rounds = 0; rounds < 200; ++rounds) {
    auto message = (*socket)->next(std::chrono::milliseconds(100));
    if (!message) return {heard.messages, message.error().message};
    if (*message) heard.messages.push_back(std::move(**message));
  }
  return heard;
}

// Opens the socket and sends these bytes, then ends the connection.
RawServer::Script sends(std::string bytes) {
  return [bytes = std::move(bytes)](Connection& connection, const std::string& head) {
    connection.send(opened(head));
    connection.send(bytes);
  };
}

using Messages = std::vector<std::string>;

}  // namespace

TEST_CASE("the key and what answers it, by the example of RFC 6455 §1.3") {
  CHECK(web_socket_accept("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  CHECK(new_web_socket_key().size() == 24);
  CHECK(new_web_socket_key() != new_web_socket_key());
}

TEST_CASE("messages come whole and in order, the head says who we are and offers no compression") {
  RawServer server(sends(frame("one") + frame("two", 1, 0x00) + frame(" and", 0, 0x00) + frame(" three", 0) +
                         frame("bytes", 2) + frame("") + close_frame(1000)));
  const Heard heard = hear(server.url("/subscribe?wantedCollections=x"));
  CHECK(heard.messages == Messages{"one", "two and three", ""});
  CHECK(heard.end == "the server closed the stream");
  REQUIRE(server.heads().size() == 1);
  const std::string head = server.heads().front();
  CHECK(head.starts_with("GET /subscribe?wantedCollections=x HTTP/1.1\r\n"));
  CHECK(head.find("User-Agent: handlewatch/test (+crawler@example.org)\r\n") != std::string::npos);
  CHECK(head.find("Extensions") == std::string::npos);
}

TEST_CASE("answers that open no WebSocket") {
  const auto says = [](std::string answer) {
    RawServer server(
        [answer = std::move(answer)](Connection& connection, const std::string&) { connection.send(answer); });
    return hear(server.url()).end;
  };
  CHECK(says("HTTP/1.1 429 Too Many Requests\r\n\r\n") == "it answered 429 instead of opening the stream");
  CHECK(says("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\n\r\n") ==
        "it answered 302 instead of opening the stream");
  CHECK(says("SSH-2.0-x\r\n\r\n") == "its answer is no HTTP");
  CHECK(says("") == "it closed the connection without an answer");
  CHECK(says("HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n") ==
        "it did not understand what a WebSocket is");
  CHECK(says("HTTP/1.1 101 Switching\r\nX: " + std::string(20'000, 'x')) == "too slow or silent");
}

TEST_CASE("an extension that nobody offered is refused: nothing is unpacked") {
  RawServer server([](Connection& connection, const std::string& head) {
    connection.send(opened(head, "Sec-WebSocket-Extensions: permessage-deflate\r\n"));
  });
  CHECK(hear(server.url()).end == "it wants an extension that was not offered");
}

TEST_CASE("what the protocol forbids ends the stream, and what came before it is kept") {
  const auto after_one = [](std::string bytes, WebSocketLimits limits = {}) {
    RawServer server(sends(frame("one") + std::move(bytes)));
    const Heard heard = hear(server.url(), limits);
    CHECK(heard.messages == Messages{"one"});
    return heard.end;
  };
  CHECK(after_one(frame("a\xFF\xFE")) == "a message is no UTF-8");
  CHECK(after_one(frame(std::string(2000, 'x')), {.most_message_bytes = 1000}) == "a message is larger than the limit");
  CHECK(after_one(frame(std::string(600, 'x'), 1, 0x00) + frame(std::string(600, 'x'), 0),
                  {.most_message_bytes = 1000}) == "a message is larger than the limit");
  CHECK(after_one(std::string("\x81\x7F\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 10) + "words") ==
        "a message is larger than the limit");
  CHECK(after_one(frame("x", 0)) == "the server breaks the WebSocket protocol");        // continues nothing
  CHECK(after_one(frame("x", 3)) == "the server breaks the WebSocket protocol");        // no such kind
  CHECK(after_one(frame("x", 1, 0xC0)) == "the server breaks the WebSocket protocol");  // a reserved bit
  CHECK(after_one(close_frame(1011)) == "the server closed the stream with code 1011");
  CHECK(after_one("") == "the stream broke off");
  CHECK(after_one(frame("cut short").substr(0, 5)) == "the stream broke off");
}

TEST_CASE("a ping is answered, and silence is asked about and then given up on") {
  std::atomic<bool> answered = false;
  std::atomic<bool> asked = false;
  RawServer server([&](Connection& connection, const std::string& head) {
    connection.send(opened(head) + frame("are you there", 9));
    for (std::string got; !connection.stopping();) {
      const std::string piece = connection.receive();
      if (piece.empty()) return;
      got += piece;
      answered = answered || got.find('\x8A') != std::string::npos;
      asked = asked || got.find('\x89') != std::string::npos;
    }
  });
  WebSocketLimits limits;
  limits.silence = std::chrono::milliseconds(900);
  CHECK(hear(server.url(), limits).end == "nothing was heard for too long");
  CHECK(answered);
  CHECK(asked);
}

TEST_CASE("a message that drips is given up on") {
  RawServer server([](Connection& connection, const std::string& head) {
    connection.send(opened(head) + frame(std::string(50'000, 'x')).substr(0, 10));
    while (connection.send("x")) std::this_thread::sleep_for(std::chrono::milliseconds(20));
  });
  WebSocketLimits limits;
  limits.longest_message = std::chrono::milliseconds(300);
  CHECK(hear(server.url(), limits).end == "a message arrives too slowly");
}

TEST_CASE("who does not read makes the server wait: the queue is bounded") {
  std::atomic<std::size_t> sent = 0;
  RawServer server([&](Connection& connection, const std::string& head) {
    connection.send(opened(head));
    const std::string message = frame(std::string(10'000, 'x'));
    while (connection.send(message)) sent += message.size();
  });
  WebSocketLimits limits;
  limits.most_waiting = 20;
  const auto socket = open(server.url(), limits);
  REQUIRE_OK(socket);
  REQUIRE_OK((*socket)->next(std::chrono::seconds(5)));
  std::size_t before = 1;
  for (int i = 0; i < 100 && before != sent; ++i) {  // until the pipes between us are full
    before = sent;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  CHECK(before == sent);
  CHECK(sent < 20'000'000);
}

TEST_CASE("addresses that may not be reached, and a wish to stop") {
  RawServer server(sends(""));
  FetchRules strict = rules();
  strict.network_allow.clear();
  const auto refused = open_web_socket(strict, *parse_url(server.url()), {}, {});
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == ErrorCode::refused);
  CHECK(refused.error().message.find("a loopback address") != std::string::npos);
  CHECK(server.connections() == 0);
  std::stop_source stop;
  stop.request_stop();
  const auto stopped = open_web_socket(rules(), *parse_url(server.url()), {}, stop.get_token());
  REQUIRE_FALSE(stopped.has_value());
  CHECK(stopped.error().code == ErrorCode::cancelled);
}

TEST_CASE("saying goodbye") {
  std::string got;
  {
    RawServer server([&](Connection& connection, const std::string& head) {
      connection.send(opened(head) + frame("one"));
      got = connection.receive();
      connection.send(close_frame(1000));
    });
    const auto socket = open(server.url());
    REQUIRE_OK(socket);
    REQUIRE_OK((*socket)->next(std::chrono::seconds(5)));
    (*socket)->close();
  }
  REQUIRE(got.size() >= 2);
  CHECK(got.front() == '\x88');
}
