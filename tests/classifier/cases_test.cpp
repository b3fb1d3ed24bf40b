// The cases in cases/*.jsonl, one small file per kind. A line is {"post": …, "expect": …}; expected are, as far as they
// are named: "band", "at_least", "at_most", "handles" (all of them: messenger and canonical form), "flags" and
// "not_flags".
#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "common/json.h"
#include "common/text.h"
#include "tests/classifier/support.h"

namespace hw::classifier {
namespace {

using nlohmann::json;
using Handles = std::multiset<std::pair<std::string, std::string>>;

std::filesystem::path cases_folder() {
  return std::filesystem::path(HANDLEWATCH_SOURCE_DIR) / "tests" / "classifier" / "cases";
}

Handles handles_of(const json& list) {
  Handles out;
  for (const json& handle : list) out.emplace(handle.at("messenger"), handle.at("handle"));
  return out;
}

Handles handles_of(const Verdict& verdict) {
  Handles out;
  for (const HandleFound& handle : verdict.handles) out.emplace(handle.messenger, handle.handle);
  return out;
}

std::string mistakes(const json& expect, const Verdict& verdict) {
  std::ostringstream out;
  const auto band = [&](const char* key) { return *parse_band(expect.at(key).get<std::string>()); };
  const auto flag = [](const json& name) { return *parse_flag(name.get<std::string>()); };
  if (expect.contains("band") && verdict.band != band("band")) out << " band";
  if (expect.contains("at_most") && verdict.band > band("at_most")) out << " band";
  if (expect.contains("at_least") && verdict.band < band("at_least")) out << " band";
  if (expect.contains("handles") && handles_of(verdict) != handles_of(expect.at("handles"))) out << " handles";
  for (const json& name : expect.value("flags", json::array()))
    if (!verdict.has(flag(name))) out << " misses " << name;
  for (const json& name : expect.value("not_flags", json::array()))
    if (verdict.has(flag(name))) out << " has " << name;
  return out.str();
}

// Spans slice the field as it was given, and reasons hold no handle.
void check_promises(const Post& post, const Verdict& verdict) {
  for (const HandleFound& handle : verdict.handles) {
    if (handle.field == "text")
      CHECK(post.text.substr(handle.span.from, handle.span.to - handle.span.from) == handle.raw);
    if (handle.field == "title")
      CHECK(post.title.substr(handle.span.from, handle.span.to - handle.span.from) == handle.raw);
    for (const std::string& reason : verdict.reasons) {
      CHECK(reason.find(handle.raw) == std::string::npos);
      CHECK(reason.find(handle.handle) == std::string::npos);
      CHECK(reason.find('\n') == std::string::npos);
    }
  }
}

TEST_CASE("labelled cases, file by file") {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(cases_folder())) {
    CAPTURE(entry.path().filename().string());
    const std::string content = test::read_file(entry.path());
    std::size_t cases = 0;
    for (const std::string_view line : split(content, '\n')) {
      if (trim(line).empty()) continue;
      const json given = json::parse(line);
      const auto post = post_from_json(given.at("post").dump());
      REQUIRE_OK(post);
      const Verdict verdict = test::shipped().classify(*post);
      const std::string wrong = mistakes(given.at("expect"), verdict);
      CHECK_MESSAGE(wrong.empty(), post->id, ":", wrong, " in ", to_json(verdict));
      check_promises(*post, verdict);
      ++cases;
    }
    CHECK(cases > 0);
    ++files;
  }
  CHECK(files >= 10);
}

}  // namespace
}  // namespace hw::classifier
