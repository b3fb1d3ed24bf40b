// Neutral posts of people who use the words or speak of hard things: no kind of author, and no language, is raised to
// medium or held, and of none more than one in ten is at low. The posts lie in kinds/<kind>.jsonl, the same of each
// language: a support group, a choir, a survey, a newsroom.
#include <filesystem>
#include <map>
#include <string>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "common/json.h"
#include "common/text.h"
#include "tests/classifier/support.h"
#include "tests/eval/tally.h"

namespace hw::classifier {
namespace {

using nlohmann::json;

struct Rates {
  std::map<std::string, eval::Share> raised, held, seen;

  void count(const std::string& group, const Verdict& verdict) {
    seen[group].count(verdict.band > Band::none);
    raised[group].count(verdict.band >= Band::medium);
    held[group].count(verdict.held());
  }
};

Rates rates_of(bool by_language) {
  Rates out;
  for (const auto& entry :
       std::filesystem::directory_iterator(test::source_folder() / "tests" / "classifier" / "kinds")) {
    const std::string content = test::read_file(entry.path());
    for (const std::string_view line : split(content, '\n')) {
      if (trim(line).empty()) continue;
      const json given = json::parse(line);
      const auto post = post_from_json(given.at("post").dump());
      REQUIRE_OK(post);
      out.count(by_language ? post->lang : entry.path().stem().string(), test::shipped().classify(*post));
    }
  }
  return out;
}

void check_alike(const Rates& rates, std::size_t groups) {
  CHECK(rates.seen.size() == groups);
  for (const auto& [group, share] : rates.seen) {
    CAPTURE(group);
    CHECK(share.of >= 40);
    CHECK(rates.raised.at(group).good == 0);
    CHECK(rates.held.at(group).good == 0);
    CHECK(share.good * 10 <= share.of);
    MESSAGE(group, ": ", share.good, " of ", share.of, " at low");
  }
}

TEST_CASE("no kind of author is raised or held without cause") { check_alike(rates_of(false), 7); }

TEST_CASE("no language is raised or held without cause") { check_alike(rates_of(true), 10); }

}  // namespace
}  // namespace hw::classifier
