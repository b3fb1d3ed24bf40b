// The fallback, measured on pages of engines that have adapters of their own: it must find what they find.
#include <algorithm>

#include <doctest/doctest.h>

#include "parsers/parser.h"
#include "tests/parsers/warc.h"
#include "tests/support/support.h"

using namespace hw;
using namespace hw::parsers;

namespace {

Document document_of(const std::string& body, const std::string& url) {
  Document document;
  document.url = document.request.url = url;
  document.request.role = PageRole::thread;
  document.body = body;
  document.fetched_at = *parse_rfc3339("2026-11-22T10:00:00Z");
  return document;
}

std::string squeezed(std::string_view text) {
  std::string out;
  for (const char c : text)
    if (c != ' ' && c != '\n') out += c;
  return out;
}

struct Tally {
  std::size_t posts = 0;
  std::size_t found = 0;    // with the same words
  std::size_t authors = 0;  // of these, by the same author
  std::size_t times = 0;    // of these, at the same minute
  std::size_t extra = 0;    // that the engine's own adapter does not know
};

// A post counts as found when a post of the fallback has its words.
void compare(const ParsedPage& own, const ParsedPage& guessed, Tally& tally) {
  tally.posts += own.posts.size();
  std::vector<Post> left = guessed.posts;
  for (const Post& post : own.posts) {
    const auto same = std::find_if(left.begin(), left.end(),
                                   [&](const Post& other) { return squeezed(other.text) == squeezed(post.text); });
    if (same == left.end()) continue;
    ++tally.found;
    tally.authors += same->author == post.author ? 1 : 0;
    tally.times += same->created_at && post.created_at &&
                           std::chrono::floor<std::chrono::minutes>(*same->created_at) ==
                               std::chrono::floor<std::chrono::minutes>(*post.created_at)
                       ? 1
                       : 0;
    left.erase(same);
  }
  tally.extra += left.size();
}

Tally tally_of(const char* name, const std::string& body, const std::string& url) {
  Tally tally;
  const Document document = document_of(body, url);
  const ParsedPage own = find(name)->parse(document);
  const ParsedPage guessed = find("generic")->parse(document);
  compare(own, guessed, tally);
  MESSAGE(name << ": " << tally.found << " of " << tally.posts << " posts, " << tally.authors << " authors, "
               << tally.times << " times, " << tally.extra << " extra");
  CHECK(guessed.confidence < 1);
  CHECK_FALSE(guessed.warnings.empty());
  return tally;
}

}  // namespace

TEST_CASE("the fallback finds nine posts of ten on saved pages of known engines, and their authors") {
  struct Saved {
    const char* engine;
    const char* file;
    const char* url;
  };
  static constexpr Saved kPages[] = {
      {"xenforo", "nettally/NetTally.Tests/Resources/Xenforo2.html", "https://xenforo.com/community/threads/x.8276/"},
      {"xenforo", "htmldate_sites/tests/eval/katzen-forum.net-Pepe.html",
       "https://www.katzen-forum.net/threads/230143/"},
      {"phpbb", "nettally/NetTally.Tests/Resources/phpBB.html", "http://ilovephilosophy.com/viewtopic.php?t=194998"},
      {"vbulletin", "nettally/NetTally.Tests/Resources/vBulletin4.html",
       "http://forums.militarytimes.com/showthread.php"},
      {"vbulletin", "nettally/NetTally.Tests/Resources/vBulletin5.html",
       "https://fandompost.vbulletin.net/forum/a/727744-x"},
      {"nodebb", "nettally/NetTally.Tests/Resources/NodeBB.html", "https://community.nodebb.org/topic/13803/x"}};
  for (const Saved& saved : kPages) {
    const auto file = test::recorded(std::string("fixtures/") + saved.file);
    if (!file) return;
    CAPTURE(saved.file);
    const Tally tally = tally_of(saved.engine, test::read_file(*file), saved.url);
    CHECK(tally.found * 10 >= tally.posts * 9);
    CHECK(tally.authors * 10 >= tally.found * 9);
    CHECK(tally.extra * 10 <= tally.posts);
  }
}

TEST_CASE("the fallback on the threads of the recorded MyBB board") {
  const auto recording = test::recorded("fixtures/boards/mybb.warc.gz");
  if (!recording) return;
  Tally tally;
  for (const Document& document : test::responses_in(*recording))
    if (document.url.find("showthread.php") != std::string::npos)
      compare(find("mybb")->parse(document), find("generic")->parse(document), tally);
  MESSAGE("mybb: " << tally.found << " of " << tally.posts << " posts, " << tally.authors << " authors, " << tally.times
                   << " times, " << tally.extra << " extra");
  CHECK(tally.posts == 403);
  CHECK(tally.found * 10 >= tally.posts * 9);
}

TEST_CASE("the fallback reads no posts from articles and lists of links") {
  std::size_t pages = 0;
  std::size_t with_posts = 0;
  const auto recorded = test::recorded("fixtures/article_benchmark/html");
  if (!recorded) return;
  for (const auto& entry : std::filesystem::directory_iterator(*recorded)) {
    if (++pages > 60) break;
    const ParsedPage page = find("generic")->parse(document_of(test::gunzip(entry.path()), "https://n.example/a/1"));
    with_posts += page.posts.empty() ? 0 : 1;
  }
  MESSAGE(with_posts << " of " << pages << " articles read as posts when somebody names the fallback for them");
  CHECK(with_posts * 10 <= pages);
}
