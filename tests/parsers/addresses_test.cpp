#include "parsers/addresses.h"

#include <doctest/doctest.h>

using namespace hw;

namespace {

std::string link(std::string_view page, std::string_view reference) {
  const auto url = parsers::page_link(page, reference);
  return url ? url->text() : "none";
}

constexpr std::string_view kPage = "https://board.example/forum/viewtopic.php?t=1";

}  // namespace

TEST_CASE("links to crawl are absolute and free of sessions, views and fragments") {
  CHECK(link(kPage, "./viewtopic.php?f=1&t=2&sid=abc#p9") == "https://board.example/forum/viewtopic.php?f=1&t=2");
  CHECK(link(kPage, "viewtopic.php?t=2&sk=t&sd=a&st=0&view=print&hilit=x") ==
        "https://board.example/forum/viewtopic.php?t=2");
  CHECK(link(kPage, "/x?PHPSESSID=1&s=2&SID=3&a=b") == "https://board.example/x?a=b");
  CHECK(link(kPage, "  viewforum.php?f=3\n") == "https://board.example/forum/viewforum.php?f=3");
}

TEST_CASE("the broken links that boards emit are read as they were meant") {
  CHECK(link(kPage, "/app.php/feed?sid=302be0fe?f=2") == "https://board.example/app.php/feed?f=2");
  CHECK(link(kPage, "viewforum.php?f=2?sid=1") == "https://board.example/forum/viewforum.php?f=2");
}

TEST_CASE("links to crawl stay on the page's own host") {
  CHECK(link(kPage, "https://other.example/viewtopic.php?t=2") == "none");
  CHECK(link(kPage, "//other.example/") == "none");
  CHECK(link(kPage, "https://board.example.evil.example/") == "none");
  CHECK(link(kPage, "https://user:secret@board.example/") == "none");
  CHECK(link(kPage, "https://board.example:8443/") == "none");
  CHECK(link(kPage, "ftp://board.example/") == "none");
  CHECK(link(kPage, "javascript:alert(1)") == "none");
  CHECK(link(kPage, "data:text/html,x") == "none");
  CHECK(link(kPage, "mailto:a@board.example") == "none");
  CHECK(link("not an address", "x") == "none");
}

TEST_CASE("a page has one address whatever scheme its links were written with") {
  CHECK(link(kPage, "http://board.example/forum/?a=1") == "https://board.example/forum/?a=1");
  CHECK(link("http://127.0.0.1:8080/", "http://127.0.0.1:8080/x") == "http://127.0.0.1:8080/x");
}

TEST_CASE("chosen parameters, in one order") {
  const auto url = parse_url("https://board.example/v.php?start=10&f=1&t=2&t=3");
  REQUIRE(url.has_value());
  CHECK(parsers::with_only(*url, {"t", "start"}).text() == "https://board.example/v.php?t=2&start=10");
  CHECK(parsers::with_only(*url, {"x"}).text() == "https://board.example/v.php");
}

TEST_CASE("numbers in references as they are written") {
  CHECK(parsers::number_in("./memberlist.php?mode=viewprofile&u=7&sid=x", "u") == "7");
  CHECK(parsers::number_in("?u=7", "u") == "7");
  CHECK(parsers::number_in("viewtopic.php?p=12#p12", "p") == "12");
  CHECK(parsers::number_in("?menu=3&xu=4&u5=6", "u") == "");
  CHECK(parsers::number_in("?u=x", "u") == "");
  CHECK(parsers::number_in("?u=", "u") == "");
  CHECK(parsers::number_in("?u", "u") == "");
  CHECK(parsers::number_in("u=7", "u") == "");
  CHECK(parsers::number_in("", "u") == "");
}

TEST_CASE("written links are kept as written, fragments and all") {
  CHECK(parsers::written_link(kPage, "https://t.example/a?sid=1#b") == "https://t.example/a?sid=1#b");
  CHECK(parsers::written_link(kPage, "./viewtopic.php?p=9&sid=abc#p9") ==
        "https://board.example/forum/viewtopic.php?p=9#p9");
  CHECK(parsers::written_link(kPage, "xmpp:garden@chat.example") == "xmpp:garden@chat.example");
  CHECK(parsers::written_link(kPage, "https://name@t.example/x") == "https://name@t.example/x");
}

TEST_CASE("written links never lead to media or code") {
  for (const char* bad :
       {"", "#top", "javascript:x", "JaVaScRiPt:x", "data:image/png;base64,AAAA", "vbscript:x", "blob:x", "file:///etc",
        "/a.png", "a.JPG?x=1", "https://x.example/v.webm#t=1", "s.tar.gz", "song.mp3", "./download/file.php?id=5",
        "https://x.example/a\x01", "https://no such host/a.png?x", "java\nscript:x"})
    CHECK_MESSAGE(parsers::written_link(kPage, bad).empty(), bad);
}
