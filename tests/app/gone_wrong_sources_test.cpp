// Sources that went wrong, each in its own way, beside one that is well: every one shows its state, and the others are
// read as if it were not there.
#include <map>

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/text.h"
#include "tests/crawler/raw_server.h"
#include "tests/support/process.h"
#include "web/demo_board.h"
#include "web/server.h"

using namespace hw;
using hw::test::Connection;
using hw::test::handlewatch;
using hw::test::RawServer;
using hw::test::TemporaryFolder;
using nlohmann::json;

namespace {

struct Wrong {
  std::string name;
  std::string kind;
  std::string path;
  std::string content_type;
  std::string body;
  std::string trouble;  // a part of what the list says; empty: it is read all the same
};

std::string repeated(std::string_view piece, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += piece;
  return out;
}

std::string nested_topic() {
  std::string page = test::read_file(test::fixture("phpbb/topic.html"));
  return page.insert(page.find('>', page.find("<body")) + 1, repeated("<div>", 100'000));
}

std::vector<Wrong> wrongs() {
  const std::string html = "text/html; charset=utf-8";
  const std::string down = "<html><head><title>502 Bad Gateway</title></head><body>Bad Gateway</body></html>";
  const std::string login =
      "<html><head><title>Sign in</title></head><body><form><input type=password></form></body></html>";
  return {{"html-for-json", "mastodon", "public", html, "<html><body>It is down</body></html>", "page of HTML"},
          {"error-in-200", "mybb", "", html, down, "a server's own error"},
          {"login-wall", "xenforo", "", html, login, "asks for a password"},
          {"empty", "nodebb", "", "application/json", "", "the answer is empty"},
          {"cut-json", "lemmy", "c/garden", "application/json", "{\"posts\":[{\"post\":{\"id\":1,", "cut short"},
          {"other-engine", "smf", "", html, test::read_file(test::fixture("phpbb/topic.html")), "a page of phpbb"},
          {"endless", "fluxbb", "", html, "<html><body>" + repeated("some more words ", 2'500'000), "is larger"},
          {"charset", "phpbb", "viewtopic.php?t=57", "text/html; charset=x-none",
           test::read_file(test::fixture("phpbb/topic.html")), ""},
          {"nested", "phpbb", "viewtopic.php?t=57", html, nested_topic(), ""}};
}

// One host for each source, so that what one does to its host is its own affair.
struct World {
  web::DemoBoard board = *web::DemoBoard::create();
  web::Server well = *web::Server::start(
      [this](const web::HttpRequest& request) { return board.answer(request.path, request.query); });
  std::vector<std::unique_ptr<RawServer>> servers;
  TemporaryFolder folder;

  explicit World(const std::vector<Wrong>& wrong) {
    REQUIRE(handlewatch(folder / "d", {"init", "--no-passphrase"}).status == 0);
    std::string settings = fmt::format(
        "network: {{allow: [127.0.0.0/8]}}\nsources:\n  - {{name: well, kind: phpbb, url: '{}', delay: 0s}}\n",
        well.url());
    for (const Wrong& one : wrong) {
      servers.push_back(server_of(one, fmt::format("127.0.1.{}", servers.size() + 1)));
      settings += fmt::format("  - {{name: {}, kind: {}, url: '{}', delay: 0s}}\n", one.name, one.kind,
                              servers.back()->url("/" + one.path));
    }
    test::write_file(folder / "d/handlewatch.yaml", settings);
  }

  static std::unique_ptr<RawServer> server_of(const Wrong& one, const std::string& address) {
    return std::make_unique<RawServer>(
        [&one](Connection& connection, const std::string& head) {
          const bool robots = head.starts_with("GET /robots.txt");
          connection.send(fmt::format("HTTP/1.1 {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n",
                                      robots ? "404 Not Found" : "200 OK", one.content_type,
                                      robots ? 0 : one.body.size()));
          if (!robots) connection.send(one.body);
        },
        address);
  }

  std::map<std::string, json> listed() const {
    std::map<std::string, json> rows;
    const auto outcome = handlewatch(folder / "d", {"sources", "list", "--format", "jsonl"});
    REQUIRE(outcome.status == 0);
    for (const std::string_view line : split(outcome.out, '\n'))
      if (!line.empty()) rows[json::parse(line)["source"]] = json::parse(line);
    return rows;
  }
};

}  // namespace

TEST_CASE("a source gone wrong shows its state in the list, and the others are unharmed") {
  const std::vector<Wrong> wrong = wrongs();
  const World world(wrong);
  const auto crawled = handlewatch(world.folder / "d", {"crawl"});
  CHECK(crawled.status == 1);
  auto rows = world.listed();
  CHECK(rows["well"]["state"] == "well");
  CHECK(rows["well"]["posts"].get<int>() > 20);
  for (const Wrong& one : wrong) {
    CAPTURE(one.name);
    const json& row = rows[one.name];
    if (one.trouble.empty()) {
      CHECK(row["state"] == "well");
      CHECK(row["posts"].get<int>() > 0);
      continue;
    }
    CHECK(row["state"] == "trouble");
    CHECK(row["posts"] == 0);
    CHECK_MESSAGE(row["trouble"].get<std::string>().find(one.trouble) != std::string::npos, row["trouble"]);
    CHECK(row["last_success"].is_null());
  }
}
