// The feeds of other readers' test suites: none may do harm, and items are what those readers made of them.
#include <algorithm>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "common/text.h"
#include "common/url.h"
#include "parsers/parser.h"
#include "tests/parsers/checks.h"
#include "tests/support/support.h"

using namespace hw;
using namespace hw::parsers;
using nlohmann::json;

namespace {

ParsedPage read(const std::filesystem::path& file) {
  Document document;
  document.url = document.request.url = "http://feeds.example/feed";
  document.status = 200;
  document.body = test::read_file(file);
  document.fetched_at = *parse_rfc3339("2026-11-22T10:00:00Z");
  return find("feed")->parse(document);
}

std::vector<std::filesystem::path> files_in(const std::filesystem::path& folder, std::string_view extension) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && entry.path().extension() == extension) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

// What a field is said to be, where that is plain text: markup and escapes are each reader's own affair.
bool is_plain(std::string_view text) {
  return !text.empty() && text.find_first_of("<>&\\'\"\n") == std::string_view::npos && trim(text) == text &&
         text.find("  ") == std::string_view::npos;
}

struct Tally {
  std::size_t right = 0;
  std::vector<std::string> wrong;

  void compare(const std::filesystem::path& file, const std::string& field, const std::string& expected,
               const std::string& read) {
    if (!is_plain(expected)) return;
    if (expected == read)
      ++right;
    else
      wrong.push_back(file.filename().string() + ": " + field + " is \"" + read + "\", expected \"" + expected + "\"");
  }
};

std::string text_in(const json& value, const char* key) {
  const auto found = value.is_object() ? value.find(key) : value.end();
  return value.is_object() && found != value.end() && found->is_string() ? found->get<std::string>() : std::string();
}

void compare_with_json(const std::filesystem::path& file, const json& item, const Post& post, Tally& tally) {
  tally.compare(file, "title", text_in(item, "title"), post.title);
  // Of several links the other reader takes the last, ours the first; an address without a path is written with one.
  const auto link = parse_url(text_in(item, "link"));
  if (link && file.string().find("_links_") == std::string::npos) tally.compare(file, "link", link->text(), post.url);
  tally.compare(file, "guid", text_in(item, "guid"), post.id);
  const std::string published = text_in(item, "publishedParsed");
  if (post.created_at) tally.compare(file, "published", published, to_rfc3339(*post.created_at));
}

}  // namespace

TEST_CASE("feeds of four other readers' suites: no harm, and clean posts") {
  std::size_t feeds = 0;
  std::size_t posts = 0;
  for (const char* suite : {"feed_rs", "gofeed", "feedparser", "simplepie"}) {
    const auto folder = test::recorded(std::string("fixtures/") + suite);
    if (!folder) return;
    for (const char* extension : {".xml", ".json"})
      for (const auto& file : files_in(*folder, extension)) {
        CAPTURE(file.string());
        const ParsedPage page = read(file);
        test::check_page(page, "http://feeds.example/feed");
        ++feeds;
        posts += page.posts.size();
      }
  }
  MESSAGE(feeds << " files, " << posts << " posts");
  CHECK(feeds > 1500);
  CHECK(posts > 450);
}

TEST_CASE("items are what another reader made of them") {
  const auto folder = test::recorded("fixtures/gofeed/testdata/translator");
  if (!folder) return;
  Tally tally;
  for (std::filesystem::path file : files_in(*folder, ".xml")) {
    const ParsedPage page = read(file);
    if (!std::filesystem::exists(file.replace_extension(".json"))) continue;
    const json expected = json::parse(test::read_file(file), nullptr, false);
    const auto items = expected.is_object() ? expected.find("items") : expected.end();
    if (!expected.is_object() || items == expected.end()) continue;
    for (std::size_t i = 0; i < std::min(items->size(), page.posts.size()); ++i)
      compare_with_json(file, (*items)[i], page.posts[i], tally);
  }
  MESSAGE(tally.right << " fields as the other reader has them");
  for (const std::string& wrong : tally.wrong) MESSAGE(wrong);
  CHECK(tally.right >= 4);  // few of the suite are whole feeds
  CHECK(tally.wrong.empty());
}

TEST_CASE("recorded feeds of real sites: every entry with id, time and words") {
  const auto folder = test::recorded("fixtures/feed_rs/feed-rs/fixture");
  if (!folder) return;
  std::size_t entries = 0;
  std::size_t whole = 0;
  for (const char* extension : {".xml", ".json"})
    for (const auto& file : files_in(*folder, extension))
      for (const Post& post : read(file).posts) {
        ++entries;
        whole += !post.id.empty() && !(post.text + post.title).empty() ? 1 : 0;
      }
  CHECK(entries > 40);
  CHECK(whole * 100 >= entries * 95);
}
