// The main job on whole real boards, recorded page by page: every advert found, nothing else raised, each thread read
// once, and a second crawl that costs next to nothing.
#include <csignal>
#include <random>
#include <set>
#include <sstream>
#include <thread>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/support/replay.h"

using hw::test::handlewatch;
using hw::test::Replay;
using hw::test::TemporaryFolder;
using nlohmann::json;

namespace {

struct Board {
  std::string recording;
  std::string kind;
  std::size_t posts;  // as the server holds them, its own welcome post included
};

const std::vector<Board> kBoards{{"phpbb", "phpbb", 404}, {"nodebb", "nodebb", 404}, {"mybb", "mybb", 403}};

void prepare(const TemporaryFolder& folder, const Board& board, const std::string& url) {
  REQUIRE(handlewatch(folder / "data", {"init", "--no-passphrase"}).status == 0);
  hw::test::write_file(folder / "data/handlewatch.yaml",
                       "network: {allow: [127.0.0.0/8]}\nreview: {confirmations: 1, one_person: true}\nsources:\n  - "
                       "{name: board, kind: " +
                           board.kind + ", url: \"" + url + "\", platform: board, delay: 0s, limit: {pages: 1000}}\n");
}

std::vector<json> json_lines(const std::string& text) {
  std::vector<json> out;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) out.push_back(json::parse(line));
  return out;
}

// (messenger, handle) of every advert that the board's truth names.
std::set<std::pair<std::string, std::string>> true_adverts() {
  std::set<std::pair<std::string, std::string>> out;
  const json truth = json::parse(hw::test::read_file(*hw::test::recorded("fixtures/boards/truth.json")));
  for (const json& row : truth)
    if (row["hit"]) out.emplace(row["messenger"], row["handle"]);
  return out;
}

std::vector<json> revealed_hits(const TemporaryFolder& folder) {
  const auto outcome = handlewatch(
      folder / "data", {"hits", "list", "--format", "jsonl", "--reveal", "--case", "test", "--purpose", "test"});
  REQUIRE_MESSAGE(outcome.status == 0, outcome.err);
  return json_lines(outcome.out);
}

void check_hits(const TemporaryFolder& folder) {
  std::set<std::pair<std::string, std::string>> found;
  std::set<std::string> posts;
  const auto hits = revealed_hits(folder);
  std::size_t raised = 0;
  for (const json& hit : hits) {
    CHECK_MESSAGE(posts.insert(hit["post_id"]).second, "a post that hit twice");
    if (hit["band"] != "medium" && hit["band"] != "high") continue;
    ++raised;
    for (const json& handle : hit["handles"]) found.emplace(handle["messenger"], handle["handle"]);
  }
  CHECK(raised == 23);
  for (const auto& advert : true_adverts()) CHECK_MESSAGE(found.contains(advert), advert.first);
}

void check_each_page_once(const Replay& replay) {
  for (const auto& [address, count] : replay.counts())
    CHECK_MESSAGE(count == 1, address << " was asked " << count << " times");
}

}  // namespace

TEST_CASE("a real board is crawled whole, each page once, and a second crawl is a handful of requests") {
  for (const Board& board : kBoards) {
    SUBCASE(board.recording.c_str()) {
      const auto replay = Replay::start(board.recording);
      if (!replay) return;
      const TemporaryFolder folder;
      prepare(folder, board, replay->url());
      const auto first = handlewatch(folder / "data", {"crawl"});
      CHECK_MESSAGE(first.status == 0, first.err);
      CHECK_MESSAGE(first.out.find(std::to_string(board.posts) + " posts") != std::string::npos, first.out);
      CHECK(first.out.find("23 hits") != std::string::npos);
      check_hits(folder);
      check_each_page_once(*replay);
      const std::size_t asked = replay->requests().size();
      for (const std::string& address : replay->requests()) CHECK(address.find("sid=") == std::string::npos);

      const auto second = handlewatch(folder / "data", {"crawl", "board"});
      CHECK_MESSAGE(second.status == 0, second.err);
      CHECK(second.out.find(" 0 new") != std::string::npos);
      const std::size_t again = replay->requests().size() - asked;
      CHECK(again <= 10);
      MESSAGE(board.recording << ": " << asked << " requests, then " << again);
      check_hits(folder);
    }
  }
}

TEST_CASE("kill -9 in the middle of a crawl: nothing lost, no duplicate, at most what was in flight asked again") {
  const auto replay = Replay::start("phpbb");
  if (!replay) return;
  const TemporaryFolder folder;
  prepare(folder, kBoards[0], replay->url());
  std::mt19937 random(20261122);
  int kills = 0;
  for (int round = 0; round < 12; ++round) {
    hw::test::Invocation invocation;
    invocation.arguments = {"--data", (folder / "data").string(), "crawl", "board"};
    hw::test::Process process(invocation);
    std::this_thread::sleep_for(std::chrono::milliseconds(std::uniform_int_distribution<>(20, 250)(random)));
    process.signal(SIGKILL);
    if (process.wait().status == 128 + SIGKILL) ++kills;
  }
  CHECK(kills > 0);
  const auto last = handlewatch(folder / "data", {"crawl", "board"});
  CHECK_MESSAGE(last.status == 0, last.err);
  check_hits(folder);
  // A thread page is asked again only if the kill fell into its own exchange.
  std::size_t repeats = 0;
  for (const auto& [address, count] : replay->counts())
    if (address.starts_with("/viewtopic")) repeats += static_cast<std::size_t>(count) - 1;
  CHECK(repeats <= static_cast<std::size_t>(kills));
  MESSAGE(kills << " kills, " << repeats << " thread pages asked again");
}
