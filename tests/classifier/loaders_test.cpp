// What is wrong in a file of messengers or rules is told with file, line, column and the mend.
#include <doctest/doctest.h>

#include "classifier/classifier.h"
#include "tests/classifier/support.h"

namespace hw::config {
namespace {

// The message of the refusal; the test fails where the file is accepted.
std::string messengers_refused(std::string_view text) {
  const auto messengers = parse_messengers(text, "m.yaml");
  REQUIRE_FALSE(messengers.has_value());
  CHECK(messengers.error().code == ErrorCode::configuration);
  return messengers.error().message;
}

std::string pack_refused(std::string_view text) {
  const auto pack = parse_rule_pack(text, "r.yaml");
  REQUIRE_FALSE(pack.has_value());
  CHECK(pack.error().code == ErrorCode::configuration);
  return pack.error().message;
}

bool holds(const std::string& message, std::string_view part) { return message.find(part) != std::string::npos; }

constexpr std::string_view kMessengers = R"(messengers:
  - id: wickr
    name: Wickr Me
    names: [wickr]
    handles:
      - {shape: '[a-z0-9]{2,32}'}
)";

TEST_CASE("a file of messengers is read") {
  const auto messengers = parse_messengers(std::string(kMessengers) + R"(    abbreviations: [wk]
    everyday: [chair]
    links:
      - {form: 'w.example/{handle}', type: invite}
    service: {opened: 2012-06-27, closed: 2023-12-31, note: gone}
never: [please]
)",
                                           "m.yaml");
  REQUIRE_OK(messengers);
  REQUIRE(messengers->all.size() == 1);
  const Messenger& wickr = messengers->all[0];
  CHECK(wickr.names == std::vector<MessengerName>{
                           {"wickr", NameKind::plain}, {"wk", NameKind::abbreviation}, {"chair", NameKind::everyday}});
  CHECK(wickr.handles[0].letters == LetterCase::lower);
  CHECK(wickr.links[0].type == HandleType::invite);
  CHECK(wickr.service.closed == "2023-12-31");
  CHECK(messengers->never == std::vector<std::string>{"please"});
}

TEST_CASE("mistakes in a file of messengers") {
  const auto replaced = [](std::string_view what, std::string_view with) {
    std::string text(kMessengers);
    text.replace(text.find(what), what.size(), with);
    return messengers_refused(text);
  };
  CHECK(holds(replaced("names:", "nams:"), "m.yaml:4:5: unknown key \"nams\", did you mean \"name"));
  CHECK(holds(replaced("id: wickr", "id: Wickr!"), "m.yaml:2:9: messengers[0].id: an id has 1 to 32 small letters"));
  CHECK(holds(replaced("[wickr]", "[Wickr]"), "m.yaml:4:13: messengers[0].names[0]: write names in lower case"));
  CHECK(holds(replaced("[wickr]", "[]"), "needs at least one of names, abbreviations, everyday"));
  CHECK(holds(replaced("'[a-z0-9]{2,32}'", "'[a-z0-9'"),
              "m.yaml:6:17: messengers[0].handles[0].shape: RE2 refuses this pattern"));
  CHECK(holds(replaced("'[a-z0-9]{2,32}'", "'[a-z]*'"),
              "m.yaml:6:17: messengers[0].handles[0].shape: this pattern matches the empty text"));
  CHECK(holds(replaced("shape: '[a-z0-9]{2,32}'", "type: user"), "\"shape\" is required"));
  CHECK(holds(replaced("shape: '[a-z0-9]{2,32}'", "type: phone, shape: x"), "a phone number has its own reader"));
  CHECK(holds(replaced("shape:", "letters: small, shape:"), "must be lower, upper or kept"));
  CHECK(holds(replaced("shape:", "type: email, shape:"), "must be user, phone or invite"));
  CHECK(holds(messengers_refused(std::string(kMessengers) + "    links: [{form: 'w.example/x'}]\n"),
              "must hold {handle} once"));
  CHECK(holds(messengers_refused(std::string(kMessengers) + "    service: {opened: soon}\n"),
              "must be a day such as 2023-12-31"));
  CHECK(holds(messengers_refused(std::string(kMessengers) + "    everyday: [wickr]\n"),
              "the name \"wickr\" is already given"));
  CHECK(holds(messengers_refused("messengers: []\n"), "\"messengers\" is required"));
  CHECK(holds(messengers_refused("messengers: [\n"), "m.yaml:"));
  CHECK(holds(messengers_refused("messengers: 5\n"), "m.yaml:1:13: messengers: must be a list"));
}

constexpr std::string_view kPack = R"(id: garden
version: "1"
licence: CC0-1.0
contact: someone
rules:
  - id: garden.seeds
    status: live
    weight: 1.5
    patterns: ['\bseeds?\b']
    examples: {hit: [seed swap], miss: [seedy]}
)";

TEST_CASE("a pack of rules is read") {
  const auto pack = parse_rule_pack(std::string(kPack) + R"(  - id: garden.more
    status: shadow
    effect: explains
    explains: [seeds]
    reach: post
    group: plants
    fields: [title, tags]
    languages: [en]
    patterns: 'tulips?'
    unless-before: ['no $']
    when: {all: [a], any: [b], not: [c], near: [d], within: 20, same-line: true}
ceiling: low
)",
                                    "r.yaml");
  REQUIRE_OK(pack);
  CHECK(pack->id == "garden");
  CHECK(pack->ceiling == Band::low);
  REQUIRE(pack->rules.size() == 2);
  CHECK(pack->rules[0].group == "garden.seeds");
  CHECK(pack->rules[0].effect == RuleEffect::sign);
  const Rule& rule = pack->rules[1];
  CHECK(rule.status == RuleStatus::shadow);
  CHECK(rule.effect == RuleEffect::explains);
  CHECK(rule.reach == RuleReach::post);
  CHECK(rule.patterns == std::vector<std::string>{"tulips?"});
  CHECK(rule.when.not_any == std::vector<std::string>{"c"});
  CHECK(rule.when.within == 20);
  CHECK(rule.when.same_line);
}

TEST_CASE("fragments are put in where they are named") {
  const auto pack = parse_rule_pack(R"(id: x
version: "1"
licence: l
contact: c
fragments: {n: '[1-9]', nn: '{{n}}{{n}}'}
rules:
  - {id: x.y, status: draft, weight: 1, patterns: ['a{2}{{nn}}z']}
)",
                                    "r.yaml");
  REQUIRE_OK(pack);
  CHECK(pack->rules[0].patterns[0] == "a{2}(?:(?:[1-9])(?:[1-9]))z");
}

TEST_CASE("mistakes in a pack") {
  const auto replaced = [](std::string_view what, std::string_view with) {
    std::string text(kPack);
    text.replace(text.find(what), what.size(), with);
    return pack_refused(text);
  };
  CHECK(holds(replaced("status: live", "status: alive"),
              "r.yaml:7:13: rules[0].status: no \"alive\" here, did you mean \"live\"?"));
  CHECK(holds(replaced("    status: live\n", ""), "\"status\" is required"));
  CHECK(holds(replaced("weight: 1.5", "weight: heavy"), "r.yaml:8:13: rules[0].weight: must be a number from 0 to 10"));
  CHECK(holds(replaced("weight: 1.5", "wieght: 1.5"), "unknown key \"wieght\", did you mean \"weight\"?"));
  CHECK(holds(replaced("    weight: 1.5\n", ""), "\"weight\" is required for a sign"));
  CHECK(
      holds(replaced("'\\bseeds?\\b'", "'seed(?=s)'"), "r.yaml:9:16: rules[0].patterns[0]: RE2 refuses this pattern"));
  CHECK(holds(replaced("'\\bseeds?\\b'", "'(seeds'"), "r.yaml:9:16: rules[0].patterns[0]: RE2 refuses this pattern"));
  CHECK(holds(replaced("'\\bseeds?\\b'", "'s*'"),
              "r.yaml:9:16: rules[0].patterns[0]: this pattern matches the empty text"));
  CHECK(holds(replaced("'\\bseeds?\\b'", "'{{seed}}'"), "r.yaml:9:16: rules[0].patterns[0]: no fragment \"seed\""));
  CHECK(holds(replaced("'\\bseeds?\\b'", "'{{seed'"), "is opened with {{ and not closed"));
  CHECK(holds(replaced("'\\bseeds?\\b'", "''"), "must be a pattern in single quotes"));
  CHECK(holds(replaced("'\\bseeds?\\b'", "'[\\pL]{1000}{2}'"),
              "r.yaml:9:16: rules[0].patterns[0]: RE2 refuses this pattern"));
  CHECK(holds(replaced("    patterns: ['\\bseeds?\\b']\n", ""), "\"patterns\" is required"));
  CHECK(holds(replaced("miss: [seedy]", "miss: []"), "r.yaml:10:15: rules[0].examples: a live rule needs examples"));
  CHECK(holds(replaced("id: garden.seeds", "id: 'Garden seeds'"), "an id has 1 to 64 small letters"));
  CHECK(holds(replaced("licence: CC0-1.0\n", ""), "\"licence\" is required"));
  CHECK(holds(replaced("contact: someone\n", ""), "\"contact\" is required"));
  const std::string pack(kPack);
  CHECK(holds(pack_refused(pack + "    fields: [txt]\n"), "no field \"txt\", did you mean \"text\"?"));
  CHECK(holds(pack_refused(pack + "    explains: [x]\n"), "only a rule with \"effect: explains\""));
  CHECK(holds(pack_refused(pack + "    needs: sign\n"), "only rules for possible_minor and child_risk have needs"));
  CHECK(holds(pack_refused(pack + "    when: {within: 5}\n"), "says how far \"near\" looks"));
  CHECK(holds(pack_refused(pack + "    when: {nott: [a]}\n"), "unknown key \"nott\", did you mean \"not\"?"));
  CHECK(holds(pack_refused(pack + pack.substr(pack.find("  - id:"))),
              "r.yaml:11:9: rules[1].id: \"garden.seeds\" stands here twice"));
  CHECK(holds(pack_refused("[]"), "r.yaml:1:1:"));
  CHECK(holds(pack_refused(""), "r.yaml"));
}

TEST_CASE("all mistakes of a file are told at once") {
  const std::string message = pack_refused("id: x\nversion: \"1\"\nrules: [{id: a}, {id: b}]\n");
  CHECK(holds(message, "licence"));
  CHECK(holds(message, "contact"));
  CHECK(holds(message, "rules[0]"));
  CHECK(holds(message, "rules[1]"));
}

TEST_CASE("a classifier refuses what a loader would have refused") {
  RulePack pack = test::press_terms();
  const auto refused = [&](const std::string& pattern) {
    RulePack changed = pack;
    changed.rules[0].patterns = {pattern};
    const auto made = classifier::Classifier::create(test::messengers(), std::vector{changed});
    REQUIRE_FALSE(made.has_value());
    CHECK(made.error().code == ErrorCode::configuration);
    return made.error().message;
  };
  CHECK(holds(refused("(perv"), "press-terms.yaml: rule term.perv: RE2 refuses a pattern"));
  CHECK(holds(refused("x*"), "press-terms.yaml: rule term.perv: a pattern matches the empty text"));
}

}  // namespace
}  // namespace hw::config
