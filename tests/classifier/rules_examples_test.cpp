#include <doctest/doctest.h>

#include "classifier/rule_examples.h"
#include "tests/classifier/support.h"

namespace hw::classifier {
namespace {

config::RulePack pack_of(std::string_view text) {
  auto pack = config::parse_rule_pack(text, "pack.yaml");
  REQUIRE_OK(pack);
  return std::move(*pack);
}

void check(std::string_view text) {
  const config::RulePack pack = pack_of(text);
  CHECK_FALSE(pack.rules.empty());
  const auto wrong = wrong_examples(pack);
  REQUIRE_OK(wrong);
  for (const WrongExample& each : *wrong)
    CHECK_MESSAGE(false, each.rule, each.should_hit ? " must hit: " : " must miss: ", each.example);
}

TEST_CASE("every shipped rule hits its own examples and misses the others") {
  SUBCASE("press terms") { check(config::embedded_press_terms()); }
  SUBCASE("context") { check(config::embedded_context_rules()); }
  SUBCASE("ages") { check(config::embedded_age_rules()); }
  SUBCASE("the example pack") { check(config::embedded_example_pack()); }
}

TEST_CASE("wrong examples are found, each in the rule's own field") {
  const config::RulePack pack = pack_of(R"(
id: wrong
version: "1"
licence: CC0-1.0
contact: nobody
rules:
  - {id: a, status: live, weight: 1, patterns: ['\bfern\b'], examples: {hit: [fern, moss], miss: [ivy, a fern]}}
  - {id: b, status: live, weight: 1, fields: [tags], patterns: ['^fern$'], examples: {hit: [fern], miss: [moss]}}
  - {id: c, status: shadow, weight: 1, patterns: ['\bivy\b'], examples: {hit: [moss]}}
  - {id: d, status: draft, weight: 1, patterns: ['\bivy\b'], examples: {hit: [moss]}}
)");
  const auto wrong = wrong_examples(pack);
  REQUIRE_OK(wrong);
  REQUIRE(wrong->size() == 3);
  CHECK((*wrong)[0].rule == "a");
  CHECK((*wrong)[0].example == "moss");
  CHECK((*wrong)[0].should_hit);
  CHECK((*wrong)[1].example == "a fern");
  CHECK_FALSE((*wrong)[1].should_hit);
  CHECK((*wrong)[2].rule == "c");
}

TEST_CASE("the shipped pack holds the four documented terms and can reach no more than medium") {
  const config::RulePack pack = test::press_terms();
  CHECK(pack.ceiling == Band::medium);
  for (const config::Rule& rule : pack.rules) {
    const bool documented = rule.group == "perv" || rule.group == "taboo" || rule.group == "nolimits" ||
                            rule.group == "map" || rule.group == "aam";
    CHECK_MESSAGE(documented, rule.id);
    CHECK(rule.effect == config::RuleEffect::sign);
  }
}

TEST_CASE("a rule for one language is not asked of posts stated to be in another") {
  const config::RulePack pack = pack_of(R"(
id: languages
version: "1"
licence: CC0-1.0
contact: nobody
rules:
  - {id: moss, status: live, weight: 4, languages: [de], patterns: ['\bmoos\b'], examples: {hit: [moos], miss: [moss]}}
)");
  const auto classifier = Classifier::create(test::messengers(), std::vector{pack});
  REQUIRE_OK(classifier);
  Post post;
  post.id = "1";
  post.text = "moos, wickr: hwdemo_fern71";
  const std::pair<const char*, bool> languages[] = {
      {"", true}, {"de", true}, {"DE-at", true}, {"en", false}, {"den", false}};
  for (const auto& [language, asked] : languages) {
    post.lang = language;
    CAPTURE(language);
    CHECK((classifier->classify(post).band != Band::none) == asked);
  }
}

}  // namespace
}  // namespace hw::classifier
