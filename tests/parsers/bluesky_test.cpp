// Bluesky's search and stream: addresses, slices, and the recorded network.
#include <algorithm>
#include <set>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "parsers/parser.h"
#include "tests/parsers/checks.h"
#include "tests/parsers/warc.h"
#include "tests/support/support.h"

using namespace hw;
using namespace hw::parsers;

namespace {

std::string planned(std::string_view kind, const std::string& url, const Cursor& cursor = {}) {
  config::SourceSpec source;
  source.url = url;
  const auto requests = find(kind)->plan(source, cursor);
  return requests.empty() ? "nothing" : requests.front().url;
}

const std::string kSearch = "https://pds.example/xrpc/app.bsky.feed.searchPosts";

}  // namespace

TEST_CASE("a search is read newest first, since what was seen last, and follows no person") {
  CHECK(planned("bluesky", "https://pds.example/?q=herbs") == kSearch + "?q=herbs&sort=latest&limit=100");
  CHECK(planned("bluesky", kSearch + "?q=herbs&lang=en&limit=5&sort=top&cursor=9") ==
        kSearch + "?q=herbs&lang=en&sort=latest&limit=100");
  CHECK(planned("bluesky", kSearch + "?q=herbs", "2026-11-21T09:00:00Z") ==
        kSearch + "?q=herbs&sort=latest&limit=100&since=2026-11-21T08%3A50%3A00Z");
  CHECK(planned("bluesky", kSearch) == "nothing");
  CHECK(planned("bluesky", kSearch + "?q=herbs&author=ida.example") == "nothing");
  CHECK(planned("bluesky", kSearch + "?q=herbs+from%3Aida.example") == "nothing");
  CHECK(planned("bluesky", kSearch + "?q=herbs&mentions=ida.example") == "nothing");
  CHECK(planned("bluesky", "https://pds.example/xrpc/app.bsky.feed.getAuthorFeed?actor=x&q=x") == "nothing");
}

TEST_CASE("where a search ends, the next slice begins") {
  nlohmann::json answer{{"posts", nlohmann::json::array()}};
  for (int i = 0; i < 100; ++i)
    answer["posts"].push_back({{"uri", "at://did:plc:x/app.bsky.feed.post/" + std::to_string(i)},
                               {"author", {{"did", "did:plc:x"}, {"handle", "x.example"}}},
                               {"record", {{"text", "words"}, {"createdAt", "2026-11-20T10:00:00Z"}}},
                               {"indexedAt", "2026-11-20T10:00:01Z"}});
  Document document;
  document.url = document.request.url = kSearch + "?q=herbs&sort=latest&limit=100&cursor=9100";
  document.fetched_at = *parse_rfc3339("2026-11-22T10:00:00Z");
  const auto next_of = [&] {
    document.body = answer.dump();
    const ParsedPage page = find("bluesky")->parse(document);
    CHECK(page.posts.size() == 100);
    return page.next ? page.next->url : "none";
  };
  const std::string slice = kSearch + "?q=herbs&sort=latest&limit=100&until=2026-11-20T10%3A00%3A00Z";
  CHECK(next_of() == slice);
  answer["cursor"] = "9200";
  CHECK(next_of() == slice);
  answer["cursor"] = "a b&c";
  CHECK(next_of() == kSearch + "?q=herbs&sort=latest&limit=100&cursor=a%20b%26c");
}

TEST_CASE("a recorded network's own cursors lead on, whatever they look like") {
  const auto recording = test::recorded("fixtures/boards/atproto.warc.gz");
  if (!recording) return;
  std::size_t followed = 0;
  for (const Document& document : test::responses_in(*recording)) {
    if (document.url.find("searchPosts") == std::string::npos) continue;
    const std::string cursor = nlohmann::json::parse(document.body).value("cursor", "");
    const ParsedPage page = find("bluesky")->parse(document);
    CHECK(page.next.has_value() == !cursor.empty());
    if (!page.next) continue;
    CHECK(page.next->url.ends_with("&cursor=" + cursor));
    ++followed;
  }
  CHECK(followed == 4);
}

TEST_CASE("a stream asks for posts alone and goes on a little before where it ended") {
  const std::string posts = "?wantedCollections=app.bsky.feed.post";
  CHECK(planned("jetstream", "https://stream.example/") == "https://stream.example/subscribe" + posts);
  CHECK(planned("jetstream", "https://stream.example/subscribe?compress=true&wantedCollections=*") ==
        "https://stream.example/subscribe" + posts);
  CHECK(planned("jetstream", "https://stream.example/", "1763800001000000") ==
        "https://stream.example/subscribe" + posts + "&cursor=1763800000000000");
  CHECK(planned("jetstream", "https://stream.example/", "no number") == "https://stream.example/subscribe" + posts);
  CHECK(planned("jetstream", "https://stream.example/?wantedDids=did:plc:x") == "nothing");
}

TEST_CASE("how far a stream was read is told, and no time that lies ahead") {
  Document document;
  document.url = document.request.url = "https://stream.example/subscribe";
  document.fetched_at = *parse_rfc3339("2026-11-22T10:00:00Z");
  document.body = test::read_file(test::fixture("jetstream/events.json"));
  CHECK(find("jetstream")->parse(document).cursor == "1763800001000000");
  document.body = R"({"did":"did:plc:x","time_us":9000000000000000,"kind":"identity"})";
  CHECK_FALSE(find("jetstream")->parse(document).cursor.has_value());
}

TEST_CASE("a batch tells what is so at its end: deleted posts and accounts that are gone take what was said along") {
  const auto event = [](const std::string& did, const char* operation, const char* text) {
    nlohmann::json commit{{"operation", operation}, {"collection", "app.bsky.feed.post"}, {"rkey", "k"}};
    if (*text != 0) commit["record"] = {{"text", text}};
    return nlohmann::json{{"did", did}, {"time_us", 1}, {"kind", "commit"}, {"commit", commit}}.dump() + "\n";
  };
  const auto account = [](const std::string& did, const nlohmann::json& active) {
    return nlohmann::json{{"did", did}, {"time_us", 1}, {"kind", "account"}, {"account", {{"active", active}}}}.dump() +
           "\n";
  };
  Document document;
  document.url = document.request.url = "https://stream.example/subscribe";
  document.fetched_at = *parse_rfc3339("2026-11-22T10:00:00Z");
  document.body = event("a", "create", "one") + event("a", "update", "two") + event("b", "create", "three") +
                  event("b", "delete", "") + event("c", "create", "four") + account("c", false) +
                  event("d", "create", "five") + account("d", false) + account("d", true) + account("e", nullptr) +
                  event("f", "delete", "") + event("f", "create", "six");
  const ParsedPage page = find("jetstream")->parse(document);
  std::vector<std::string> read;
  for (const Post& post : page.posts)
    read.push_back(post.author_id + " " + (post.state == PostState::deleted ? "deleted" : post.text));
  CHECK(read == std::vector<std::string>{"a one", "a two", "b deleted", "f six"});
  CHECK(page.accounts_gone == std::vector<std::string>{"c"});
}

TEST_CASE("the recorded network: every post once, with its author, time and words") {
  const auto recording = test::recorded("fixtures/boards/atproto.warc.gz");
  const auto truth_file = test::recorded("fixtures/boards/truth.json");
  if (!recording || !truth_file) return;
  std::multiset<std::string> expected;
  for (const auto& row : nlohmann::json::parse(test::read_file(*truth_file)))
    expected.insert(row.at("user").get<std::string>());
  std::set<std::string> ids;
  std::multiset<std::string> authors;
  std::size_t answers = 0;
  for (const Document& document : test::responses_in(*recording)) {
    const Parser* parser = recognise(document);
    if (parser == nullptr || parser->name != "bluesky") continue;
    ++answers;
    const ParsedPage page = parser->parse(document);
    CHECK_MESSAGE(page.state == ReadState::ok, document.url << " " << document.body.substr(0, 300));
    test::check_page(page, document.url);
    for (const Post& post : page.posts) {
      if (!ids.insert(post.id).second) continue;
      authors.insert(post.author_display);
      CHECK(post.author.ends_with(".test"));
      CHECK(post.created_at.has_value());
      CHECK_FALSE(post.text.empty());
      CHECK(post.author_id.starts_with("did:plc:"));
    }
  }
  MESSAGE(answers << " answers, " << ids.size() << " posts");
  CHECK(ids.size() == 403);
  CHECK(authors == expected);
}
