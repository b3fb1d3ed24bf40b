#include "parsers/nodebb.h"

#include <doctest/doctest.h>

using namespace hw;
using namespace hw::parsers;

namespace {

std::string planned(std::string url) {
  config::SourceSpec source;
  source.url = std::move(url);
  const auto requests = find("nodebb")->plan(source, {});
  REQUIRE(requests.size() == 1);
  CHECK(requests.front().role == PageRole::entry);
  return requests.front().url;
}

ParsedPage parse(std::string body, std::string url = "https://b.example/api/topic/1", std::string stamp = "") {
  Document document;
  document.url = std::move(url);
  document.request = {document.url, PageRole::thread, std::move(stamp)};
  document.body = std::move(body);
  return find("nodebb")->parse(document);
}

std::string topic(int page, int pages, std::string posts) {
  return R"({"tid":1,"title":"t","mainPid":1,"postcount":45,"lastposttime":99,"posts":[)" + posts +
         R"(],"pagination":{"currentPage":)" + std::to_string(page) + R"(,"pageCount":)" + std::to_string(pages) + "}}";
}

}  // namespace

TEST_CASE("NodeBB: any address of a board becomes one of its read API") {
  CHECK(planned("https://b.example") == "https://b.example/api/categories");
  CHECK(planned("https://b.example/forum/") == "https://b.example/forum/api/categories");
  CHECK(planned("https://b.example/categories") == "https://b.example/api/categories");
  CHECK(planned("https://b.example/recent") == "https://b.example/api/recent");
  CHECK(planned("https://b.example/category/5/gardening") == "https://b.example/api/category/5");
  CHECK(planned("https://b.example/category/5/gardening?page=2&lang=en-GB") ==
        "https://b.example/api/category/5?page=2");
  CHECK(planned("https://b.example/category/5?page=1") == "https://b.example/api/category/5");
  CHECK(planned("https://b.example/x/topic/38/a-slug/7") == "https://b.example/x/api/topic/38");
  CHECK(planned("https://b.example/api/topic/38/a-slug") == "https://b.example/api/topic/38");
  CHECK(planned("https://b.example/api/recent") == "https://b.example/api/recent");
  CHECK(planned("https://b.example/tags/roses") == "https://b.example/api/tags/roses");
}

TEST_CASE("NodeBB: full pages are read once, the last has the topic's stamp on whichever page it is named") {
  const std::string post = R"({"pid":1,"content":"x","timestamp":5,"user":{"username":"a"}})";
  const ParsedPage first = parse(topic(1, 3, post));
  REQUIRE(first.next.has_value());
  CHECK(*first.next == Request{"https://b.example/api/topic/1?page=2", PageRole::thread, "full"});
  REQUIRE(first.links.size() == 1);
  CHECK(first.links[0] == Request{"https://b.example/api/topic/1?page=3", PageRole::thread, "99/45"});
  const ParsedPage second = parse(topic(2, 3, post), "https://b.example/api/topic/1?page=2", "full");
  REQUIRE(second.next.has_value());
  CHECK(*second.next == first.links[0]);
  CHECK(second.links.empty());
  CHECK_FALSE(parse(topic(3, 3, post)).next.has_value());
}

TEST_CASE("NodeBB: where a board shows the newest first, no page counts as full") {
  const ParsedPage page = parse(topic(1, 3,
                                      R"({"pid":1,"content":"x","timestamp":5},{"pid":9,"content":"x","timestamp":90},)"
                                      R"({"pid":8,"content":"x","timestamp":80})"));
  REQUIRE(page.next.has_value());
  CHECK(page.next->stamp == "99/45");
}

TEST_CASE("NodeBB: posts that came from another server keep their address as id") {
  const ParsedPage page =
      parse(topic(1, 1, R"({"pid":"https://other.example/n/1","uid":"https://other.example/u/2","content":"x"})"));
  REQUIRE(page.posts.size() == 1);
  CHECK(page.posts[0].id == "https://other.example/n/1");
  CHECK(page.posts[0].url == "https://other.example/n/1");
  CHECK(page.posts[0].author_id == "https://other.example/u/2");
}

TEST_CASE("NodeBB: members of the wrong type are absent, not fatal") {
  CHECK(
      parse(
          R"({"tid":{},"posts":[1,null,"x",[],{"pid":null},{"pid":7,"content":5,"user":[],"timestamp":"x","deleted":"no"}]})")
          .posts.size() == 1);
  CHECK(parse(R"({"topics":[5,{"tid":-1},{"tid":"1/../../x"}],"pagination":7})").links.empty());
  CHECK(parse(R"({"categories":{"a":1},"topics":[]})").state == ReadState::ok);
  CHECK(parse("[]").state == ReadState::not_ours);
  CHECK(parse("nonsense").state == ReadState::not_ours);
  CHECK(parse("").state == ReadState::not_ours);
}

TEST_CASE("NodeBB: numbers that no post and no page can have") {
  const ParsedPage page = parse(R"({"tid":1,"posts":[{"pid":1,"content":"x","timestamp":9223372036854775807}],)"
                                R"("pagination":{"currentPage":9223372036854775807,"pageCount":9223372036854775807}})");
  REQUIRE(page.posts.size() == 1);
  CHECK_FALSE(page.posts[0].created_at.has_value());
  CHECK_FALSE(page.next.has_value());
  CHECK(parse(R"({"tid":1,"posts":[{"pid":1,"content":"x","timestamp":-5}]})").posts.size() == 1);
}

TEST_CASE("NodeBB: a lone surrogate or a stray byte costs one character, not the page") {
  const ParsedPage page = parse(topic(1, 1, "{\"pid\":1,\"content\":\"a\\ud83d b \xFF c\"}"));
  REQUIRE(page.posts.size() == 1);
  CHECK(page.posts[0].text == "a\xEF\xBF\xBD b \xEF\xBF\xBD c");
}

TEST_CASE("NodeBB: what an answer is when it has no posts") {
  CHECK(parse(R"({"title":"[[global:404.title]]","bodyClass":"x"})").state == ReadState::error_page);
  CHECK(parse(R"({"title":"[[global:403.title]]","loggedIn":false})").state == ReadState::login_wall);
  CHECK(parse(R"({"error":"[[error:no-privileges]]"})").state == ReadState::login_wall);
  CHECK(parse(R"({"bodyClass":"page-topic","things":[]})").state == ReadState::changed);
  CHECK(parse(R"({"tid":1,"posts":[]})").state == ReadState::changed);
  CHECK(parse(R"({"some":"thing"})").state == ReadState::not_ours);
  CHECK(parse("<html><body>It works!").state == ReadState::not_ours);
  CHECK(parse("<html><script id=\"ajaxify-data\">{}</script>").state == ReadState::changed);
}
