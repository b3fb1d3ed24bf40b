// A source gone wrong: whatever comes instead of the page that was asked for, every adapter says so by a state that is
// not "ok", and makes up no posts; what is left of a page of its own, it reads.
#include <algorithm>
#include <filesystem>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "parsers/parser.h"
#include "tests/parsers/checks.h"
#include "tests/support/support.h"

using namespace hw;
using namespace hw::parsers;
using nlohmann::json;

namespace {

// An adapter's own page with the most posts, from its fixtures, and how it was asked for.
struct Own {
  Document document;
  std::size_t posts = 0;
};

Document document_of(const std::string& url, PageRole role, std::string body, const char* content_type) {
  Document document;
  document.request = {url, role, ""};
  document.url = url;
  document.status = 200;
  document.content_type = content_type;
  document.body = std::move(body);
  document.fetched_at = *parse_rfc3339("2026-11-22T10:00:00Z");
  return document;
}

const char* type_of(const std::filesystem::path& file) {
  if (file.extension() == ".json") return "application/json";
  return file.extension() == ".xml" ? "application/xml" : "text/html";
}

std::vector<Own> pages_of(const Parser& parser) {
  std::vector<Own> pages;
  for (const auto& entry : std::filesystem::directory_iterator(test::fixture(parser.name))) {
    if (entry.path().string().ends_with(".expected.jsonl")) continue;
    std::filesystem::path beside = entry.path();
    const std::string expected = test::read_file(beside.replace_extension(".expected.jsonl"));
    const std::string url = json::parse(expected.substr(0, expected.find('\n'))).at("url");
    pages.push_back({document_of(url, PageRole::thread, test::read_file(entry.path()), type_of(entry.path()))});
    pages.back().posts = parser.parse(pages.back().document).posts.size();
  }
  std::sort(pages.begin(), pages.end(), [](const Own& a, const Own& b) { return a.posts > b.posts; });
  return pages;
}

Own own_page(const Parser& parser) { return pages_of(parser).front(); }

struct Case {
  std::string what;
  std::string body;
  const char* content_type;
  std::vector<ReadState> states;  // one of these
};

const std::string kGateway =
    "<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>";
const std::string kLogin =
    "<html><head><title>Sign in</title></head><body><main><h1>Sign in to read</h1><form method=post action=/session>"
    "<input name=login><input type=password name=password></form></main></body></html>";
const std::string kChallenge =
    "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body><noscript>Enable JavaScript and cookies "
    "to continue</noscript><script>window._opt={};</script></body></html>";

std::vector<Case> cases() {
  using enum ReadState;
  return {{"an empty body", "", "text/html", {error_page}},
          {"white space", " \n\t ", "application/json", {error_page}},
          {"a gateway's error with status 200", kGateway, "text/html", {error_page}},
          {"the same instead of JSON", kGateway, "application/json", {error_page, not_ours}},
          {"somebody's log-in page", kLogin, "text/html", {login_wall}},
          {"a page that asks for scripts", kChallenge, "text/html", {login_wall, error_page}},
          {"JSON cut short", "{\"posts\":[{\"id\":1,\"te", "application/json", {changed, not_ours}},
          {"JSON of another kind", "{\"weather\":\"fine\"}", "application/json", {changed, not_ours}},
          {"an API's error", "{\"error\":\"it is broken\"}", "application/json", {error_page, changed, not_ours}},
          {"JSON instead of a page", "{\"error\":\"gone\"}", "text/html", {error_page, changed, not_ours}},
          {"an endless list", std::string(50'000, '['), "application/json", {changed, not_ours}},
          {"plain words", "Service unavailable.", "text/plain", {changed, not_ours}},
          {"bytes of no charset", std::string("\xFF\xFE\x00\xD8\x81\x8D\x8F", 7), "text/html", {changed, not_ours}}};
}

// Tags where a reader would see them: at the head of a page's body, and of each fragment that a JSON answer holds.
void nest(json& value, const std::string& tags) {
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    if (text.starts_with('<') && text.find("</") != std::string::npos) value = tags + text;
  }
  if (value.is_structured())
    for (json& inner : value) nest(inner, tags);
}

std::string nested(const Document& document, const std::string& tags) {
  std::string body = document.body;
  if (document.content_type == "text/html") {
    const std::size_t at = body.find('>', body.find("<body"));
    return body.insert(at == std::string::npos ? 0 : at + 1, tags);
  }
  json answer = json::parse(body, nullptr, false);
  if (answer.is_discarded()) return body;
  nest(answer, tags);
  return answer.dump();
}

std::string repeated(std::string_view piece, std::size_t times) {
  std::string out;
  out.reserve(piece.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += piece;
  return out;
}

}  // namespace

TEST_CASE("what comes instead of a page is never read as one, and every adapter says what it is instead") {
  for (const Parser& parser : all()) {
    const Own own = own_page(parser);
    for (const Case& wrong : cases()) {
      CAPTURE(wrong.what);
      CAPTURE(std::string(parser.name));
      const auto page = read(parser, document_of(own.document.url, PageRole::thread, wrong.body, wrong.content_type));
      test::check_page(page, own.document.url);
      CHECK(page.posts.empty());
      CHECK(page.links.empty());
      CHECK_FALSE(page.next.has_value());
      CHECK_MESSAGE(std::find(wrong.states.begin(), wrong.states.end(), page.state) != wrong.states.end(),
                    to_string(page.state));
    }
  }
}

TEST_CASE("a page of another engine is not read as this one's, and its engine is named") {
  const std::string other = test::read_file(test::fixture("phpbb/topic.html"));
  for (const Parser& parser : all()) {
    if (parser.name == "phpbb" || parser.name == "generic") continue;
    CAPTURE(std::string(parser.name));
    const std::string url = own_page(parser).document.url;
    const ParsedPage page = read(parser, document_of(url, PageRole::thread, other, "text/html"));
    CHECK(page.posts.empty());
    CHECK(page.state != ReadState::ok);
    if (page.state != ReadState::not_ours) continue;
    REQUIRE_FALSE(page.warnings.empty());
    CHECK(page.warnings.back() == "it looks like a page of phpbb");
  }
}

TEST_CASE("a page cut short anywhere yields posts or a state that is not ok, and never a post that was not there") {
  for (const Parser& parser : all()) {
    for (const Own& own : pages_of(parser)) {
      if (own.posts == 0) continue;
      CAPTURE(own.document.url);
      const ParsedPage full = parser.parse(own.document);
      for (std::size_t tenth = 1; tenth < 10; ++tenth) {
        Document document = own.document;
        document.body.resize(document.body.size() * tenth / 10);
        const ParsedPage cut = read(parser, document);
        CHECK(cut.posts.size() <= full.posts.size());
        if (cut.posts.empty()) CHECK(cut.state != ReadState::ok);
        for (std::size_t i = 0; i < cut.posts.size(); ++i) CHECK(cut.posts[i].id == full.posts[i].id);
      }
    }
  }
}

TEST_CASE("an own page whose server names a charset that is not there, or not its own, is read all the same") {
  for (const Parser& parser : all()) {
    CAPTURE(std::string(parser.name));
    const Own own = own_page(parser);
    for (const char* charset : {"x-none", "windows-1251", "us-ascii", "utf-16le"}) {
      CAPTURE(charset);
      Document document = own.document;
      document.charset = charset;
      const ParsedPage page = read(parser, document);
      test::check_page(page, document.url);
      if (page.posts.size() != own.posts) CHECK(page.state != ReadState::ok);
      if (std::string_view(charset) != "utf-16le") CHECK(page.posts.size() == own.posts);
    }
  }
}

TEST_CASE("an own page with a hundred thousand nested tags: posts, or a state that is not ok, and it is told") {
  const std::string tags = repeated("<div>", 100'000);
  for (const Parser& parser : all()) {
    CAPTURE(std::string(parser.name));
    const Own own = own_page(parser);
    Document document = own.document;
    document.body = nested(document, tags);
    if (document.body.size() < tags.size()) continue;  // nothing in it is markup
    const ParsedPage page = read(parser, document);
    test::check_page(page, document.url);
    CHECK((page.posts.size() == own.posts || page.state != ReadState::ok));
    REQUIRE_FALSE(page.warnings.empty());
    CHECK(page.warnings.front().find("nested too deep") != std::string::npos);
  }
}

// Forty of them are more than the crawler takes (tests/app/gone_wrong_sources_test.cpp) and than this has patience for.
TEST_CASE("an own page of megabytes keeps its posts, or has a state that is not ok") {
  const std::string words = repeated("some words and more of them ", 2'000'000 / 28);
  for (const Parser& parser : all()) {
    CAPTURE(std::string(parser.name));
    const Own own = own_page(parser);
    Document document = own.document;
    document.body = document.content_type == std::string("text/html") ? nested(document, words) : document.body + words;
    const ParsedPage page = read(parser, document);
    CHECK((page.posts.size() == own.posts || page.state != ReadState::ok));
  }
}
