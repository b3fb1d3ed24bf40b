// Every parser against its own fixtures: tests/fixtures/<parser>/<page>.{html,json,xml} beside <page>.expected.jsonl,
// whose first line says how the page was asked for and where it leads, and each further line is a post.
#include <algorithm>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "common/json.h"
#include "common/text.h"
#include "parsers/parser.h"
#include "tests/support/support.h"

using namespace hw;
using nlohmann::json;

namespace {

struct Expected {
  Request request;
  std::string state;
  std::vector<std::string> links;
  std::string next;
  std::vector<std::string> posts;
};

PageRole role_of(const std::string& name) {
  if (name == "entry") return PageRole::entry;
  return name == "listing" ? PageRole::listing : PageRole::thread;
}

std::string written(const Request& request) {
  const char* role = request.role == PageRole::entry     ? "entry "
                     : request.role == PageRole::listing ? "listing "
                                                         : "thread ";
  return role + request.url + (request.stamp.empty() ? "" : " " + request.stamp);
}

Expected read_expected(const std::filesystem::path& file) {
  Expected expected;
  const std::string content = test::read_file(file);
  std::vector<std::string_view> lines = split(content, '\n');
  std::erase_if(lines, [](std::string_view line) { return line.empty(); });
  REQUIRE_MESSAGE(!lines.empty(), file.string());
  const json page = json::parse(lines.front());
  expected.request = {page.at("url"), role_of(page.at("role")), page.value("stamp", "")};
  expected.state = page.at("state");
  expected.links = page.at("links").get<std::vector<std::string>>();
  expected.next = page.value("next", "");
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto post = post_from_json(lines[i]);
    REQUIRE_OK(post);
    expected.posts.push_back(to_json(*post));
  }
  return expected;
}

std::vector<std::filesystem::path> pages_of(std::string_view parser) {
  std::vector<std::filesystem::path> pages;
  const std::filesystem::path folder = test::fixture(parser);
  if (!std::filesystem::exists(folder)) return pages;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (!entry.path().filename().string().ends_with(".expected.jsonl")) pages.push_back(entry.path());
  std::sort(pages.begin(), pages.end());
  return pages;
}

Document document_of(const std::filesystem::path& page, const Request& request) {
  Document document;
  document.request = request;
  document.url = request.url;
  document.status = 200;
  document.body = test::read_file(page);
  document.fetched_at = *parse_rfc3339("2026-11-22T10:00:00Z");
  return document;
}

// What stands in evidence: something for every post, and no media whatever the page held.
void check_served(const Post& post) {
  CHECK_FALSE(post.as_served.empty());
  for (const std::string_view media : {"<img", "<video", "<audio", "<iframe", "<script", "src=", "data:image"})
    CHECK_MESSAGE(to_lower(post.as_served).find(media) == std::string::npos, media);
}

void check_page(const parsers::Parser& parser, const std::filesystem::path& page) {
  CAPTURE(page.string());
  std::filesystem::path beside = page;
  const Expected expected = read_expected(beside.replace_extension(".expected.jsonl"));
  const Document document = document_of(page, expected.request);
  const parsers::ParsedPage read = parser.parse(document);
  CHECK(parsers::to_string(read.state) == expected.state);
  std::vector<std::string> links;
  for (const Request& link : read.links) links.push_back(written(link));
  CHECK(links == expected.links);
  CHECK((read.next ? written(*read.next) : std::string()) == expected.next);
  REQUIRE(read.posts.size() == expected.posts.size());
  for (std::size_t i = 0; i < read.posts.size(); ++i) {
    CHECK(to_json(read.posts[i]) == expected.posts[i]);
    check_served(read.posts[i]);
  }
  const parsers::Parser* recognised = parsers::recognise(document);
  REQUIRE(recognised != nullptr);
  CHECK(recognised->name == parser.name);
}

}  // namespace

TEST_CASE("each parser reads its fixtures as a person does, and recognises them as its own") {
  for (const parsers::Parser& parser : parsers::all()) {
    CAPTURE(std::string(parser.name));
    const auto pages = pages_of(parser.name);
    REQUIRE_MESSAGE(!pages.empty(), "a parser without fixtures in tests/fixtures/");
    bool any_post = false;
    for (const auto& page : pages) {
      check_page(parser, page);
      std::filesystem::path beside = page;
      any_post = any_post || !read_expected(beside.replace_extension(".expected.jsonl")).posts.empty();
    }
    CHECK(any_post);
  }
}

TEST_CASE("parsers are found by name") {
  for (const std::string_view name : parsers::names()) {
    REQUIRE(parsers::find(name) != nullptr);
    CHECK(parsers::find(name)->name == name);
  }
  CHECK(parsers::find("no such engine") == nullptr);
  CHECK(parsers::recognise(Document{}) == nullptr);
}
