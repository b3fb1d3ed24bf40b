#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/support/process.h"

using hw::test::handlewatch;
using nlohmann::json;

namespace {

std::vector<json> lines_of(const std::string& text) {
  std::vector<json> out;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) out.push_back(json::parse(line));
  return out;
}

const std::string kAdvert = R"({"id":"ad","text":"#taboo #nolimits wickr: hwdemo_fern71"})";
const std::string kChatter = R"({"id":"chat","text":"the beans are up"})";

}  // namespace

TEST_CASE("classify answers every line in its place, bad ones with an error object") {
  const hw::test::TemporaryFolder folder;
  std::string input = kChatter + "\n";  // 1
  input += "not json\n";                // 2
  input += R"({"id":"no-text"})"
           "\n";                                                               // 3
  input += "\n";                                                               // 4, blank: passed over
  input += R"({"id":"huge","text":")" + std::string(50 << 20, 'x') + "\"}\n";  // 5
  input += "{\"id\":\"bytes\",\"text\":\"a\xff\xc3(z\"}\n";                    // 6
  input += "{\"id\":\"nul\",\"text\":\"a" + std::string(1, '\0') + "b\"}\n";   // 7: a raw NUL is not JSON
  input += R"({"id":"nul2","text":"a\u0000b"})"
           "\n";  // 8
  input += R"({"id":"lone","text":"a\ud83d b"})"
           "\n";  // 9
  input += R"([1,2])"
           "\n";     // 10
  input += kAdvert;  // 11, no line feed at the end
  const auto outcome = handlewatch(folder.path(), {"classify"}, input);
  CHECK(outcome.status == 1);
  const auto lines = lines_of(outcome.out);
  REQUIRE(lines.size() == 10);
  CHECK(lines[0]["id"] == "chat");
  CHECK(lines[0]["band"] == "none");
  CHECK(lines[1]["error"] == "not JSON");
  CHECK(lines[1]["line"] == 2);
  CHECK(lines[1]["id"] == nullptr);
  CHECK(lines[2]["id"] == "no-text");
  CHECK(lines[2]["error"] == "\"text\" is required");
  CHECK(lines[3]["line"] == 5);
  CHECK(lines[3]["error"].get<std::string>().find("bytes long") != std::string::npos);
  CHECK(lines[4]["id"] == "bytes");
  CHECK(lines[5]["line"] == 7);
  CHECK(lines[6]["id"] == "nul2");
  CHECK(lines[7]["id"] == "lone");
  CHECK(lines[8]["error"] == "not a JSON object");
  CHECK(lines[9]["id"] == "ad");
  CHECK(lines[9]["band"] == "medium");
  CHECK(lines[9]["handles"][0]["handle"] == "hwdemo_fern71");
  CHECK(outcome.err.find("5 lines are no posts") != std::string::npos);
}

TEST_CASE("classify needs no store and no data folder") {
  const hw::test::TemporaryFolder folder;
  const auto outcome = handlewatch(folder / "absent", {"classify", "-"}, kAdvert + "\n");
  CHECK(outcome.status == 0);
  CHECK(outcome.err.empty());
  CHECK_FALSE(std::filesystem::exists(folder / "absent"));
}

TEST_CASE("rule 4: a held post comes back without its handles unless they are asked for") {
  const hw::test::TemporaryFolder folder;
  const std::string held = R"({"id":"h","text":"#taboo #nolimits i am 15, wickr: hwdemo_young3"})"
                           "\n";
  const auto plain = handlewatch(folder.path(), {"classify"}, held);
  CHECK(plain.status == 0);
  CHECK(plain.out.find("possible_minor") != std::string::npos);
  CHECK(plain.out.find("hwdemo_young3") == std::string::npos);
  const auto evaluation = handlewatch(folder.path(), {"classify", "--include-held"}, held);
  CHECK(evaluation.out.find("hwdemo_young3") != std::string::npos);
}

TEST_CASE("a missing input file is one clear line") {
  const hw::test::TemporaryFolder folder;
  const auto outcome = handlewatch(folder.path(), {"classify", (folder / "none.jsonl").string()});
  CHECK(outcome.status == 1);
  CHECK(outcome.err.find("No such file") != std::string::npos);
  const auto directory = handlewatch(folder.path(), {"classify", folder.path().string()});
  CHECK(directory.err.find("it is a folder") != std::string::npos);
}
