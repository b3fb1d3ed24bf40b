// A source gone wrong: whatever comes instead of the page that was asked for, every adapter of forums says so by a
// state that is not "ok", and makes up no posts.
#include <algorithm>
#include <filesystem>

#include <doctest/doctest.h>

#include "parsers/parser.h"
#include "tests/parsers/checks.h"
#include "tests/support/support.h"

using namespace hw;
using namespace hw::parsers;

namespace {

bool is_of_forums(const Parser& parser) {
  static const std::vector<std::string_view> names{"phpbb", "nodebb",   "mybb",   "xenforo",    "vbulletin",
                                                   "smf",   "invision", "fluxbb", "craigslist", "generic"};
  return std::find(names.begin(), names.end(), parser.name) != names.end();
}

struct Case {
  const char* what;
  std::string body;
  const char* content_type;
};

std::vector<Case> cases() {
  const std::string gateway =
      "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>";
  const std::string login =
      "<html><head><title>Sign in</title></head><body><main><h1>Sign in to read</h1><form method=post action=/session>"
      "<input name=login><input type=password name=password></form></main></body></html>";
  const std::string challenge =
      "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body><noscript>Enable JavaScript and cookies "
      "to continue</noscript><script>window._opt={};</script></body></html>";
  return {{"an empty body", "", "text/html"},
          {"white space", " \n\t ", "text/html"},
          {"a gateway's error with status 200", gateway, "text/html"},
          {"the same instead of JSON", gateway, "application/json"},
          {"somebody's log-in page", login, "text/html"},
          {"a page that asks for scripts", challenge, "text/html"},
          {"JSON cut short", "{\"posts\":[{\"id\":1,\"te", "application/json"},
          {"JSON instead of a page", "{\"error\":\"gone\"}", "text/html"},
          {"plain words", "Service unavailable.", "text/plain"},
          {"bytes of no charset", std::string("\xFF\xFE\x00\xD8\x81\x8D\x8F", 7), "text/html"}};
}

Document document_of(const Case& wrong) {
  Document document;
  document.url = "https://b.example/board/thread/1";
  document.request = {document.url, PageRole::thread, ""};
  document.status = 200;
  document.content_type = wrong.content_type;
  document.body = wrong.body;
  document.fetched_at = *parse_rfc3339("2026-11-22T10:00:00Z");
  return document;
}

}  // namespace

TEST_CASE("what comes instead of a page is never read as one") {
  for (const Case& wrong : cases()) {
    for (const Parser& parser : all()) {
      if (!is_of_forums(parser)) continue;
      CAPTURE(wrong.what);
      CAPTURE(std::string(parser.name));
      const ParsedPage page = parser.parse(document_of(wrong));
      test::check_page(page, "https://b.example/board/thread/1");
      CHECK(page.posts.empty());
      CHECK(page.state != ReadState::ok);
    }
  }
}

TEST_CASE("a page of another engine is not read as this one's") {
  const std::string other = test::read_file(test::fixture("phpbb/topic.html"));
  for (const Parser& parser : all()) {
    if (!is_of_forums(parser) || parser.name == "phpbb" || parser.name == "generic") continue;
    CAPTURE(std::string(parser.name));
    const ParsedPage page = parser.parse(document_of({"", other, "text/html"}));
    CHECK(page.posts.empty());
    CHECK(page.state != ReadState::ok);
  }
}

TEST_CASE("a fixture cut short anywhere yields posts or a state that is not ok, and never a post that was not there") {
  for (const Parser& parser : all()) {
    if (!is_of_forums(parser)) continue;
    for (const auto& entry : std::filesystem::directory_iterator(test::fixture(parser.name))) {
      const std::string name = entry.path().filename().string();
      if (!name.starts_with("thread") || !name.ends_with(".html")) continue;
      CAPTURE(entry.path().string());
      const std::string whole = test::read_file(entry.path());
      const ParsedPage full = parser.parse(document_of({"", whole, "text/html"}));
      for (std::size_t tenth = 1; tenth < 10; ++tenth) {
        const ParsedPage cut = parser.parse(document_of({"", whole.substr(0, whole.size() * tenth / 10), "text/html"}));
        CHECK(cut.posts.size() <= full.posts.size());
        if (cut.posts.empty()) CHECK(cut.state != ReadState::ok);
        for (std::size_t i = 0; i < cut.posts.size(); ++i) CHECK(cut.posts[i].id == full.posts[i].id);
      }
    }
  }
}
