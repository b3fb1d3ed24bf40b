// A source that is a stream, in `crawl` and in the daemon, against a WebSocket server on loopback.
#include <atomic>
#include <csignal>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/sqlite.h"
#include "common/text.h"
#include "tests/crawler/raw_server.h"
#include "tests/support/process.h"
#include "tests/support/web_socket_server.h"

using hw::test::close_frame;
using hw::test::Connection;
using hw::test::frame;
using hw::test::handlewatch;
using hw::test::opened;
using hw::test::Outcome;
using hw::test::RawServer;
using hw::test::TemporaryFolder;
using nlohmann::json;

namespace {

constexpr std::int64_t kStart = 1'763'800'000'000'000;

std::string event(int number, const std::string& text, const std::string& operation = "create") {
  json commit{{"rev", "3r"},
              {"operation", operation},
              {"collection", "app.bsky.feed.post"},
              {"rkey", "k" + std::to_string(number)}};
  if (operation != "delete") commit["record"] = {{"text", text}, {"createdAt", "2025-11-22T08:00:00Z"}};
  return frame(json{
      {"did", "did:plc:a" + std::to_string(number)},
      {"time_us", kStart + number * 1'000'000},
      {"kind", "commit"},
      {"commit",
       commit}}.dump());
}

bool is_robots(const std::string& head) { return head.starts_with("GET /robots.txt"); }

struct Setting {
  explicit Setting(RawServer::Script script) : server(std::move(script)) {
    REQUIRE(handlewatch(folder / "d", {"init", "--no-passphrase"}).status == 0);
    hw::test::write_file(
        folder / "d/handlewatch.yaml",
        fmt::format("network: {{allow: [127.0.0.0/8]}}\nsources:\n  - {{name: stream, kind: jetstream, "
                    "url: 'ws://127.0.0.1:{}/subscribe'}}\n",
                    server.port()));
  }
  Outcome crawl(const std::string& messages) {
    return handlewatch(folder / "d", {"crawl", "--stream-for", "20s", "--stream-messages", messages});
  }

  TemporaryFolder folder;
  RawServer server;
};

std::vector<std::string> streams(const std::vector<std::string>& heads) {
  std::vector<std::string> out;
  for (const std::string& head : heads)
    if (!is_robots(head)) out.push_back(head.substr(0, head.find(" HTTP")));
  return out;
}

bool says(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

const std::string kAdvert = "#perv #nolimits kik: hwdemo_oak33";

}  // namespace

TEST_CASE("crawl reads a stream for a while, and goes on where it was cut off") {
  std::atomic<int> connection_count = 0;
  Setting setting([&](Connection& connection, const std::string& head) {
    if (is_robots(head)) {
      connection.send(hw::test::answer("404 Not Found", "", ""));
      return;
    }
    const int first = connection_count++ * 2;
    connection.send(opened(head) + event(first, first == 0 ? kAdvert : "the beans are up") +
                    event(first + 1, "more beans") + frame("no event at all") + event(first + 1, "", "delete"));
    if (first >= 2)
      while (!connection.receive().empty()) {
      }
  });
  const Outcome outcome = setting.crawl("8");
  CHECK_MESSAGE(outcome.status == 0, outcome.err);
  CHECK(says(outcome.out, "stream: 2 connections, 8 messages"));
  CHECK(says(outcome.out, "1 hits"));
  CHECK(says(outcome.err, "stream: the stream broke off"));
  const auto asked = streams(setting.server.heads());
  REQUIRE(asked.size() == 2);
  CHECK(asked[0] == "GET /subscribe?wantedCollections=app.bsky.feed.post");
  CHECK(asked[1] == "GET /subscribe?wantedCollections=app.bsky.feed.post&cursor=" + std::to_string(kStart));
  const Outcome listed = handlewatch(setting.folder / "d", {"sources", "list", "--format", "jsonl"});
  CHECK(says(listed.out, "\"state\":\"well\""));
  const Outcome hits = handlewatch(setting.folder / "d", {"hits", "list", "--format", "jsonl"});
  CHECK(says(hits.out, "\"source\":\"stream\""));
}

TEST_CASE("what is deleted while the stream is read, and an account that is gone, is noted on what was a hit") {
  const auto account = [](int number, bool active) {
    return frame(json{{"did", "did:plc:a" + std::to_string(number)},
                      {"time_us", kStart + 9'000'000},
                      {"kind", "account"},
                      {"account", {{"active", active}, {"status", active ? "" : "deleted"}}}}
                     .dump());
  };
  std::atomic<int> connection_count = 0;
  Setting setting([&](Connection& connection, const std::string& head) {
    if (is_robots(head)) {
      connection.send(hw::test::answer("404 Not Found", "", ""));
      return;
    }
    const std::string adverts = event(1, kAdvert) + event(2, kAdvert) + event(3, kAdvert);
    const std::string gone_at_once = event(4, kAdvert) + event(4, "", "delete");
    const std::string later = event(1, "", "delete") + account(2, false) + account(3, true) + event(5, "", "delete");
    connection.send(opened(head) + (connection_count++ == 0 ? adverts + gone_at_once : later));
    while (!connection.receive().empty()) {
    }
  });
  const Outcome first = setting.crawl("5");
  CHECK_MESSAGE(says(first.out, "3 hits"), first.out << first.err);
  const auto rows = [&](const char* sql) {
    auto store = *hw::Database::open(setting.folder / "d/store.db", hw::Durability::normal);
    auto query = *store.prepare(sql);
    return *query.step() ? query.integer(0) : -1;
  };
  CHECK(rows("SELECT COUNT(*) FROM sighting") == 0);
  const Outcome second = setting.crawl("4");
  CHECK_MESSAGE(second.status == 0, second.err);
  CHECK(rows("SELECT COUNT(*) FROM hit") == 3);
  CHECK(rows("SELECT COUNT(*) FROM sighting WHERE state = 'deleted'") == 2);
  CHECK(rows("SELECT COUNT(*) FROM sighting WHERE hit = 3") == 0);
}

TEST_CASE("sources check shows a few of a stream's posts and stores nothing") {
  Setting setting([](Connection& connection, const std::string& head) {
    connection.send(is_robots(head)
                        ? hw::test::answer("404 Not Found", "", "")
                        : opened(head) + event(1, "the beans are up") + event(2, "more beans") + close_frame(1000));
  });
  const Outcome outcome = handlewatch(setting.folder / "d", {"sources", "check", "stream"});
  CHECK_MESSAGE(outcome.status == 0, outcome.err);
  CHECK(says(outcome.out, "read as jetstream: 2 posts, 0 links, ok"));
  CHECK(says(outcome.out, "the beans are up"));
}

TEST_CASE("robots.txt is asked first, and obeyed") {
  Setting setting([](Connection& connection, const std::string& head) {
    const bool robots = is_robots(head);
    connection.send(robots ? hw::test::answer("200 OK", "Content-Type: text/plain\r\n", "User-agent: *\nDisallow: /\n")
                           : opened(head) + event(1, "never read"));
  });
  const Outcome outcome = setting.crawl("1");
  CHECK(outcome.status == 1);
  CHECK(says(outcome.err, "robots.txt, line 2"));
  CHECK(streams(setting.server.heads()).empty());
}

TEST_CASE("the daemon reads a stream until it is told to stop, and was not in the way of stopping") {
  Setting setting([](Connection& connection, const std::string& head) {
    if (is_robots(head)) {
      connection.send(hw::test::answer("404 Not Found", "", ""));
      return;
    }
    connection.send(opened(head) + event(1, kAdvert));
    while (!connection.receive().empty()) {
    }
  });
  hw::test::Process daemon({{"--data", (setting.folder / "d").string(), "daemon"}, "", {}});
  bool stored = false;
  Outcome hits;
  for (int i = 0; i < 200 && !stored; ++i) {
    hits = handlewatch(setting.folder / "d", {"hits", "list", "--format", "jsonl"});
    stored = says(hits.out, "\"source\":\"stream\"");
    if (!stored) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  daemon.signal(SIGTERM);
  const Outcome ended = daemon.wait();
  CHECK(ended.status == 0);
  CHECK_MESSAGE(stored, hits.out << hits.err << ended.err);
}

TEST_CASE("killed in the middle, it reads on from what was stored and stores nothing twice") {
  std::atomic<int> connection_count = 0;
  Setting setting([&](Connection& connection, const std::string& head) {
    if (is_robots(head)) {
      connection.send(hw::test::answer("404 Not Found", "", ""));
      return;
    }
    ++connection_count;
    connection.send(opened(head) + event(1, kAdvert) + event(2, "beans"));
    while (!connection.receive().empty()) {
    }
  });
  {
    hw::test::Process daemon({{"--data", (setting.folder / "d").string(), "daemon"}, "", {}});
    for (int i = 0; i < 200; ++i) {
      if (says(handlewatch(setting.folder / "d", {"hits", "list", "--format", "jsonl"}).out, "stream")) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    daemon.signal(SIGKILL);
    daemon.wait();
  }
  const Outcome again = setting.crawl("2");
  CHECK(says(again.out, "1 connections, 2 messages, 2 posts, 0 new, 0 hits"));
  CHECK(streams(setting.server.heads()).back().find("&cursor=") != std::string::npos);
}
