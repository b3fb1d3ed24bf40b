// The fast reader of posts against the thorough one: what it takes is the same post, and it takes nothing that the
// other refuses.
#include "common/post_reader.h"

#include <random>

#include <doctest/doctest.h>

#include "common/json.h"
#include "common/text.h"

using namespace hw;

namespace {

const std::string kWhole =
    R"({"id":"t3_abc","platform":"board","source":"r/x","url":"https://b.example/1","author":"ida","author_id":"7",)"
    R"("author_display":"Ida \u00e9","author_bio":"gardener","title":"A title","text":"line\none \ud83c\udf31 two",)"
    R"("tags":["a","b"],"links":[{"url":"https://b.example/2","text":"two"},{"url":"https://b.example/3"}],)"
    R"("quotes":["q"],"created_at":"2026-11-22T10:00:00+02:00","lang":"en","reply_to":"t3_x","state":"edited","n":1.5})";

// Both readers agree; true where the fast one took the line.
bool check(const std::string& line) {
  CAPTURE(repair_utf8(line));
  const auto plain = read_plain_post(line);
  const auto any = read_any_post(line);
  if (plain) {
    REQUIRE(any.has_value());
    CHECK(*plain == *any);
  }
  const auto both = post_from_json(line);
  CHECK(both.has_value() == any.has_value());
  if (both && any) CHECK(*both == *any);
  if (!both && !any) CHECK(both.error().message == any.error().message);
  return plain.has_value();
}

}  // namespace

TEST_CASE("ordinary posts take the fast way") {
  CHECK(check(kWhole));
  CHECK(check(R"({"id":"1","text":""})"));
  CHECK(check(R"( {"text":"a","id":"1","lang":null,"tags":[],"unknown":{"deep":[1,2,{"x":null}]}} )"));
  CHECK(check(R"({"id":"1","text":"a\u0000b"})"));
  CHECK(check(R"({"\u0069d":"1","text":"x"})"));
}

TEST_CASE("nothing at all, as a view that points nowhere, is no post") {
  CHECK_FALSE(read_plain_post({}).has_value());
  CHECK(post_from_json({}).error().message == post_from_json("").error().message);
}

TEST_CASE("what is unusual is judged by the thorough reader alone") {
  for (const char* line : {R"({"id":5,"id":"1","text":"x"})",
                           R"({"id":"1","id":5,"text":"x"})",
                           R"({"id":"1","id":null,"text":"x"})",
                           R"({"id":"1","text":"a\ud83d b"})",
                           R"({"id":"1","text":"a\udc00 b"})",
                           R"({"id":"1","text":"\udc00\ud83d"})",
                           R"({"id":"\udfff","text":"x"})",
                           R"({"id":"1","text":"x","\udc00":1})",
                           "\xEF\xBB\xBF{\"id\":\"1\",\"text\":\"x\"}",
                           "{\"id\":\"1\",\"text\":\"a\xff\xc3(z\"}",
                           "{\"id\":\"1\",\"text\":\"\xED\xA0\x80\"}",
                           R"({"id":"","text":"x"})",
                           R"({"id":"1"})",
                           R"({"text":"x"})",
                           R"({"id":"1","text":"x"} {})",
                           R"({"id":"1","text":"x"},)",
                           R"([1])",
                           "1",
                           "",
                           "null",
                           R"({"id":"1","text":"x","n":1e999})",
                           R"({"id":"1","text":"x","n":123456789012345678901234567890})",
                           R"({"id":"1","text":"x","n":01})",
                           R"({"id":"1","text":"x","state":"gone"})",
                           R"({"id":"1","text":"x","created_at":"yesterday"})",
                           R"({"id":"1","text":"x","created_at":""})",
                           R"({"id":"1","text":"x","tags":"a"})",
                           R"({"id":"1","text":"x","tags":["a",1]})",
                           R"({"id":"1","text":"x","links":[{"text":"a"}]})",
                           R"({"id":"1","text":"x","links":[{"url":"a","url":"b"}]})",
                           R"({"id":"1","text":"x","links":[{"url":"a","text":null}]})",
                           R"({"id":"1","text":"x","quotes":{}})",
                           "{\"id\":\"1\",\"text\":\"a\tb\"}",
                           "{'id':'1','text':'x'}"})
    check(line);
  check(std::string("{\"id\":\"1\",\"text\":\"a\0b\"}", 24));
  std::string deep = R"({"id":"1","text":"x","deep":)";
  check(deep + std::string(3000, '[') + std::string(3000, ']') + "}");
}

TEST_CASE("posts that were mutated at random") {
  static const std::vector<std::string> kPieces{"\"",
                                                "\\",
                                                "{",
                                                "}",
                                                "[",
                                                "]",
                                                ",",
                                                ":",
                                                "\\ud83d",
                                                "\\udc00",
                                                "\\u0000",
                                                "null",
                                                "\xED\xB0\x80",
                                                "\xC3\xA9",
                                                "\"id\":\"2\",",
                                                "1e5",
                                                "\n",
                                                "\xFF"};
  std::mt19937 random(5);
  std::size_t fast = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string line = kWhole;
    for (int edits = static_cast<int>(random() % 3); edits >= 0; --edits) {
      const std::size_t at = random() % line.size();
      switch (random() % 4) {
        case 0:
          line.erase(at, random() % 12);
          break;
        case 1:
          line.insert(at, kPieces[random() % kPieces.size()]);
          break;
        case 2:
          line[at] = static_cast<char>(random());
          break;
        default:
          line.insert(at, line.substr(random() % line.size(), random() % 30));
          break;
      }
      if (line.empty()) line = " ";
    }
    fast += check(line) ? 1 : 0;
  }
  CHECK(fast > 1000);
}
