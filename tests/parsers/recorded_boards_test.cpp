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

// `welcome` is the title of the one post that some engines install themselves. What was read, by id.
std::map<std::string, Post> check_board(const std::string& parser_name, const std::string& warc, const std::string& url,
                                        const std::string& welcome, std::size_t most_requests) {
  const auto recording = test::recorded("fixtures/boards/" + warc);
  const auto truth_file = test::recorded("fixtures/boards/truth.json");
  if (!recording || !truth_file) return {};
  const parsers::Parser* parser = parsers::find(parser_name);
  REQUIRE(parser != nullptr);
  test::RecordedBoard board(*recording);
  std::map<std::string, Post> posts;
  const std::size_t requests = board.crawl(*parser, url, posts);
  CHECK(posts.size() == (welcome.empty() ? 403 : 404));
  CHECK(requests <= most_requests);
  for (const auto& [address, times] : board.fetched()) CHECK_MESSAGE(times == 1, address);
  for (const auto& [id, post] : posts) {
    CHECK_MESSAGE(post.created_at.has_value(), id);
    CHECK_MESSAGE(!post.author_id.empty(), id);
    CHECK_MESSAGE(!post.url.empty(), id);
    CHECK_MESSAGE(post.state == PostState::live, id);
  }
  Threads read = threads_of(posts);
  if (!welcome.empty()) REQUIRE(read.erase(welcome) == 1);
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
  return posts;
}

// The minute of each post by its thread's title and its place in the thread.
std::map<std::pair<std::string, std::size_t>, std::string> minutes_of(const std::map<std::string, Post>& posts) {
  std::map<std::string, std::vector<Post>> threads;
  for (const auto& [id, post] : posts) threads[post.title].push_back(post);
  std::map<std::pair<std::string, std::size_t>, std::string> minutes;
  for (auto& [title, thread] : threads) {
    std::sort(thread.begin(), thread.end(),
              [](const auto& a, const auto& b) { return std::stol(a.id) < std::stol(b.id); });
    for (std::size_t i = 0; i < thread.size(); ++i)
      minutes[{title, i}] = to_rfc3339(std::chrono::floor<std::chrono::minutes>(thread[i].created_at.value_or(Time{})));
  }
  return minutes;
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

TEST_CASE("the recorded MyBB board: every post, each page once, and one request when nothing is new") {
  // The index, seven forums and categories, one further page, 60 threads and 6 further pages.
  const auto posts = check_board("mybb", "mybb.warc.gz", "http://127.0.0.1:18082/", "", 75);
  if (posts.empty()) return;
  // phpBB states the same posts' times by attribute, with their zone; MyBB writes them for people, to the minute.
  const auto other = check_board("phpbb", "phpbb.warc.gz", "http://127.0.0.1:18081/", "Welcome to phpBB3", 74);
  const auto expected = minutes_of(other);
  for (const auto& [place, minute] : minutes_of(posts)) {
    const auto same = expected.find(place);
    REQUIRE(same != expected.end());
    CHECK_MESSAGE(minute == same->second, place.first << " " << place.second);
  }
}
