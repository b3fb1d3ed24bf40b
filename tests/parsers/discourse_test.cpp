// Discourse: addresses, and responses recorded from real boards.
#include <doctest/doctest.h>

#include "parsers/parser.h"
#include "tests/parsers/checks.h"
#include "tests/support/support.h"

using namespace hw;
using namespace hw::parsers;

namespace {

std::string planned(const std::string& url) {
  config::SourceSpec source;
  source.url = url;
  const auto requests = find("discourse")->plan(source, {});
  return requests.empty() ? "nothing" : requests.front().url;
}

ParsedPage parse(std::string body, const std::string& url, const std::string& stamp = "") {
  Document document;
  document.url = document.request.url = url;
  document.request.stamp = stamp;
  document.body = std::move(body);
  document.fetched_at = *parse_rfc3339("2026-11-22T10:00:00Z");
  return find("discourse")->parse(document);
}

}  // namespace

TEST_CASE("what an operator writes is read through the API, a person's page never") {
  CHECK(planned("https://b.example/") == "https://b.example/posts.json");
  CHECK(planned("https://b.example/forum/") == "https://b.example/forum/posts.json");
  CHECK(planned("https://b.example/latest") == "https://b.example/latest.json");
  CHECK(planned("https://b.example/c/herbs/5") == "https://b.example/c/herbs/5.json");
  CHECK(planned("https://b.example/forum/c/herbs/5?order=views") == "https://b.example/forum/c/herbs/5.json");
  CHECK(planned("https://b.example/tag/winter") == "https://b.example/tag/winter.json");
  CHECK(planned("https://b.example/t/winter-herbs/57/4") == "https://b.example/t/57.json");
  CHECK(planned("https://b.example/t/57/4") == "https://b.example/t/57.json");
  CHECK(planned("https://b.example/latest?_escaped_fragment_=") == "https://b.example/latest?_escaped_fragment_=");
  CHECK(planned("https://b.example/u/ida") == "nothing");
  CHECK(planned("https://b.example/u/ida/activity.json") == "nothing");
}

TEST_CASE("a full page names the next one alone, and windows of posts end at the beginning") {
  const std::string topic = test::read_file(test::fixture("discourse/topic.json"));
  const ParsedPage second = parse(topic, "https://b.example/t/60.json?page=2", "full");
  CHECK(second.links.empty());
  REQUIRE(second.next.has_value());
  CHECK(second.next->url == "https://b.example/t/60.json?page=3");
  CHECK(second.next->stamp == "2026-11-19T12:00:00.000Z/45");
  CHECK_FALSE(parse(topic, "https://b.example/t/60.json?page=3").next.has_value());
  const std::string empty = R"({"latest_posts":[]})";
  CHECK(parse(empty, "https://b.example/posts.json?before=100", "full").next->url ==
        "https://b.example/posts.json?before=50");
  CHECK_FALSE(parse(empty, "https://b.example/posts.json?before=50", "full").next.has_value());
  CHECK_FALSE(parse(empty, "https://b.example/posts.json").next.has_value());
}

TEST_CASE("recorded answers of the API: every post with id, author, time and words") {
  const auto folder = test::recorded("fixtures/discourse_api/spec/fixtures");
  if (!folder) return;
  const std::string site = "http://localhost:3000";
  const ParsedPage latest = parse(test::read_file(*folder / "posts_before.json"), site + "/posts.json?before=15");
  REQUIRE(latest.posts.size() == 3);
  CHECK(latest.posts[0].id == "11/1");
  CHECK(latest.posts[0].author == "johndoe");
  CHECK(latest.posts[0].author_id == "1");
  CHECK(latest.posts[0].title == "This is an uncategorized title");
  CHECK(latest.posts[0].text == "hi there. hi there. hi there.");
  CHECK(to_rfc3339(latest.posts[0].created_at.value()) == "2020-01-25T00:58:35.475Z");
  const ParsedPage topic = parse(test::read_file(*folder / "topic.json"), site + "/t/57.json");
  REQUIRE(topic.posts.size() == 4);
  CHECK(topic.posts[0].id == "57/1");
  CHECK(topic.posts[0].author == "samsaffron");
  CHECK(topic.posts[0].text.starts_with("Welcome!\n\nTry is a sandbox"));
  CHECK_FALSE(topic.next.has_value());
  const ParsedPage listing = parse(test::read_file(*folder / "hot.json"), site + "/hot.json");
  CHECK(listing.links.size() == 3);
  for (const ParsedPage* page : {&latest, &topic, &listing}) {
    test::check_page(*page, site + "/");
    CHECK(page->state == ReadState::ok);
    for (const Post& post : page->posts) {
      CHECK_FALSE(post.author.empty());
      CHECK(post.created_at.has_value());
    }
  }
  CHECK(parse(test::read_file(*folder / "post.json"), site + "/posts/11.json").posts.size() == 1);
}

TEST_CASE("a recorded page of a real topic, as crawlers see it") {
  const auto file = test::recorded("fixtures/onebox/spec/fixtures/discourse_topic.response");
  if (!file) return;
  const ParsedPage page = parse(test::read_file(*file), "https://meta.discourse.org/t/congratulations/12483");
  CHECK(page.state == ReadState::ok);
  REQUIRE(page.posts.size() == 2);
  for (std::size_t i = 0; i < page.posts.size(); ++i) {
    const Post& post = page.posts[i];
    CHECK(post.id == "12483/" + std::to_string(i + 1));
    CHECK_FALSE(post.author.empty());
    CHECK(post.created_at.has_value());
    CHECK_FALSE((post.text.empty() && post.quotes.empty()));
  }
  CHECK(page.posts[0].author == "techAPJ");
  CHECK(to_rfc3339(*page.posts[0].created_at) == "2014-02-06T04:55:19Z");
  CHECK(page.posts[0].text ==
        "Congratulations Discourse for qualifying Repositories with the most stars on GitHub Octoverse.\n\n"
        "And that too in just over an year, way to go! :boom:");
  CHECK_FALSE(page.next.has_value());
}
