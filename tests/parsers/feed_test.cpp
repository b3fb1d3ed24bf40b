#include "parsers/feed.h"

#include <algorithm>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "common/text.h"
#include "parsers/parser.h"
#include "tests/support/support.h"

using namespace hw;
using namespace hw::parsers;

namespace {

std::string date(std::string_view text) {
  const auto time = feed::read_date(text);
  return time ? to_rfc3339(*time) : "none";
}

ParsedPage parse(std::string body, std::string url = "https://f.example/feed") {
  Document document;
  document.url = document.request.url = std::move(url);
  document.body = std::move(body);
  return find("feed")->parse(document);
}

std::vector<std::filesystem::path> xml_files(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.path().extension() == ".xml") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

void check_post(const Post& post) {
  CHECK_FALSE(post.id.empty());
  for (const std::string* text :
       {&post.id, &post.url, &post.author, &post.author_id, &post.title, &post.text, &post.lang})
    CHECK(valid_utf8(*text));
  for (const Link& link : post.links) {
    CHECK_FALSE(link.url.starts_with("data:"));
    CHECK_FALSE(link.url.starts_with("javascript:"));
  }
}

// Entries with a title in plain sight, counted without a parser: "<item …><title>x…". Base64 is nobody's text.
std::size_t titled_entries(std::string_view content) {
  std::size_t count = 0;
  for (const std::string_view piece : {std::string_view("<item"), std::string_view("<entry")}) {
    for (std::size_t at = content.find(piece); at != std::string_view::npos; at = content.find(piece, at + 1)) {
      const char after = content.substr(at + piece.size()).empty() ? 'x' : content[at + piece.size()];
      const std::string_view entry = content.substr(at, content.find("</" + std::string(piece.substr(1)), at) - at);
      const std::size_t title = entry.find("<title>");
      const bool plain = title != std::string_view::npos && title + 7 < entry.size() && entry[title + 7] != '<';
      if ((after == '>' || after == ' ') && plain && !contains(entry, "base64") && !contains(entry, "<source")) ++count;
    }
  }
  return count;
}

// Every file of a recorded corpus: read without harm, and no entry with a title is lost. Feeds in JSON's shape or none
// at all (OPML, CDF) are among them.
void check_corpus(const char* folder) {
  const auto path = test::recorded(folder);
  if (!path) return;
  std::size_t posts = 0;
  std::size_t titled = 0;
  for (const auto& file : xml_files(*path)) {
    CAPTURE(file.string());
    const std::string content = test::read_file(file);
    const ParsedPage page = parse(content);
    for (const Post& post : page.posts) check_post(post);
    posts += page.posts.size();
    if (page.state == ReadState::not_ours) continue;
    titled += titled_entries(content);
    CHECK(page.posts.size() >= titled_entries(content));
  }
  CHECK(titled > 0);
  MESSAGE(std::string(folder) << ": " << posts << " posts, " << titled << " of them titled in plain sight");
}

// A recorded expectation: "Expect: … entries[0]['title'] == 'Example title'".
std::string expected_value(std::string_view content, std::string_view key) {
  const std::string probe = "not bozo and entries[0]['" + std::string(key) + "'] == ";
  const std::size_t at = content.find(probe);
  if (at == std::string_view::npos) return {};
  std::string_view rest = content.substr(at + probe.size());
  if (rest.starts_with("u'")) rest.remove_prefix(1);
  if (!rest.starts_with('\'')) return {};
  rest = rest.substr(1, rest.substr(0, rest.find('\n')).rfind('\'') - 1);
  return contains(rest, "\\") || contains(rest, "<") || contains(rest, "'") || contains(rest, "&") ? std::string()
                                                                                                   : std::string(rest);
}

}  // namespace

TEST_CASE("feeds: dates in all the forms that feeds use") {
  CHECK(date("Sat, 02 May 2026 08:30:00 +0200") == "2026-05-02T06:30:00Z");
  CHECK(date("Sat, 02 May 2026 08:30:00 GMT") == "2026-05-02T08:30:00Z");
  CHECK(date("2 May 26 08:30 EST") == "2026-05-02T13:30:00Z");
  CHECK(date("2026-05-02T08:30:00Z") == "2026-05-02T08:30:00Z");
  CHECK(date("2026-05-02T08:30:00.250-07:00") == "2026-05-02T15:30:00.250Z");
  CHECK(date(" 2026-05-02T08:30+02:00 ") == "2026-05-02T06:30:00Z");
  CHECK(date("2026-05-02T08:30:00+0200") == "2026-05-02T06:30:00Z");
  CHECK(date("2026-05-02 08:30:00") == "2026-05-02T08:30:00Z");
  CHECK(date("2026-05-02") == "2026-05-02T00:00:00Z");
  CHECK(date("2026-05") == "2026-05-01T00:00:00Z");
  CHECK(date("2026") == "2026-01-01T00:00:00Z");
  CHECK(date("20260502") == "2026-05-02T00:00:00Z");
  for (const char* bad : {"", "soon", "2026-13-01", "0000-00-00T00:00:00Z"}) CHECK_MESSAGE(date(bad) == "none", bad);
}

TEST_CASE("feeds: the source's own address is asked for, parameters and all") {
  config::SourceSpec source;
  source.url = "https://f.example/feed?sort=new&s=1#x";
  const auto requests = find("feed")->plan(source, {});
  REQUIRE(requests.size() == 1);
  CHECK(requests[0] == Request{"https://f.example/feed?sort=new&s=1", PageRole::entry, {}});
}

TEST_CASE("feeds: what is no feed is said to be none") {
  CHECK(parse("<html><body>rss</body></html>").state == ReadState::not_ours);
  CHECK(parse("{\"items\":[]}").state == ReadState::not_ours);
  CHECK(parse("").state == ReadState::not_ours);
  CHECK(parse("<rss").state == ReadState::changed);
  CHECK(parse("<rss version=\"2.0\"><channel><title>quiet</title></channel></rss>").state == ReadState::ok);
}

TEST_CASE("feeds: a next page elsewhere is not followed") {
  const std::string_view start =
      "<feed xmlns=\"http://www.w3.org/2005/Atom\"><entry><id>1</id></entry><link rel=\"next\" href=\"";
  CHECK(parse(std::string(start) + "https://other.example/2\"/></feed>").next == std::nullopt);
  CHECK(parse(std::string(start) + "https://f.example/feed\"/></feed>").next == std::nullopt);
  CHECK(parse(std::string(start) + "?page=2\"/></feed>").next->url == "https://f.example/feed?page=2");
}

TEST_CASE("feeds: the recorded corpora are read whole") {
  check_corpus("fixtures/feed_rs");
  check_corpus("fixtures/gofeed");
  check_corpus("fixtures/feedparser");
}

TEST_CASE("feeds: recorded expectations of titles, addresses, ids and dates") {
  const auto folder = test::recorded("fixtures/feedparser");
  if (!folder) return;
  std::size_t compared = 0;
  for (const auto& file : xml_files(*folder)) {
    const std::string content = test::read_file(file);
    const ParsedPage page = parse(content, "http://127.0.0.1:8097/feed");
    if (page.posts.empty() || contains(file.string(), "/base/")) continue;
    CAPTURE(file.string());
    const Post& post = page.posts.front();
    const auto compare = [&](std::string_view key, const std::string& read) {
      const std::string expected = expected_value(content, key);
      if (expected.empty()) return;
      ++compared;
      CHECK(read == expected);
    };
    compare("title", post.title);
    compare("link", post.url);
    compare("id", post.id);
    compare("description", post.text);
    compare("summary", post.text);
    compare("author", post.author);
  }
  CHECK(compared >= 60);
  MESSAGE(compared << " values compared");
}
