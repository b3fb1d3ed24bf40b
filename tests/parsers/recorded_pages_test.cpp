// Saved pages of real boards: the posts that a person counts on them, found here by looking at the bytes without a
// parser.
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "common/text.h"
#include "parsers/parser.h"
#include "tests/support/support.h"

using namespace hw;
using namespace hw::parsers;

namespace {

// What stands between `open` and `close`, at each place.
std::vector<std::string> between(std::string_view text, std::string_view open, std::string_view close) {
  std::vector<std::string> found;
  for (std::size_t at = text.find(open); at != std::string_view::npos; at = text.find(open, at + 1)) {
    const std::size_t from = at + open.size();
    found.emplace_back(text.substr(from, text.find(close, from) - from));
  }
  return found;
}

ParsedPage parse(const char* parser, const std::string& body, std::string url) {
  Document document;
  document.url = document.request.url = std::move(url);
  document.request.role = PageRole::thread;
  document.body = body;
  document.fetched_at = *parse_rfc3339("2026-11-22T10:00:00Z");
  REQUIRE(recognise(document) != nullptr);
  CHECK(recognise(document)->name == parser);
  return find(parser)->parse(document);
}

}  // namespace

TEST_CASE("a saved phpBB 3.0 thread page: every post with author, number, time and words") {
  const auto file = test::recorded("fixtures/nettally/NetTally.Tests/Resources/phpBB.html");
  if (!file) return;
  const std::string body = test::read_file(*file);
  const ParsedPage page = parse("phpbb", body, "http://ilovephilosophy.com/viewtopic.php?f=1&t=194998&start=25");
  const std::vector<std::string> ids = between(body, "<div id=\"p2", "\" class=\"post");
  const std::vector<std::string> bylines = between(body, "<p class=\"author\">", "</p>");
  REQUIRE(ids.size() == 25);
  REQUIRE(bylines.size() == 25);
  REQUIRE(page.posts.size() == 25);
  for (std::size_t i = 0; i < 25; ++i) {
    const Post& post = page.posts[i];
    CHECK(post.id == "2" + ids[i]);
    CHECK(post.title == "Biological Will");
    CHECK(post.author == between(bylines[i], "viewprofile&amp;u=", "</a>").front().substr(post.author_id.size() + 2));
    CHECK(between(bylines[i], "viewprofile&amp;u=", "\"").front() == post.author_id);
    CHECK(post.created_at.has_value());
    CHECK_FALSE((post.text.empty() && post.quotes.empty()));
    CHECK(post.text.find("<") == std::string::npos);
    CHECK(post.text.find("Last edited by") == std::string::npos);
    CHECK(post.text.find(" wrote:") == std::string::npos);
  }
  // "Sun May 26, 2019 4:34 pm" under "All times are UTC [ DST ]".
  CHECK(to_rfc3339(*page.posts[0].created_at) == "2019-05-26T15:34:00Z");
  CHECK(page.posts[1].text == "https://vocaroo.com/i/s0WJlPuchytm");
  CHECK(page.posts[1].links ==
        std::vector<Link>{{"https://vocaroo.com/i/s0WJlPuchytm", "https://vocaroo.com/i/s0WJlPuchytm"}});
  CHECK(page.posts[5].state == PostState::edited);
  REQUIRE(page.next.has_value());
  CHECK(page.next->url == "http://ilovephilosophy.com/viewtopic.php?t=194998&start=50");
  CHECK(page.links.size() == 7);  // pages 4 to 10
}

TEST_CASE("a saved NodeBB topic page: every post with author, number, time and words") {
  const auto file = test::recorded("fixtures/nettally/NetTally.Tests/Resources/NodeBB.html");
  if (!file) return;
  const std::string body = test::read_file(*file);
  const ParsedPage page = parse("nodebb", body, "https://community.nodebb.org/topic/13803/new-desing-for-nodebb-chat");
  const std::vector<std::string> items = between(body, "<li component=\"post\" ", ">");
  REQUIRE(items.size() == 13);
  REQUIRE(page.posts.size() == 13);
  for (std::size_t i = 0; i < 13; ++i) {
    const Post& post = page.posts[i];
    CHECK(post.id == between(items[i], "data-pid=\"", "\"").front());
    CHECK(post.author == between(items[i], "data-username=\"", "\"").front());
    CHECK(post.author_id == between(items[i], "data-uid=\"", "\"").front());
    CHECK(std::to_string(to_millis(post.created_at.value())) == between(items[i], "data-timestamp=\"", "\"").front());
    CHECK(post.title == "New desing for NodeBB chat!");
    CHECK_FALSE(post.text.empty());
  }
  CHECK(page.posts[0].text ==
        "What do you think about this chat for NodeBB?\n\n"
        "The look is not finished yet! If you have any suggestions on the subject! 😄");
  CHECK(page.posts[2].text.starts_with("👏 great work !"));
  CHECK(page.posts[3].quotes.size() == 1);
  CHECK_FALSE(page.next.has_value());
}
