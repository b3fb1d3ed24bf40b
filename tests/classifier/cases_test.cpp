// The cases in cases/*.jsonl, one small file per kind. A line is {"post": …, "expect": …}; expected are, as far as they
// are named: "band", "at_least", "at_most", "handles" (all of them: messenger and canonical form), "flags" and
// "not_flags".
#include <algorithm>
#include <filesystem>
#include <set>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "common/json.h"
#include "common/text.h"
#include "tests/classifier/support.h"
#include "tests/eval/tally.h"

namespace hw::classifier {
namespace {

using nlohmann::json;
std::filesystem::path cases_folder() { return test::source_folder() / "tests" / "classifier" / "cases"; }

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
      const bool right = eval::tally(given.at("expect"), verdict).cases.good == 1;
      CHECK_MESSAGE(right, post->id, ": expected ", given.at("expect").dump(), " and not ", to_json(verdict));
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
