// The boards recorded from real servers, against the truth that they were filled from.
#include <algorithm>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "parsers/parser.h"
#include "tests/parsers/board.h"
#include "tests/support/support.h"

using namespace hw;

namespace {

// The servers keep line breaks but may add or drop spaces around them.
std::string normalised(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool space = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (!space)
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

struct Row {
  std::string author;
  std::string text;
};

// By thread title, in the order of the thread.
using Threads = std::map<std::string, std::vector<Row>>;

Threads truth(const std::filesystem::path& file) {
  Threads threads;
  for (const auto& row : nlohmann::json::parse(test::read_file(file)))
    threads[row.at("title")].push_back({row.at("user"), normalised(row.at("text").get<std::string>())});
  return threads;
}

Threads threads_of(const std::map<std::string, Post>& posts) {
  std::vector<Post> ordered;
  for (const auto& [id, post] : posts) ordered.push_back(post);
  std::sort(ordered.begin(), ordered.end(),
            [](const Post& a, const Post& b) { return std::stol(a.id) < std::stol(b.id); });
  Threads threads;
  for (const Post& post : ordered) threads[post.title].push_back({post.author, normalised(post.text)});
  return threads;
}

void check_board(const std::string& parser_name, const std::string& warc, const std::string& url,
                 const std::string& welcome, std::size_t most_requests) {
  const auto recording = test::recorded("fixtures/boards/" + warc);
  const auto truth_file = test::recorded("fixtures/boards/truth.json");
  if (!recording || !truth_file) return;
  const parsers::Parser* parser = parsers::find(parser_name);
  REQUIRE(parser != nullptr);
  test::RecordedBoard board(*recording);
  std::map<std::string, Post> posts;
  const std::size_t requests = board.crawl(*parser, url, posts);
  CHECK(posts.size() == 404);
  CHECK(requests <= most_requests);
  for (const auto& [address, times] : board.fetched()) CHECK_MESSAGE(times == 1, address);
  for (const auto& [id, post] : posts) {
    CHECK_MESSAGE(post.created_at.has_value(), id);
    CHECK_MESSAGE(!post.author_id.empty(), id);
    CHECK_MESSAGE(!post.url.empty(), id);
    CHECK_MESSAGE(post.state == PostState::live, id);
  }
  Threads read = threads_of(posts);
  REQUIRE(read.erase(welcome) == 1);  // the post that the engine installs itself
  const Threads expected = truth(*truth_file);
  REQUIRE(read.size() == expected.size());
  for (const auto& [title, rows] : expected) {
    REQUIRE_MESSAGE(read[title].size() == rows.size(), title);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      CHECK(read[title][i].author == rows[i].author);
      CHECK(read[title][i].text == rows[i].text);
    }
  }

  CHECK(board.crawl(*parser, url, posts) == 1);  // nothing new: the entry alone is asked for again
}

}  // namespace

TEST_CASE("the recorded phpBB board: every post, each page once, and one request when nothing is new") {
  // The index, five forums with topics and the installed one, 61 topics, 6 further pages.
  check_board("phpbb", "phpbb.warc.gz", "http://127.0.0.1:18081/", "Welcome to phpBB3", 74);
}

TEST_CASE("the recorded NodeBB board: every post, each page once, and one request when nothing is new") {
  // The categories, five of them with topics, one further page, 61 topics and one further page.
  check_board("nodebb", "nodebb.warc.gz", "http://127.0.0.1:14567/", "Welcome to your NodeBB!", 69);
}
