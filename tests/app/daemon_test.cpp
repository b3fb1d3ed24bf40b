#include <csignal>

#include <doctest/doctest.h>
#include <unistd.h>

#include "common/sqlite.h"
#include "tests/support/process.h"
#include "web/demo_board.h"
#include "web/server.h"

using hw::test::handlewatch;
using hw::test::TemporaryFolder;

namespace {

class Forum {
 public:
  Forum()
      : board_(*hw::web::DemoBoard::create()),
        server_(*hw::web::Server::start(
            [this](const hw::web::HttpRequest& request) { return board_.answer(request.path, request.query); })) {}
  std::string url() const { return server_.url(); }
  std::uint64_t requests() const { return server_.requests(); }

 private:
  hw::web::DemoBoard board_;
  hw::web::Server server_;
};

void prepare(const TemporaryFolder& folder, const std::string& url) {
  REQUIRE(handlewatch(folder / "d", {"init", "--no-passphrase"}).status == 0);
  hw::test::write_file(folder / "d/handlewatch.yaml",
                       "network: {allow: [127.0.0.0/8]}\nsources:\n  - {name: board, kind: phpbb, url: \"" + url +
                           "\", platform: board, delay: 0s, every: 1h}\n");
}

hw::test::Invocation daemon_in(const TemporaryFolder& folder) {
  hw::test::Invocation invocation;
  invocation.arguments = {"--data", (folder / "d").string(), "daemon"};
  return invocation;
}

void wait_for_log(const hw::test::Process& process, std::string_view text) {
  for (int tries = 0; tries < 2000 && process.err_so_far().find(text) == std::string::npos; ++tries) ::usleep(10'000);
  REQUIRE_MESSAGE(process.err_so_far().find(text) != std::string::npos, process.err_so_far());
}

}  // namespace

TEST_CASE("the daemon reads what is due, sleeps, ends on SIGTERM, and does not read again before its time") {
  const Forum forum;
  const TemporaryFolder folder;
  prepare(folder, forum.url());
  hw::test::Process first(daemon_in(folder));
  wait_for_log(first, "hits");
  first.signal(SIGTERM);
  const auto ended = first.wait();
  CHECK(ended.status == 0);
  CHECK(ended.err.find("stopped") != std::string::npos);
  const auto asked = forum.requests();
  CHECK(asked > 10);

  hw::test::Process second(daemon_in(folder));
  wait_for_log(second, "started");
  ::usleep(300'000);
  second.signal(SIGTERM);
  CHECK(second.wait().status == 0);
  CHECK(forum.requests() == asked);
}

TEST_CASE("the daemon logs no handle, author or address of a post") {
  const Forum forum;
  const TemporaryFolder folder;
  prepare(folder, forum.url());
  hw::test::Invocation invocation = daemon_in(folder);
  invocation.arguments.insert(invocation.arguments.begin(), {"--log-level", "debug"});
  hw::test::Process process(invocation);
  wait_for_log(process, "hits");
  process.signal(SIGTERM);
  const auto ended = process.wait();
  const hw::web::DemoBoard board = *hw::web::DemoBoard::create();
  CHECK(ended.err.find("hwdemo") == std::string::npos);
  for (const hw::Post& post : board.posts())
    CHECK_MESSAGE(ended.err.find(post.author) == std::string::npos, post.author);
}

TEST_CASE("SIGHUP reads the configuration anew; a wrong one is told and the old one goes on") {
  const Forum forum, other;
  const TemporaryFolder folder;
  prepare(folder, forum.url());
  hw::test::Process process(daemon_in(folder));
  wait_for_log(process, "hits");

  const std::string before = hw::test::read_file(folder / "d/handlewatch.yaml");
  hw::test::write_file(folder / "d/handlewatch.yaml", before + "sauces: []\n");
  process.signal(SIGHUP);
  wait_for_log(process, "was not reloaded");
  CHECK(process.err_so_far().find("sauces") != std::string::npos);
  CHECK(other.requests() == 0);

  hw::test::write_file(folder / "d/handlewatch.yaml", before + "  - {name: other, kind: phpbb, url: \"" + other.url() +
                                                          "\", platform: other, delay: 0s, every: 1h}\n");
  process.signal(SIGHUP);
  wait_for_log(process, "reloaded the configuration: 2 sources");
  for (int tries = 0; tries < 2000 && other.requests() <= 10; ++tries) ::usleep(10'000);
  CHECK(other.requests() > 10);
  process.signal(SIGTERM);
  CHECK(process.wait().status == 0);
}

TEST_CASE("a new rule pack is taken over at SIGHUP, a wrong one is not") {
  const Forum forum;
  const TemporaryFolder folder;
  prepare(folder, forum.url());
  hw::test::Process process(daemon_in(folder));
  wait_for_log(process, "hits");
  const std::string before = hw::test::read_file(folder / "d/handlewatch.yaml");
  hw::test::write_file(folder / "d/handlewatch.yaml", before + "rules: [press-terms, mine.yaml]\n");
  hw::test::write_file(folder / "d/mine.yaml", "id: mine\nversion: '1'\n");
  process.signal(SIGHUP);
  wait_for_log(process, "was not reloaded");
  CHECK(process.err_so_far().find("mine.yaml") != std::string::npos);
  hw::test::write_file(
      folder / "d/mine.yaml",
      "id: mine\nversion: '1'\nlicence: private\ncontact: me\nrules:\n  - {id: mine.game, status: live, "
      "weight: 4, patterns: ['\\bgame\\b'], examples: {hit: [game], miss: [map]}}\n");
  process.signal(SIGHUP);
  wait_for_log(process, "reloaded the configuration");
  process.signal(SIGTERM);
  CHECK(process.wait().status == 0);
}

TEST_CASE("a source that was paused from beside is not read at its time; resumed, it is read within a minute") {
  const Forum forum;
  const TemporaryFolder folder;
  prepare(folder, forum.url());
  REQUIRE(handlewatch(folder / "d", {"sources", "pause", "board"}).status == 0);
  hw::test::Process process(daemon_in(folder));
  wait_for_log(process, "started");
  ::usleep(500'000);
  CHECK(forum.requests() == 0);
  REQUIRE(handlewatch(folder / "d", {"sources", "resume", "board"}).status == 0);
  for (int tries = 0; tries < 9000 && forum.requests() <= 10; ++tries) ::usleep(10'000);
  CHECK(forum.requests() > 10);
  process.signal(SIGTERM);
  CHECK(process.wait().status == 0);
}

TEST_CASE("a store that a backup holds while the daemon works: said once, nothing lost, and it goes on") {
  const Forum forum;
  const TemporaryFolder folder;
  prepare(folder, forum.url());
  hw::test::Process process(daemon_in(folder));
  wait_for_log(process, "hits");
  auto backup = hw::Database::open(folder / "d/store.db", hw::Durability::normal);
  REQUIRE_OK(backup);
  std::optional<hw::Transaction> held;
  {
    auto begun = hw::Transaction::begin(*backup);
    REQUIRE_OK(begun);
    held.emplace(std::move(*begun));
  }
  process.signal(SIGHUP);  // opens everything anew, and erases what is past its time
  wait_for_log(process, "holds it, try again when that is done");
  held.reset();
  ::usleep(200'000);
  process.signal(SIGHUP);
  wait_for_log(process, "reloaded the configuration");
  process.signal(SIGTERM);
  const auto ended = process.wait();
  CHECK(ended.status == 0);
  CHECK(handlewatch(folder / "d", {"audit", "verify"}).status == 0);
}

TEST_CASE("a site that is away does not end the daemon, and its pages stay queued") {
  const TemporaryFolder folder;
  prepare(folder, "http://127.0.0.1:1/");
  hw::test::Process process(daemon_in(folder));
  wait_for_log(process, "board:");
  process.signal(SIGTERM);
  CHECK(process.wait().status == 0);
  const auto sources = handlewatch(folder / "d", {"sources", "list", "--format", "jsonl"});
  CHECK(sources.status == 0);
  CHECK(sources.out.find("\"last_success\":null") != std::string::npos);
  CHECK(sources.out.find("\"queued\":1") != std::string::npos);
  CHECK(sources.out.find("\"state\":\"trouble\"") != std::string::npos);
}

namespace {

// The daemon on a terminal of its own, below a shell that waits for it; its log and its number go to files.
hw::test::Invocation on_terminal(const TemporaryFolder& folder, const std::string& before) {
  hw::test::Invocation invocation;
  const std::string log = (folder / "log").string();
  invocation.program = "script";
  invocation.arguments = {"-qec",
                          before + " " + hw::test::binary() + " --data " + (folder / "d").string() +
                              " daemon > /dev/null 2> " + log + " & echo $! > " + (folder / "pid").string() + "; wait",
                          "/dev/null"};
  return invocation;
}

bool logs(const TemporaryFolder& folder, std::string_view text, int tries = 2000) {
  for (; tries > 0; --tries, ::usleep(10'000))
    if (std::filesystem::exists(folder / "log") && hw::test::read_file(folder / "log").find(text) != std::string::npos)
      return true;
  return false;
}

}  // namespace

TEST_CASE("a daemon whose terminal is closed ends; one under nohup stays until it is told") {
  const Forum forum;
  const TemporaryFolder folder;
  prepare(folder, forum.url());
  {
    const hw::test::Process terminal(on_terminal(folder, ""));
    REQUIRE(logs(folder, "started"));
  }
  CHECK(logs(folder, "stopped"));
  std::filesystem::remove(folder / "log");
  {
    const hw::test::Process terminal(on_terminal(folder, "nohup"));
    REQUIRE(logs(folder, "started"));
  }
  CHECK_FALSE(logs(folder, "stopped", 50));
  REQUIRE(::kill(std::stoi(hw::test::read_file(folder / "pid")), SIGTERM) == 0);
  CHECK(logs(folder, "stopped"));
}

TEST_CASE("a store is not restored under a daemon that works in it") {
  const Forum forum;
  const TemporaryFolder folder;
  prepare(folder, forum.url());
  REQUIRE(handlewatch(folder / "d", {"backup", (folder / "b.db").string()}).status == 0);
  hw::test::Process process(daemon_in(folder));
  wait_for_log(process, "started");
  const auto refused = handlewatch(folder / "d", {"restore", (folder / "b.db").string()});
  CHECK(refused.status == 1);
  CHECK_MESSAGE(refused.err.find("process") != std::string::npos, refused.err);
  process.signal(SIGTERM);
  CHECK(process.wait().status == 0);
  CHECK(handlewatch(folder / "d", {"restore", (folder / "b.db").string()}).status == 0);
}
