// What each kind of source carries, by its fixtures: so what one lacks is a decision that stands here with its reason,
// and no accident.
#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "parsers/parser.h"
#include "tests/support/support.h"

using namespace hw;
using nlohmann::json;

namespace {

using Words = std::set<std::string>;

struct Lacks {
  std::string what;
  std::string why;
};

const Words kAll{"author", "author-id", "display-name", "profile",   "title",  "tags",    "links",         "quotes",
                 "time",   "language",  "reply-to",     "permalink", "edited", "deleted", "further-pages", "read-on"};

const std::string kNone = "there is no such thing";
const std::string kOneName = "an account has one name there";
const std::string kNever = "what was deleted is not shown any more";
const std::string kUnknown = "no engine says where it would stand";

// What is not in this list, the kind carries.
const std::map<std::string, std::vector<Lacks>> kLacks{
    {"feed",
     {{"display-name", kNone},
      {"profile", kNone},
      {"edited", "a feed says when an entry was updated, not that its words were changed"},
      {"deleted", kNever}}},
    {"phpbb", {{"display-name", kOneName}, {"tags", kNone}, {"language", kNone}}},
    {"nodebb", {{"language", kNone}}},
    {"reddit",
     {{"display-name", kOneName},
      {"profile", "it is on another page of the API, one request an author"},
      {"language", kNone}}},
    {"x", {{"deleted", kNever}, {"title", kNone}}},
    {"tumblr", {{"deleted", kNever}, {"edited", kNone}, {"language", kNone}}},
    {"mastodon", {{"deleted", kNever}}},
    {"lemmy", {{"language", "the API has a number that only another endpoint explains"}}},
    {"4chan",
     {{"deleted", kNever},
      {"edited", "nothing can be edited there"},
      {"further-pages", "a thread is one answer, a board another"},
      {"language", kNone},
      {"links", "addresses are plain words of the text there"},
      {"profile", "nobody has one"},
      {"tags", kNone}}},
    {"telegram",
     {{"author-id", "a channel is known by its name"}, {"deleted", kNever}, {"language", kNone}, {"title", kNone}}},
    {"discourse", {{"language", kNone}, {"profile", "it is on the author's own page, which nobody reads"}}},
    {"bluesky",
     {{"deleted", "kind: jetstream tells it, also of what a search found"},
      {"edited", "a search gives the last version and not that there was another"},
      {"profile", "it is on the author's own page, which nobody reads"},
      {"title", kNone}}},
    {"jetstream",
     {{"author", "an event has the account's id alone"},
      {"display-name", "an event has the account's id alone"},
      {"further-pages", "a stream has no pages"},
      {"profile", "an event has the account's id alone"},
      {"quotes", "an event names what is quoted and does not hold it"},
      {"title", kNone}}},
    {"mybb", {{"display-name", kOneName}, {"language", kNone}, {"tags", kNone}}},
    {"xenforo", {{"display-name", kOneName}, {"language", kNone}}},
    {"vbulletin", {{"display-name", kOneName}, {"language", kNone}, {"tags", kNone}}},
    {"smf", {{"deleted", kNever}, {"display-name", kOneName}, {"language", kNone}, {"tags", kNone}}},
    {"invision", {{"display-name", kOneName}, {"language", kNone}}},
    {"fluxbb",
     {{"deleted", kNever},
      {"display-name", kOneName},
      {"language", kNone},
      {"reply-to", "a quote names its author and not the post"},
      {"tags", kNone}}},
    {"craigslist",
     {{"author", "postings are anonymous"},
      {"author-id", "postings are anonymous"},
      {"display-name", "postings are anonymous"},
      {"profile", "postings are anonymous"},
      {"edited", "a posting shows its last words alone"},
      {"language", kNone},
      {"quotes", "nobody answers there"},
      {"reply-to", "nobody answers there"}}},
    {"generic",
     {{"deleted", kUnknown},
      {"display-name", kUnknown},
      {"edited", kUnknown},
      {"language", kUnknown},
      {"profile", kUnknown},
      {"reply-to", kUnknown},
      {"tags", kUnknown}}}};

void add(const Post& post, Words& words) {
  const auto note = [&](const char* word, bool carried) {
    if (carried) words.insert(word);
  };
  note("author", !post.author.empty());
  note("author-id", !post.author_id.empty());
  note("display-name", !post.author_display.empty());
  note("profile", !post.author_bio.empty());
  note("title", !post.title.empty());
  note("tags", !post.tags.empty());
  note("links", !post.links.empty());
  note("quotes", !post.quotes.empty());
  note("time", post.created_at.has_value());
  note("language", !post.lang.empty());
  note("reply-to", !post.reply_to.empty());
  note("permalink", !post.url.empty());
  note("edited", post.state == PostState::edited);
  note("deleted", post.state == PostState::deleted);
}

// A page as its fixture was asked for; with the one header that an API's paging needs.
Document document_of(const std::filesystem::path& page) {
  std::filesystem::path beside = page;
  const std::string expected = test::read_file(beside.replace_extension(".expected.jsonl"));
  const json head = json::parse(expected.substr(0, expected.find('\n')));
  Document document;
  document.url = document.request.url = head.at("url").get<std::string>();
  document.request.stamp = head.value("stamp", "");
  document.status = 200;
  document.body = test::read_file(page);
  document.headers = {{"Link", "<https://it.invalid/>; rel=\"next\""}};
  document.fetched_at = *parse_rfc3339("2026-11-22T10:00:00Z");
  return document;
}

// "read-on": what was read is not read again, by a cursor or by stamps.
Words carried_by(const parsers::Parser& parser) {
  Words words;
  for (const auto& entry : std::filesystem::directory_iterator(test::fixture(parser.name))) {
    if (entry.path().string().ends_with(".expected.jsonl")) continue;
    const parsers::ParsedPage page = parser.parse(document_of(entry.path()));
    for (const Post& post : page.posts) add(post, words);
    if (page.next) words.insert("further-pages");
    const bool stamped =
        std::any_of(page.links.begin(), page.links.end(), [](const Request& link) { return !link.stamp.empty(); });
    if (page.cursor || stamped || (page.next && !page.next->stamp.empty())) words.insert("read-on");
  }
  return words;
}

std::string listed(const Words& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

}  // namespace

TEST_CASE("every kind carries all that a post can have, but for what is listed with its reason") {
  for (const parsers::Parser& parser : parsers::all()) {
    const std::string name(parser.name);
    CAPTURE(name);
    Words expected = kAll;
    const auto lacks = kLacks.find(name);
    if (lacks != kLacks.end())
      for (const Lacks& lack : lacks->second) {
        CHECK_FALSE(lack.why.empty());
        CHECK_MESSAGE(expected.erase(lack.what) == 1, lack.what);
      }
    CHECK(listed(carried_by(parser)) == listed(expected));
  }
}
