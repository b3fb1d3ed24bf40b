#include <algorithm>
#include <array>

#include <doctest/doctest.h>

#include "classifier/rule_set.h"
#include "tests/classifier/support.h"

namespace hw::classifier {
namespace {

using config::RuleEffect;

constexpr std::array kAll{RuleEffect::sign,      RuleEffect::explains,       RuleEffect::counter_speech,
                          RuleEffect::news,      RuleEffect::possible_minor, RuleEffect::child_risk,
                          RuleEffect::seeks_help};

Folder folder_for(const config::RulePack& pack) {
  Vocabulary words;
  for (const config::Rule& rule : pack.rules)
    if (rule.effect == RuleEffect::sign)
      for (const std::string& pattern : rule.patterns) words.add_pattern(pattern);
  return Folder(std::move(words));
}

bool fires(const RuleSet& rules, const Folder& folder, const config::Rule& rule, const std::string& text) {
  Post post;
  const std::string field = rule.fields.empty() ? "text" : rule.fields.front();
  (field == "tags" ? post.tags.emplace_back() : field == "author_display" ? post.author_display : post.text) = text;
  const std::vector<Firing> firings = rules.scan(fold(folder, post));
  return std::any_of(firings.begin(), firings.end(), [&](const Firing& firing) { return firing.rule->id == rule.id; });
}

void check(std::string_view text, const std::string& file) {
  const auto pack = config::parse_rule_pack(text, file);
  REQUIRE_OK(pack);
  const Folder folder = folder_for(*pack);
  const std::vector packs{*pack};
  const auto rules = RuleSet::create(packs, kAll, folder);
  REQUIRE_OK(rules);
  CHECK_FALSE(pack->rules.empty());
  for (const config::Rule& rule : packs[0].rules) {
    for (const std::string& example : rule.hit)
      CHECK_MESSAGE(fires(*rules, folder, rule, example), rule.id, " must hit: ", example);
    for (const std::string& example : rule.miss)
      CHECK_MESSAGE(!fires(*rules, folder, rule, example), rule.id, " must miss: ", example);
  }
}

TEST_CASE("every shipped rule hits its own examples and misses the others") {
  SUBCASE("press terms") { check(config::embedded_press_terms(), "press-terms.yaml"); }
  SUBCASE("context") { check(config::embedded_context_rules(), "context.yaml"); }
  SUBCASE("ages") { check(config::embedded_age_rules(), "ages.yaml"); }
}

TEST_CASE("the shipped pack holds the four documented terms and can reach no more than medium") {
  const config::RulePack pack = test::press_terms();
  CHECK(pack.ceiling == Band::medium);
  for (const config::Rule& rule : pack.rules) {
    const bool documented = rule.group == "perv" || rule.group == "taboo" || rule.group == "nolimits" ||
                            rule.group == "map" || rule.group == "aam";
    CHECK_MESSAGE(documented, rule.id);
    CHECK(rule.effect == RuleEffect::sign);
  }
}

}  // namespace
}  // namespace hw::classifier
