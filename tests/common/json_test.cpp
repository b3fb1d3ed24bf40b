#include "common/json.h"

#include <random>

#include <doctest/doctest.h>

#include "common/text.h"
#include "tests/support/support.h"

using namespace hw;

namespace {

const std::string kReplacement = "\xEF\xBF\xBD";

std::string error_of(std::string_view line) {
  const auto post = post_from_json(line);
  REQUIRE_FALSE(post.has_value());
  CHECK(post.error().code == ErrorCode::malformed);
  return post.error().message;
}

std::string text_of(std::string_view line) {
  const auto post = post_from_json(line);
  REQUIRE_OK(post);
  return post->text;
}

Post small_post(std::string text) {
  Post post;
  post.id = "1";
  post.text = std::move(text);
  return post;
}

Post full_post() {
  Post post;
  post.id = "t3_abc";
  post.platform = "reddit";
  post.source = "r/example";
  post.url = "https://forum.example/1";
  post.author = "name";
  post.author_id = "t2_x";
  post.author_display = "Näme";
  post.author_bio = "bio";
  post.title = "title";
  post.text = "a\n\"b\"\\";
  post.tags = {"a", "b"};
  post.links = {{"https://x.example/", "x"}, {"https://y.example/", ""}};
  post.quotes = {"q"};
  post.created_at = parse_rfc3339("2026-11-22T10:00:00Z");
  post.lang = "en";
  post.reply_to = "t3_x";
  post.state = PostState::edited;
  return post;
}

}  // namespace

TEST_CASE("a post survives its JSON form, and the keys stand in the documented order") {
  const Post post = full_post();
  const auto again = post_from_json(to_json(post));
  REQUIRE_OK(again);
  CHECK(*again == post);
  CHECK(to_json(small_post("a")) == R"({"id":"1","text":"a","state":"live"})");
}

TEST_CASE("only id and text are required, unknown keys and nulls are passed over") {
  const auto post = post_from_json(R"({"id":"1","text":"","author":null,"extra":{"deep":[1,2]}})");
  REQUIRE_OK(post);
  CHECK(*post == small_post(""));
}

TEST_CASE("a wrong line says which key is wrong and how") {
  CHECK(error_of("") == "not JSON");
  CHECK(error_of("{") == "not JSON");
  CHECK(error_of(R"({"id":"1","text":"a"} x)") == "not JSON");
  CHECK(error_of("[]") == "not a JSON object");
  CHECK(error_of("null") == "not a JSON object");
  CHECK(error_of("{}") == "\"id\" is required");
  CHECK(error_of(R"({"id":"1"})") == "\"text\" is required");
  CHECK(error_of(R"({"id":"","text":"a"})") == "\"id\" must not be empty");
  CHECK(error_of(R"({"id":1,"text":"a"})") == "\"id\" must be a string");
  CHECK(error_of(R"({"id":"1","text":["a"]})") == "\"text\" must be a string");
  CHECK(error_of(R"({"id":"1","text":"a","tags":"b"})") == "\"tags\" must be an array of strings");
  CHECK(error_of(R"({"id":"1","text":"a","tags":[1]})") == "\"tags\" must be an array of strings");
  CHECK(error_of(R"({"id":"1","text":"a","links":["b"]})") == "\"links\" must be an array of {\"url\", \"text\"}");
  CHECK(error_of(R"({"id":"1","text":"a","links":[{"text":"b"}]})") ==
        "\"links\" must be an array of {\"url\", \"text\"}");
  CHECK(error_of(R"({"id":"1","text":"a","created_at":"today"})") ==
        "\"created_at\" must be an RFC 3339 time such as 2026-11-22T10:00:00Z");
  CHECK(error_of(R"({"id":"1","text":"a","state":"gone"})") == "\"state\" must be live, edited or deleted");
}

TEST_CASE("an error never repeats what the line holds") {
  for (const char* line : {R"({"id":{"hwdemo":1},"text":"a"})", R"({"id":"1","text":"a","state":"hwdemo"})",
                           R"({"id":"hwdemo_x")", R"({"id":"1","text":"a","created_at":"hwdemo"})"})
    CHECK(error_of(line).find("hwdemo") == std::string::npos);
}

TEST_CASE("lone surrogate escapes become U+FFFD, pairs stay") {
  CHECK(text_of(R"({"id":"1","text":"a\ud800b"})") == "a" + kReplacement + "b");
  CHECK(text_of(R"({"id":"1","text":"a\udc00b"})") == "a" + kReplacement + "b");
  CHECK(text_of(R"({"id":"1","text":"\ud83d\ude00\ud83d"})") == "😀" + kReplacement);
  CHECK(text_of(R"({"id":"1","text":"\ud83d\ud83d\ude00"})") == kReplacement + "😀");
  CHECK(text_of(R"({"id":"1","text":"\ud800\u0041"})") == kReplacement + "A");
  CHECK(text_of(R"({"id":"1","text":"\ud800","title":"\\ud800"})") == kReplacement);
  CHECK(post_from_json(R"({"id":"1","text":"\ud800","title":"\\ud800"})")->title == "\\ud800");
}

TEST_CASE("ill-formed bytes become U+FFFD and the rest of the post stays") {
  CHECK(text_of("{\"id\":\"1\",\"text\":\"a\xFF\xE2\x82z\"}") == "a" + kReplacement + kReplacement + "z");
  CHECK(text_of("{\"id\":\"1\",\"text\":\"\xED\xA0\x80\"}") == kReplacement + kReplacement + kReplacement);
}

TEST_CASE("a NUL may be escaped, not bare") {
  CHECK(text_of(R"({"id":"1","text":"a\u0000b"})") == std::string("a\0b", 3));
  CHECK(error_of(std::string_view("{\"id\":\"1\",\"text\":\"a\0b\"}", 23)) == "not JSON");
  const auto again = post_from_json(to_json(small_post(std::string("a\0b", 3))));
  REQUIRE_OK(again);
  CHECK(again->text.size() == 3);
}

TEST_CASE("huge and deep lines neither crash nor take long") {
  CHECK(text_of("{\"id\":\"1\",\"text\":\"" + std::string(5'000'000, 'a') + "\"}").size() == 5'000'000);
  CHECK(error_of(std::string(500'000, '[')) == "not JSON");
  CHECK(error_of("{\"id\":\"1\",\"text\":" + std::string(200'000, '[') + std::string(200'000, ']') + "}") ==
        "\"text\" must be a string");
  CHECK(error_of(std::string(1'000'000, '\\')) == "not JSON");
}

TEST_CASE("texts of any characters survive writing and reading") {
  std::mt19937 random(3);
  for (int round = 0; round < 2000; ++round) {
    Post post = small_post("");
    for (auto length = random() % 40; length > 0; --length) post.text += static_cast<char>(random());
    post.text = repair_utf8(post.text);
    const auto again = post_from_json(to_json(post));
    REQUIRE_OK(again);
    REQUIRE(*again == post);
  }
}

TEST_CASE("a verdict survives its JSON form") {
  Verdict verdict;
  verdict.post_id = "t3_abc";
  verdict.band = Band::medium;
  verdict.score = 0.625;
  verdict.handles = {
      {"wickr", HandleType::user, "hwdemo_a", "HWdemo_a", "text", {3, 11}, Intent::advertised, 0.97},
      {"signal", HandleType::phone, "+12025550143", "+1 202 555 0143", "tags/0", {0, 15}, Intent::mentioned, 0.5},
      {"telegram", HandleType::invite, "x", "t.me/x", "links/2", {0, 6}, Intent::advertised, 1}};
  verdict.rules = {{"term.perv", "title", {1, 5}, 1.25}};
  verdict.flags = {Flag::possible_minor, Flag::child_risk, Flag::seeks_help, Flag::age_unchecked,
                   Flag::counter_speech, Flag::quoted,     Flag::news};
  verdict.reasons = {"wickr handle advertised (0.97)"};
  const auto again = verdict_from_json(to_json(verdict));
  REQUIRE_OK(again);
  CHECK(again->handles == verdict.handles);
  CHECK(again->rules == verdict.rules);
  CHECK(again->flags == verdict.flags);
  CHECK(again->reasons == verdict.reasons);
  CHECK(to_json(*again) == to_json(verdict));
}

TEST_CASE("what is no verdict is refused") {
  const std::string good =
      R"({"id":"1","band":"low","score":0.5,"handles":[],"rules":[{"id":"r","field":"text","span":[1,2],"weight":1}],"flags":[],"reasons":[]})";
  CHECK(verdict_from_json(good).has_value());
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string line = good;
    line.replace(line.find(from), from.size(), to);
    return verdict_from_json(line).has_value();
  };
  CHECK_FALSE(with("\"low\"", "\"huge\""));
  CHECK_FALSE(with("\"flags\":[]", "\"flags\":[\"odd\"]"));
  CHECK_FALSE(with("\"flags\":[]", "\"flags\":[7]"));
  CHECK_FALSE(with("0.5", "\"0.5\""));
  CHECK_FALSE(with("[1,2]", "[1]"));
  CHECK_FALSE(with("[1,2]", "[-1,2]"));
  CHECK_FALSE(with("[1,2]", "[2,1]"));
  CHECK_FALSE(with("[1,2]", "[0.5,2]"));
  CHECK_FALSE(with("\"handles\":[]", "\"handles\":[{}]"));
  CHECK_FALSE(with(",\"reasons\":[]", ""));
  CHECK_FALSE(verdict_from_json("{}").has_value());
  CHECK_FALSE(verdict_from_json("").has_value());
}
