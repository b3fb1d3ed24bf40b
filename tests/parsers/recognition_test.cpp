// Which adapter takes a page: its own engine's and no other; articles and lists of links are nobody's.
#include <filesystem>

#include <doctest/doctest.h>

#include "parsers/parser.h"
#include "tests/parsers/warc.h"
#include "tests/support/support.h"

using namespace hw;
using namespace hw::parsers;

namespace {

Document page_of(std::string body) {
  Document document;
  document.url = document.request.url = "https://b.example/page/1";
  document.content_type = "text/html";
  document.body = std::move(body);
  return document;
}

// The names of all adapters that take a page, in the order in which they are asked.
std::string takers(const Document& document) {
  std::string names;
  for (const Parser& parser : all())
    if (parser.recognises(document)) names += std::string(parser.name) + " ";
  return names;
}

std::string file_of(const std::filesystem::path& file) {
  return file.extension() == ".gz" ? test::gunzip(file) : test::read_file(file);
}

std::vector<std::filesystem::path> files_below(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (entry.is_regular_file() && (name.ends_with(".html") || name.ends_with(".html.gz")))
      files.push_back(entry.path());
  }
  return files;
}

}  // namespace

TEST_CASE("each HTML fixture is taken by its own adapter and by no other but the fallback") {
  for (const Parser& parser : all()) {
    for (const auto& file : files_below(test::fixture(parser.name))) {
      CAPTURE(file.string());
      std::string names = takers(page_of(test::read_file(file)));
      const std::string own = std::string(parser.name) + " ";
      if (names.empty() && !parser.network.empty()) continue;  // a wall of a network that is read by its API
      CHECK(names.starts_with(own));
      if (names.ends_with("generic ") && names != own) names.resize(names.size() - 8);
      CHECK(names == own);
    }
  }
}

TEST_CASE("the fallback is asked last") { CHECK(names().back() == "generic"); }

TEST_CASE("every page of the recorded MyBB board is MyBB's") {
  const auto recording = test::recorded("fixtures/boards/mybb.warc.gz");
  if (!recording) return;
  std::size_t pages = 0;
  for (const Document& document : test::responses_in(*recording)) {
    if (document.url.find("/archive/") != std::string::npos) continue;  // a lite view in markup of its own
    CAPTURE(document.url);
    REQUIRE(recognise(document) != nullptr);
    CHECK(recognise(document)->name == "mybb");
    ++pages;
  }
  CHECK(pages > 100);
}

TEST_CASE("saved articles, blogs and lists of links are nobody's") {
  std::size_t pages = 0;
  for (const char* folder : {"fixtures/article_benchmark", "fixtures/readability_pages", "fixtures/trafilatura_sites",
                             "fixtures/htmldate_sites"}) {
    const auto recorded = test::recorded(folder);
    if (!recorded) return;
    for (const auto& file : files_below(*recorded)) {
      const std::string name = file.string();
      if (name.find("katzen-forum") != std::string::npos || name.find("1552005464") != std::string::npos) continue;
      CHECK_MESSAGE(takers(page_of(file_of(file))).empty(), name << ": " << takers(page_of(file_of(file))));
      ++pages;
    }
  }
  CHECK(pages > 100);
}
