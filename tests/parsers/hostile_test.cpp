// Bytes that mean harm, or that something mangled: every parser answers in bounded time with clean text and links of
// its own host.
#include <algorithm>
#include <ctime>
#include <functional>
#include <random>

#include <doctest/doctest.h>

#include "parsers/parser.h"
#include "tests/parsers/checks.h"
#include "tests/support/support.h"

using namespace hw;
using namespace hw::parsers;

namespace {

constexpr const char* kUrl = "https://b.example/board/viewtopic.php?t=1";

std::string repeated(std::string_view piece, std::size_t times) {
  std::string out;
  out.reserve(piece.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += piece;
  return out;
}

Document document_of(std::string body, std::string url = kUrl) {
  Document document;
  document.url = document.request.url = std::move(url);
  document.body = std::move(body);
  document.fetched_at = *parse_rfc3339("2026-11-22T10:00:00Z");
  return document;
}

// Of the processor, so that a busy machine changes nothing.
double seconds_of(const std::function<void()>& work) {
  const std::clock_t start = std::clock();
  work();
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

// Generous enough for a sanitizer; what is quadratic takes minutes.
constexpr double kMostSeconds = 30;

void check_all(const std::string& name, const std::string& body) {
  CAPTURE(name);
  const Document document = document_of(body);
  for (const Parser& parser : all()) {
    CAPTURE(std::string(parser.name));
    const double seconds = seconds_of([&] {
      parser.recognises(document);
      test::check_page(parser.parse(document), document.url);
    });
    CHECK(seconds < kMostSeconds);
  }
}

const std::string kPhpbb =
    "<html><body id=\"phpbb\" class=\"section-viewtopic\"><div id=\"p1\" class=\"post\"><div class=\"content\">";
const std::string kNodebb =
    "<html><script id=\"ajaxify-data\"></script><li component=\"post\" data-pid=\"1\"><div component=\"post/content\">";
const std::string kFeed = "<?xml version=\"1.0\"?><rss><channel><item><title>t</title><description>";

std::vector<std::string> heads() { return {kPhpbb, kNodebb, kFeed + "<![CDATA[", kFeed}; }

}  // namespace

TEST_CASE("nested tags by the hundred thousand") {
  for (const std::string& head : heads()) {
    check_all("div", head + repeated("<div>", 100'000) + "end");
    check_all("bold", head + repeated("<b>", 100'000) + "end");
    check_all("wrongly closed", head + repeated("<div></span>", 50'000) + "end");
  }
}

TEST_CASE("markup that is deeper than its tags say") {
  // </div> does not close through an open table: each round leaves one <div> open that the count takes for closed.
  check_all("table", kPhpbb + repeated("<div><table></div></table>", 20'000));
  check_all("svg", kPhpbb + repeated("<div><svg><title></div></title></svg>", 20'000));
  check_all("script", kPhpbb + repeated("<div><script><!--<script></script></div>--></script>", 20'000));
}

TEST_CASE("formatting that every paragraph opens anew") {
  std::string fonts;
  for (int i = 0; i < 20'000; ++i) fonts += "<p><font size=" + std::to_string(i) + ">";
  check_all("fonts", kPhpbb + fonts);
  std::string closed;
  for (int i = 0; i < 20'000; ++i)
    closed += "<p><a name=" + std::to_string(i) + "><b class=" + std::to_string(i) + ">x</p>";
  check_all("anchors", kPhpbb + closed);
}

TEST_CASE("one tag with a hundred thousand attributes") {
  std::string tag = "<div";
  for (int i = 0; i < 100'000; ++i) tag += " a" + std::to_string(i) + "=1";
  for (const std::string& head : heads()) check_all("attributes", head + tag + ">x");
}

TEST_CASE("forty megabytes") { check_all("words", kPhpbb + repeated("some words and more of them ", 40'000'000 / 28)); }

TEST_CASE("megabytes of what is cheap to send and dear to read") {
  constexpr std::size_t kSize = 3'000'000;
  check_all("brackets", kPhpbb + repeated("<", kSize));
  check_all("end tags", kPhpbb + repeated("</b></div>", kSize / 10));
  check_all("ampersands", kFeed + repeated("&", kSize));
  check_all("anchors", kPhpbb + repeated("<a href=\"x\">x", kSize / 13));
  check_all("list items", kPhpbb + "<ol>" + repeated("<li>x", kSize / 5));
  check_all("quotes", kPhpbb + repeated("<p><a href=\"/post/1\">x</a>:</p>", kSize / 32));
  check_all("topics", "<html><body id=\"phpbb\" class=\"section-viewforum\">" +
                          repeated("<li class=\"row\"><a class=\"topictitle\" href=\"viewtopic.php?t=1\">x</a></li>",
                                   kSize / 75));
  check_all("posts", "<html><body id=\"phpbb\">" +
                         repeated("<div id=\"p1\" class=\"post\"><div class=\"content\">x</div></div>", kSize / 60));
  check_all("items", "<rss><channel>" + repeated("<item><title>hello</title></item>", kSize / 32));
  check_all("categories", "<rss><channel><item><title>x</title>" + repeated("<category>a</category>", kSize / 22));
  check_all("posts of NodeBB",
            "{\"tid\":1,\"posts\":[" + repeated("{\"pid\":1,\"content\":\"hello\"},", kSize / 28) + "{}]}");
  check_all("topics of NodeBB", "{\"topics\":[" + repeated("{\"tid\":1},", kSize / 10) + "{}]}");
}

TEST_CASE("JSON that is cut short, nested or not JSON at all") {
  const std::string topic = test::read_file(test::fixture("nodebb/topic.json"));
  for (std::size_t length = 0; length < topic.size(); length += 97) check_all("cut", topic.substr(0, length));
  check_all("arrays", repeated("[", 1'000'000));
  check_all("objects", repeated("{\"categories\":", 200'000));
  check_all("children",
            "{\"categories\":" + repeated("[{\"cid\":1,\"children\":", 20'000) + "[]" + repeated("}]", 20'000) + "}");
}

TEST_CASE("entities that multiply are never expanded") {
  std::string bomb = "<?xml version=\"1.0\"?><!DOCTYPE rss [<!ENTITY a0 \"hahaha\">";
  for (int i = 1; i < 30; ++i)
    bomb += "<!ENTITY a" + std::to_string(i) + " \"" + repeated("&a" + std::to_string(i - 1) + ";", 10) + "\">";
  bomb += "<!ENTITY % p \"<!ENTITY q 'x'>\">%p;]>";
  const Document document =
      document_of(bomb + "<rss><channel><item><guid x=\"&a29;\">g</guid><title>&a29;</title></item></channel></rss>");
  const ParsedPage page = find("feed")->parse(document);
  REQUIRE(page.posts.size() == 1);
  CHECK(page.posts[0].title == "&a29;");
  check_all("quadratic", "<!DOCTYPE a [<!ENTITY x \"" + repeated("x", 100'000) + "\">]><rss><channel><item><title>" +
                             repeated("&x;", 100'000));
}

TEST_CASE("NUL bytes, wrong charsets and other noise") {
  std::string noise;
  std::mt19937 random(7);
  for (int i = 0; i < 200'000; ++i) noise += static_cast<char>(random());
  for (const std::string& head : heads()) {
    check_all("noise", head + noise);
    check_all("nul", head + std::string(1000, '\0') + "x");
    Document document = document_of(head + noise);
    for (const char* charset : {"utf-16", "utf-7", "gb18030", "iso-2022-jp", "shift_jis", "no-such"}) {
      document.charset = charset;
      for (const Parser& parser : all()) test::check_page(parser.parse(document), document.url);
    }
  }
}

TEST_CASE("every fixture, mutated at random") {
  std::mt19937 random(20260522);
  const auto below = [&](std::size_t bound) {
    return static_cast<std::size_t>(random() % std::max<std::size_t>(1, bound));
  };
  static const std::vector<std::string> kPieces{"<div>",
                                                "</div>",
                                                "<",
                                                ">",
                                                "\"",
                                                "'",
                                                "&",
                                                "&#",
                                                "<!--",
                                                "]]>",
                                                "{",
                                                "}",
                                                "[",
                                                ",",
                                                "\\u",
                                                "\xFF",
                                                std::string(1, '\0'),
                                                "href=\"//evil.example/x\"",
                                                "data:image/png;base64,AA",
                                                "<img src=x.png>",
                                                "http://evil.example/viewtopic.php?t=1",
                                                "<table>",
                                                "<blockquote>"};
  for (const Parser& owner : all()) {
    for (const auto& entry : std::filesystem::directory_iterator(test::fixture(owner.name))) {
      if (entry.path().string().ends_with(".expected.jsonl")) continue;
      const std::string page = test::read_file(entry.path());
      for (int round = 0; round < 40; ++round) {
        std::string mutated = page;
        for (std::size_t edits = 1 + below(8); edits > 0 && !mutated.empty(); --edits) {
          const std::size_t at = below(mutated.size());
          switch (below(4)) {
            case 0:
              mutated.erase(at, below(200));
              break;
            case 1:
              mutated.insert(at, kPieces[below(kPieces.size())]);
              break;
            case 2:
              mutated[at] = static_cast<char>(random());
              break;
            default:
              mutated.insert(at, mutated.substr(below(mutated.size()), below(300)));
              break;
          }
        }
        CAPTURE(entry.path().string());
        CAPTURE(round);
        const Document document = document_of(mutated);
        for (const Parser& parser : all()) test::check_page(parser.parse(document), document.url);
      }
    }
  }
}
