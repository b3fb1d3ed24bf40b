// Responses of real APIs, recorded by others: every one is read without an exception, every post in it has an id, an
// author, a time and words; and the same responses, mangled, never do harm.
#include <algorithm>
#include <charconv>
#include <functional>
#include <iomanip>
#include <map>
#include <random>
#include <set>
#include <sstream>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <yaml-cpp/yaml.h>

#include "common/text.h"
#include "parsers/parser.h"
#include "tests/parsers/checks.h"
#include "tests/support/support.h"

using namespace hw;
using nlohmann::json;
using parsers::find;
using parsers::ParsedPage;

namespace {

struct Recording {
  std::string file;
  Document document;
};

void sort_out(std::vector<Recording>& recordings, const std::string& file, const std::string& uri, std::string body) {
  Document document;
  document.url = document.request.url = uri;
  document.status = 200;
  document.body = std::move(body);
  document.fetched_at = *parse_rfc3339("2026-11-22T10:00:00Z");
  recordings.push_back({file, std::move(document)});
}

// The code unit of "\\uD83D" at the start of `text`; 0 where there is none.
unsigned unit_at(std::string_view text) {
  unsigned unit = 0;
  if (text.size() < 6 || !text.starts_with("\\u")) return 0;
  const auto [end, error] = std::from_chars(text.data() + 2, text.data() + 6, unit, 16);
  return error == std::errc{} && end == text.data() + 6 ? unit : 0;
}

// YAML of Python's writes what lies outside the basic plane as two escapes: here as the one that YAML knows.
std::string with_whole_escapes(std::string_view yaml) {
  std::string out;
  for (std::size_t at = 0; at < yaml.size();) {
    const unsigned high = unit_at(yaml.substr(at));
    const unsigned low = high >> 10U == 0x36 ? unit_at(yaml.substr(at + 6)) : 0;
    if (low >> 10U == 0x37) {
      std::ostringstream escape;
      escape << "\\U" << std::hex << std::setw(8) << std::setfill('0')
             << 0x10000 + ((high - 0xD800) << 10U) + (low - 0xDC00);
      out += escape.str();
      at += 12;
    } else {
      const std::size_t size = yaml[at] == '\\' ? 2 : 1;  // an escaped backslash is no beginning
      out += yaml.substr(at, size);
      at += size;
    }
  }
  return out;
}

// A cassette as JSON, whichever of the two it is written in; nothing where its escapes are torn over lines.
json cassette_in(const std::filesystem::path& file) {
  const std::string text = test::read_file(file);
  if (file.extension() == ".json") return json::parse(text, nullptr, false);
  json out = {{"interactions", json::array()}};
  try {
    for (const YAML::Node& one : YAML::Load(with_whole_escapes(text))["interactions"]) {
      const YAML::Node code = one["response"]["status"]["code"];
      const YAML::Node body = one["response"]["body"]["string"];
      if (!code || !body) continue;
      out["interactions"].push_back(
          {{"request",
            {{"method", one["request"]["method"].as<std::string>()}, {"uri", one["request"]["uri"].as<std::string>()}}},
           {"response", {{"status", {{"code", code.as<int>()}}}, {"body", {{"string", body.as<std::string>()}}}}}});
    }
  } catch (const YAML::Exception&) {
    MESSAGE("no YAML that can be read: " << file.filename().string());
  }
  return out;
}

// The GETs that were answered with 200.
void read_cassette(const std::filesystem::path& file, std::vector<Recording>& into) {
  const json cassette = cassette_in(file);
  if (!cassette.is_object() || !cassette.contains("interactions")) return;
  for (const json& one : cassette["interactions"]) {
    const json& body = one["response"]["body"];
    if (one["request"]["method"] != "GET" || one["response"]["status"]["code"] != 200) continue;
    if (!body.is_object() || !body.contains("string") || !body["string"].is_string()) continue;
    const auto uri = parse_url(one["request"]["uri"].get<std::string>());
    if (uri) sort_out(into, file.filename().string(), uri->text(), body["string"].get<std::string>());
  }
}

std::vector<std::filesystem::path> files_under(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const auto extension = entry.path().extension();
    if (entry.is_regular_file() && (extension == ".json" || extension == ".yaml")) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<Recording> cassettes(const std::string& name) {
  std::vector<Recording> out;
  const auto folder = test::recorded("fixtures/" + name);
  if (!folder) return out;
  for (const auto& file : files_under(*folder)) read_cassette(file, out);
  return out;
}

// Plain files that hold one response each, with or without the HTTP head it came under.
std::vector<Recording> plain_files(const std::string& name, const std::string& url) {
  std::vector<Recording> out;
  const auto folder = test::recorded("fixtures/" + name);
  if (!folder) return out;
  for (const auto& file : files_under(*folder)) {
    std::string body = test::read_file(file);
    if (body.starts_with("HTTP/")) body = body.substr(std::min(body.size(), body.find("\r\n\r\n")));
    sort_out(out, file.filename().string(), url, std::move(body));
  }
  return out;
}

struct Tally {
  std::size_t responses = 0;
  std::size_t with_posts = 0;
  std::size_t posts = 0;
};

// Reads all; `complete` says of each post what must be there.
template <class Complete>
Tally read_all(const char* kind, const std::vector<Recording>& recordings, Complete complete) {
  Tally tally;
  for (const Recording& recording : recordings) {
    CAPTURE(recording.file);
    const ParsedPage page = find(kind)->parse(recording.document);
    test::check_page(page, recording.document.url);
    ++tally.responses;
    tally.posts += page.posts.size();
    tally.with_posts += page.posts.empty() ? 0 : 1;
    for (const Post& post : page.posts) complete(post, recording);
  }
  MESSAGE(std::string(kind) << ": " << tally.posts << " posts in " << tally.with_posts << " of " << tally.responses
                            << " responses");
  return tally;
}

// The number of objects in a response of which `is_post` holds, at any depth.
std::size_t count_in(const json& value, const std::function<bool(const json&)>& is_post) {
  std::size_t count = value.is_object() && is_post(value) ? 1 : 0;
  if (value.is_structured())
    for (const json& inner : value) count += count_in(inner, is_post);
  return count;
}

bool has_words(const Post& post) {
  return !post.text.empty() || !post.title.empty() || !post.quotes.empty() || !post.links.empty();
}

}  // namespace

TEST_CASE("Reddit: every recorded listing and thread, each post once, complete") {
  const auto recordings = cassettes("praw");
  if (recordings.empty()) return;
  std::size_t deleted = 0;
  std::size_t media = 0;
  const Tally tally = read_all("reddit", recordings, [&](const Post& post, const Recording&) {
    CHECK((post.id.starts_with("t1_") || post.id.starts_with("t3_")));
    CHECK(post.created_at.has_value());
    if (post.state == PostState::deleted) return void(++deleted);
    CHECK((!post.author.empty() || post.author_id.empty()));
    if (!has_words(post)) ++media;
  });
  CHECK(tally.posts > 500);
  CHECK(media * 100 < tally.posts);  // posts that were an image and are nothing without it
  std::size_t listed = 0;
  std::size_t read = 0;
  for (const Recording& recording : recordings) {
    const json answer = json::parse(recording.document.body, nullptr, false);
    if (!answer.is_object() || answer.value("kind", "") != "Listing") continue;
    for (const json& child : answer["data"]["children"]) {
      const std::string kind = child.value("kind", "");
      listed += (kind == "t1" || kind == "t3") && child["data"].contains("name") ? 1 : 0;
    }
    std::set<std::string> ids;
    for (const Post& post : find("reddit")->parse(recording.document).posts) ids.insert(post.id);
    read += ids.size();
  }
  CHECK(read >= listed);
  MESSAGE(deleted << " deleted, " << media << " without words, " << listed << " listed");
}

namespace {

// What an answer of X's API v2 says of one post, wherever it stands in it.
struct Stated {
  bool found = false;
  std::string author_id;
  std::string author;
  bool has_time = false;
};

void find_stated(const json& value, const std::string& id, Stated& into) {
  if (value.is_object() && value.value("id", json()) == id && value.contains("text")) {
    into.found = true;
    into.has_time = into.has_time || value.contains("created_at");
    if (value.contains("author_id")) into.author_id = value["author_id"].get<std::string>();
  }
  if (value.is_structured())
    for (const json& inner : value) find_stated(inner, id, into);
}

void find_name(const json& value, Stated& into) {
  if (value.is_object() && value.value("id", json()) == into.author_id && value.contains("username"))
    into.author = value["username"].get<std::string>();
  if (value.is_structured())
    for (const json& inner : value) find_name(inner, into);
}

Stated stated_of(const json& answer, const std::string& id) {
  Stated stated;
  find_stated(answer, id, stated);
  if (!stated.author_id.empty()) find_name(answer, stated);
  return stated;
}

}  // namespace

TEST_CASE("X: every recorded answer of API v2, each post complete where the answer holds it") {
  std::vector<Recording> recordings = cassettes("tweepy");
  for (Recording& sample : plain_files("sns_python_twitter/testdata/apis", "https://api.x.com/2/tweets/search/recent"))
    recordings.push_back(std::move(sample));
  if (recordings.empty()) return;
  std::map<std::string, std::size_t> lacking;
  const Tally tally = read_all("x", recordings, [&](const Post& post, const Recording& recording) {
    CHECK_FALSE(post.id.empty());
    CHECK(has_words(post));
    const Stated stated = stated_of(json::parse(repair_utf8(recording.document.body), nullptr, false), post.id);
    if (!stated.found && recording.document.body.find("\"id_str\"") == std::string::npos) {
      ++lacking["no answer to hold them against: its cassette tore it"];
      return;
    }
    if (!stated.found) {  // of API 1.1, whose statuses have everything
      CHECK_FALSE(post.author_id.empty());
      CHECK_FALSE(post.author.empty());
      CHECK(post.created_at.has_value());
      return;
    }
    CHECK(post.author_id == stated.author_id);
    CHECK(post.author == stated.author);
    CHECK(post.created_at.has_value() == stated.has_time);
    lacking["no time, created_at not asked for"] += stated.has_time ? 0 : 1;
    lacking["no author's id, author_id not asked for"] += stated.author_id.empty() ? 1 : 0;
    lacking["no author's name, users not asked for"] += stated.author.empty() ? 1 : 0;
  });
  CHECK(tally.posts > 100);
  for (const auto& [what, count] : lacking) MESSAGE("x: " << count << " of " << tally.posts << " posts have " << what);
}

TEST_CASE("X: every recorded status of API 1.1, complete") {
  for (const auto& [name, least] : {std::pair{"python_twitter", 100U}, std::pair{"twitter_ruby", 5U}}) {
    const auto recordings = plain_files(name, "https://api.twitter.com/1.1/search/tweets.json");
    if (recordings.empty()) return;
    std::size_t without_author = 0;
    std::size_t media = 0;
    const Tally tally = read_all("x", recordings, [&](const Post& post, const Recording&) {
      CHECK(post.created_at.has_value());
      if (!has_words(post)) ++media;
      if (post.author.empty() && post.author_id.empty()) ++without_author;
    });
    CHECK(tally.posts > least);
    CHECK(media * 20 < tally.posts);           // a picture alone
    CHECK(without_author * 20 < tally.posts);  // excerpts that name nobody
    MESSAGE(std::string(name) << ": " << without_author << " name no author");
  }
}

TEST_CASE("Mastodon: every recorded status, complete") {
  std::vector<Recording> recordings = cassettes("mastodon_py");
  for (Recording& one : plain_files("mastodon_api_rb", "https://mastodon.invalid/api/v1/timelines/home"))
    recordings.push_back(std::move(one));
  if (recordings.empty()) return;
  const auto is_status = [](const json& value) { return value.contains("content") && value.contains("visibility"); };
  std::size_t timelines = 0;
  const Tally tally = read_all("mastodon", recordings, [](const Post& post, const Recording&) {
    CHECK_FALSE(post.id.empty());
    CHECK_FALSE(post.author.empty());
    CHECK_FALSE(post.author_id.empty());
    CHECK(post.created_at.has_value());
    CHECK_FALSE(post.url.empty());
  });
  for (const Recording& recording : recordings) {
    const json answer = json::parse(recording.document.body, nullptr, false);
    if (recording.document.url.find("/timelines/") == std::string::npos || !answer.is_array()) continue;
    ++timelines;
    std::size_t statuses = 0;
    for (const json& one : answer) statuses += is_status(one) ? 1 : 0;
    CHECK(find("mastodon")->parse(recording.document).posts.size() >= statuses);
  }
  CHECK(timelines > 3);
  CHECK(tally.posts > 50);
}

TEST_CASE("4chan: the examples of the API's own pages") {
  const auto folder = test::recorded("fixtures/4chan_api_docs/pages");
  if (!folder) return;
  const std::string page = test::read_file(*folder / "Threadlist.md");
  const auto from = page.find("```json");
  REQUIRE(from != std::string::npos);
  Document document;
  document.url = "https://a.4cdn.org/po/threads.json";
  document.body = page.substr(from + 7, page.find("```", from + 7) - from - 7);
  const json answer = json::parse(document.body, nullptr, false);
  REQUIRE(answer.is_array());
  const ParsedPage read = find("4chan")->parse(document);
  CHECK(read.links.size() == count_in(answer, [](const json& value) { return value.contains("last_modified"); }));
  CHECK(read.links.front().stamp == "1546294897/2");
  CHECK(read.links.front().url == "https://a.4cdn.org/po/thread/570368.json");
}

namespace {

class Mangler {
 public:
  explicit Mangler(std::uint32_t seed) : random_(seed) {}

  // Some values become others, of any type; some go.
  void mangle(json& value, int depth = 0) {
    if (depth > 200) return;
    if (below(12) == 0) return void(value = anything());
    if (!value.is_structured()) return;
    if (value.is_object() && !value.empty() && below(8) == 0)
      value.erase(std::next(value.begin(), static_cast<std::ptrdiff_t>(below(value.size()))));
    for (json& inner : value) mangle(inner, depth + 1);
  }

  void cut(std::string& text) {
    if (!text.empty()) text.resize(below(text.size()));
  }

 private:
  std::size_t below(std::size_t bound) { return random_() % bound; }

  json anything() {
    static const std::vector<json> kValues{nullptr,
                                           true,
                                           -1,
                                           0,
                                           UINT64_MAX,
                                           INT64_MIN,
                                           1e300,
                                           -0.5,
                                           "",
                                           "words",
                                           "0",
                                           "\xED\x9F\xBF",
                                           json::array(),
                                           json::object(),
                                           json::array({1, "a", {}}),
                                           {{"id", 5}, {"text", 7}},
                                           std::string(3, '\0'),
                                           "<b>",
                                           "https://a.invalid/x",
                                           "2026-11-22T10:00:00Z",
                                           "&lt;",
                                           "= /",
                                           std::string(5000, 'x')};
    return kValues[below(kValues.size())];
  }

  std::mt19937 random_;
};

}  // namespace

TEST_CASE("recorded responses with wrong types everywhere, or cut short: clean posts, never an exception") {
  const std::map<std::string, std::string> recorded_by{
      {"reddit", "praw"}, {"x", "tweepy"}, {"mastodon", "mastodon_py"}};
  Mangler mangler(20261122);
  std::size_t tried = 0;
  for (const auto& [kind, name] : recorded_by) {
    std::vector<Recording> recordings = cassettes(name);
    for (std::size_t i = 0; i < recordings.size(); i += 5) {
      const json answer = json::parse(recordings[i].document.body, nullptr, false);
      if (!answer.is_structured() || recordings[i].document.body.size() > 60'000) continue;
      CAPTURE(recordings[i].file);
      for (int round = 0; round < 3; ++round, ++tried) {
        json mangled = answer;
        mangler.mangle(mangled);
        Document document = recordings[i].document;
        document.body = mangled.dump(-1, ' ', false, json::error_handler_t::replace);
        if (round == 2) mangler.cut(document.body);
        test::check_page(find(kind)->parse(document), document.url);
      }
    }
  }
  MESSAGE(tried << " mangled responses");
}

TEST_CASE("every fixture of an API with wrong types everywhere") {
  Mangler mangler(7);
  for (const char* kind : {"reddit", "x", "tumblr", "mastodon", "lemmy", "4chan"}) {
    for (const auto& entry : std::filesystem::directory_iterator(test::fixture(kind))) {
      const json page = json::parse(test::read_file(entry.path()), nullptr, false);
      if (page.is_discarded() || entry.path().extension() != ".json") continue;
      CAPTURE(entry.path().string());
      std::string beside = entry.path().string();
      beside.replace(beside.rfind(".json"), 5, ".expected.jsonl");
      const json head = json::parse(test::read_file(beside).substr(0, test::read_file(beside).find('\n')));
      for (int round = 0; round < 60; ++round) {
        json mangled = page;
        mangler.mangle(mangled);
        Document document;
        document.url = document.request.url = head.at("url").get<std::string>();
        document.body = mangled.dump(-1, ' ', false, json::error_handler_t::replace);
        document.cursor = round % 2 == 0 ? "" : "posts=1/2 t3=zz/ statuses=9/";
        test::check_page(find(kind)->parse(document), document.url);
      }
    }
  }
}

TEST_CASE("an API gone wrong says what came instead") {
  const auto state_of = [](const char* kind, std::string body) {
    Document document;
    document.url = document.request.url = "https://b.example/api/v1/timelines/public";
    if (std::string_view(kind) == "4chan") document.url = "https://a.4cdn.org/g/threads.json";
    document.body = std::move(body);
    const ParsedPage page = find(kind)->parse(document);
    CHECK(page.posts.empty());
    test::check_page(page, document.url);
    return std::string(parsers::to_string(page.state));
  };
  for (const char* kind : {"reddit", "x", "tumblr", "mastodon", "lemmy", "4chan"}) {
    CAPTURE(kind);
    CHECK(state_of(kind, "") == "error page");
    CHECK(state_of(kind, "<html><body>It is down</body></html>") == "error page");
    CHECK(state_of(kind, "<form><input type=\"password\"></form>") == "login wall");
    CHECK(state_of(kind, "{\"data\":[{\"id\":\"1\",") == "changed");
    CHECK(state_of(kind, "\x1f\x8b\x08binary") == "changed");
    CHECK(state_of(kind, "{}") == "changed");
    CHECK(state_of(kind, "{\"error\":\"it is broken\"}") == "error page");
    CHECK(state_of(kind, "{\"error\":403,\"message\":\"Forbidden\"}") == "login wall");
    CHECK(state_of(kind, "17") == "changed");
    std::string nested(200'000, '[');
    CHECK(state_of(kind, nested) == "changed");
    nested.append(200'000, ']');
    CHECK(state_of(kind, nested) != "ok");
    std::string objects;
    for (int i = 0; i < 50'000; ++i) objects += "{\"data\":";
    CHECK(state_of(kind, objects + "1" + std::string(50'000, '}')) != "ok");
  }
}
