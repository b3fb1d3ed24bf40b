#include "db/media.h"

#include <doctest/doctest.h>

using namespace hw;
using namespace hw::db;

namespace {

std::string cut(std::string text) {
  Post post;
  post.text = std::move(text);
  Verdict verdict;
  cut_media(post, verdict);
  return post.text;
}

}  // namespace

TEST_CASE("addresses of media and archives are recognised, of text are not") {
  for (const char* media :
       {"https://a.example/x.jpg", "http://a.example/p/x.PNG?w=1", "hxxps://a[.]example/x.mp4", "a.example/v/x.webm#t",
        "//a.example/x.gif", "https://a.example/get?file=x.zip", "https://a.example/media?format=jpg&name=large",
        "data:image/png;base64,AAAA", "DATA:,x", "data:;base64,QQ=="})
    CHECK_MESSAGE(is_media_address(media), media);
  for (const char* text :
       {"https://a.example/", "https://zip.example", "https://a.example/viewtopic.php?t=1", "x.jpg", "and/or",
        "https://a.example/x.jpg/comments", "data: see below, please", "metadata:x,y", "t.me/hwdemo_a"})
    CHECK_MESSAGE(!is_media_address(text), text);
}

TEST_CASE("media in running text is cut, the words around it stay") {
  CHECK(cut("see https://a.example/x.jpg, then write") == "see [cut], then write");
  CHECK(cut("(https://a.example/x.jpg)") == "([cut])");
  CHECK(cut("[img]https://a.example/x.png[/img] hi") == "[img][cut][/img] hi");
  CHECK(cut("![alt](https://a.example/x.png)") == "![alt]([cut])");
  CHECK(cut("data:image/gif;base64,R0lGODlhAQABAAAAACw= end") == "[cut] end");
  CHECK(cut("plain https://a.example/page stays") == "plain https://a.example/page stays");
  CHECK(cut("two https://a.example/a.mp4\nhttps://a.example/b.mp3") == "two [cut]\n[cut]");
}

TEST_CASE("spans still name the same characters") {
  Post post;
  post.text = "https://a.example/x.jpg my wickr is hwdemo_rose https://a.example/y.gif";
  const std::size_t at = post.text.find("hwdemo_rose");
  Verdict verdict;
  verdict.handles = {
      {"wickr", HandleType::user, "hwdemo_rose", "hwdemo_rose", "text", {at, at + 11}, Intent::advertised, 1}};
  verdict.rules = {{"r", "title", {0, 4}, 1}};
  cut_media(post, verdict);
  CHECK(post.text == "[cut] my wickr is hwdemo_rose [cut]");
  CHECK(post.text.substr(verdict.handles[0].span.from, 11) == "hwdemo_rose");
  CHECK(verdict.rules[0].span == Span{0, 4});
}

TEST_CASE("a span within what was cut stays within the text") {
  Post post;
  post.text = "x https://a.example/hwdemo_rose.jpg";
  Verdict verdict;
  verdict.handles = {
      {"wickr", HandleType::user, "hwdemo_rose", "hwdemo_rose", "text", {20, 31}, Intent::advertised, 1}};
  cut_media(post, verdict);
  CHECK(verdict.handles[0].span.from <= verdict.handles[0].span.to);
  CHECK(verdict.handles[0].span.to <= post.text.size());
}

TEST_CASE("links keep their place in the list and lose the address; every field is looked at") {
  Post post;
  post.links = {{"https://a.example/page", "page"},
                {"https://a.example/x.jpg", "photo https://a.example/x.jpg"},
                {"data:text/html,x", ""}};
  post.title = "https://a.example/t.png";
  post.author_bio = "https://a.example/t.png";
  post.quotes = {"https://a.example/t.png"};
  post.tags = {"https://a.example/t.png"};
  post.url = "https://a.example/t.png";
  Verdict verdict;
  cut_media(post, verdict);
  CHECK(post.links[0].url == "https://a.example/page");
  CHECK(post.links[1].url.empty());
  CHECK(post.links[1].text == "photo [cut]");
  CHECK(post.links[2].url.empty());
  for (const std::string& field : {post.title, post.author_bio, post.quotes[0], post.tags[0]}) CHECK(field == "[cut]");
  CHECK(post.url.empty());
}
