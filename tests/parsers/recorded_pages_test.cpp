// Saved pages of real boards: the posts that a person counts on them, found here by looking at the bytes without a
// parser.
#include <algorithm>
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

namespace {

std::string line_without_tags(std::string_view html) {
  std::string text;
  bool in_tag = false;
  for (const char c : html) {
    in_tag = c == '<' || (in_tag && c != '>');
    if (!in_tag && c != '>') text += c;
  }
  return std::string(trim(text));
}

// What a page's bytes say at each of its posts, beside what was read of them.
void check_each(const ParsedPage& page, const std::vector<std::string>& ids, const std::vector<std::string>& authors,
                const std::string& title) {
  REQUIRE(page.posts.size() == ids.size());
  REQUIRE(authors.size() == ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const Post& post = page.posts[i];
    CAPTURE(post.id);
    CHECK(post.id == ids[i]);
    CHECK(post.author == authors[i]);
    CHECK_FALSE(post.author_id.empty());
    CHECK(post.created_at.has_value());
    CHECK(post.title == title);
    CHECK_FALSE((post.text.empty() && post.quotes.empty()));
    CHECK(post.url.find(post.id) != std::string::npos);
    for (const char* bad : {"<", "Click to expand", "Originally Posted", "Zum Vergr"})
      CHECK_MESSAGE(post.text.find(bad) == std::string::npos, post.text);
  }
}

}  // namespace

TEST_CASE("a saved XenForo 2 thread page: eight posts") {
  const auto file = test::recorded("fixtures/nettally/NetTally.Tests/Resources/Xenforo2.html");
  if (!file) return;
  const std::string body = test::read_file(*file);
  const ParsedPage page = parse("xenforo", body, "https://xenforo.com/community/threads/a-dark-theme-option.8276/");
  REQUIRE(page.posts.size() == 8);
  check_each(page, between(body, "id=\"js-post-", "\""), between(body, "data-author=\"", "\""), "a dark theme option");
  CHECK(to_rfc3339(*page.posts[0].created_at) == "2010-11-21T10:51:58Z");
  CHECK(page.posts[0].text.starts_with("it would be great if by default a dark theme shipped with xenforo.\nsure,"));
  CHECK(page.posts[0].tags == std::vector<std::string>{"design"});
  CHECK(page.posts[7].text == "i want this added to xenforo.com itself");
  CHECK(to_rfc3339(*page.posts[7].created_at) == "2019-06-26T09:25:09Z");  // written as 10:25:09+0100
  CHECK_FALSE(page.next.has_value());
  CHECK(page.warnings.empty());
}

TEST_CASE("a saved German XenForo 2 thread page: eighteen posts, quotes apart") {
  const auto file = test::recorded("fixtures/htmldate_sites/tests/eval/katzen-forum.net-Pepe.html");
  if (!file) return;
  const std::string body = test::read_file(*file);
  const ParsedPage page = parse("xenforo", body, "https://www.katzen-forum.net/threads/230143/");
  REQUIRE(page.posts.size() == 18);
  std::vector<std::string> authors;
  for (const std::string& head : between(body, "<article class=\"message message--post", "id=\"js-post-"))
    authors.push_back(between(head, "data-author=\"", "\"").front());
  check_each(page, between(body, "id=\"js-post-", "\""), authors, "Jede Nacht verliert Pepe soviel Dreck aus dem Fell");
  const auto quoting =
      std::find_if(page.posts.begin(), page.posts.end(), [](const Post& p) { return p.id == "6331617"; });
  REQUIRE(quoting != page.posts.end());
  CHECK(quoting->quotes == std::vector<std::string>{"yellowkitty die Ohren sind total sauber, kein Dreck"});
  CHECK(quoting->reply_to == "6331459");
  CHECK(quoting->text.starts_with("Dann hat er wohl keine Milben"));
  CHECK(quoting->text.find("dran denkt :)") != std::string::npos);
}

TEST_CASE("a saved vBulletin 4 thread page: ten posts, signatures left out") {
  const auto file = test::recorded("fixtures/nettally/NetTally.Tests/Resources/vBulletin4.html");
  if (!file) return;
  const std::string body = test::read_file(*file);
  const ParsedPage page = parse("vbulletin", body, "http://forums.militarytimes.com/showthread.php/9687-Legendary");
  REQUIRE(page.posts.size() == 10);
  std::vector<std::string> authors;
  for (const std::string& link : between(body, "<a class=\"username ", "</strong>"))
    authors.push_back(link.substr(link.find("<strong>") + 8));
  check_each(page, between(body, "<div id=\"post_message_", "\""), authors,
             "Legendary military columnist, author Bob Dorr dies at 76");
  CHECK(to_rfc3339(*page.posts[0].created_at) == "2016-06-15T15:03:00Z");  // "All times are GMT"
  CHECK(page.posts[0].text == "http://www.airforcetimes.com/story/m...s-76/85869288/\n\nRIP Mr. Dorr.");
  CHECK(page.posts[0].links.size() == 1);
  CHECK(page.posts[1].text == "Sad to read that ...\n\nFair winds and following seas Mr. Dorr.");
  CHECK(page.posts[9].quotes.size() == 1);
  CHECK(page.posts[9].reply_to == "367740");
  CHECK(page.posts[9].text ==
        "I'm waiting for an RFD marathon on The History Channel. He was on there quite a few times.");
  REQUIRE(page.next.has_value());
  CHECK(page.next->url ==
        "http://forums.militarytimes.com/showthread.php/9687-Legendary-military-columnist-author-Bob-Dorr-dies-at-76/"
        "page2");
  CHECK(page.warnings.empty());
}

TEST_CASE("a saved vBulletin 5 thread page: fifteen posts, times by attribute") {
  const auto file = test::recorded("fixtures/nettally/NetTally.Tests/Resources/vBulletin5.html");
  if (!file) return;
  const std::string body = test::read_file(*file);
  const std::string url =
      "https://fandompost.vbulletin.net/forum/anime-manga-discussions/general-anime-discussions/"
      "727744-isekai-quartet-discussion-thread";
  const ParsedPage page = parse("vbulletin", body, url);
  REQUIRE(page.posts.size() == 15);
  std::vector<std::string> authors;
  for (const std::string& block : between(body, "<div class=\"author h-text-size--14\">", "</strong>"))
    authors.push_back(line_without_tags(block));
  check_each(page, between(body, "<li data-node-id=\"", "\""), authors, "Isekai Quartet Discussion Thread");
  CHECK(to_rfc3339(*page.posts[0].created_at) == "2019-04-09T15:37:23Z");
  CHECK(page.posts[2].quotes.size() == 1);
  CHECK(page.posts[2].reply_to == "727754");
  CHECK(page.posts[2].text.starts_with("Re: Episode 1\n\nO.M.G.\n\nThis was too much fun"));
  REQUIRE(page.next.has_value());
  CHECK(page.next->url == url + "/page2");
}
