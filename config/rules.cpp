#include "config/rules.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "common/text.h"
#include "config/embedded.h"
#include "config/patterns.h"
#include "config/yaml_reader.h"

namespace hw::config {
namespace {

template <class E, std::size_t N>
using Words = std::array<std::pair<E, std::string_view>, N>;

constexpr Words<RuleStatus, 4> kStatuses{{{RuleStatus::draft, "draft"},
                                          {RuleStatus::shadow, "shadow"},
                                          {RuleStatus::live, "live"},
                                          {RuleStatus::retired, "retired"}}};
constexpr Words<RuleEffect, 7> kEffects{{{RuleEffect::sign, "sign"},
                                         {RuleEffect::explains, "explains"},
                                         {RuleEffect::counter_speech, "counter_speech"},
                                         {RuleEffect::news, "news"},
                                         {RuleEffect::possible_minor, "possible_minor"},
                                         {RuleEffect::child_risk, "child_risk"},
                                         {RuleEffect::seeks_help, "seeks_help"}}};
constexpr Words<RuleReach, 3> kReaches{
    {{RuleReach::sentence, "sentence"}, {RuleReach::paragraph, "paragraph"}, {RuleReach::post, "post"}}};
constexpr Words<RuleNeed, 2> kNeeds{{{RuleNeed::contact, "contact"}, {RuleNeed::sign, "sign"}}};
constexpr Words<Band, 3> kCeilings{{{Band::low, "low"}, {Band::medium, "medium"}, {Band::high, "high"}}};

constexpr std::array<std::string_view, 7> kFields{"text",   "title", "author_display", "author_bio", "tags",
                                                  "quotes", "all"};

template <class E, std::size_t N>
E read_word(Reader& node, std::string_view key, const Words<E, N>& words, E otherwise) {
  const std::string word = node.text(key);
  if (word.empty() && !node.has(key)) return otherwise;
  std::vector<std::string_view> known;
  for (const auto& [value, name] : words) {
    if (word == name) return value;
    known.push_back(name);
  }
  const std::string_view near = nearest(word, known);
  node.wrong_at(key, near.empty() ? fmt::format("must be one of {}", fmt::join(known, ", "))
                                  : fmt::format("no \"{}\" here, did you mean \"{}\"?", word, near));
  return otherwise;
}

std::vector<std::string> read_fields(Reader& node) {
  std::vector<std::string> fields = node.texts("fields");
  const std::vector<std::string_view> known(kFields.begin(), kFields.end());
  for (const std::string& field : fields) {
    if (std::find(known.begin(), known.end(), field) != known.end()) continue;
    const std::string_view near = nearest(field, known);
    node.wrong_at("fields", near.empty() ? fmt::format("no field \"{}\"; there are {}", field, fmt::join(known, ", "))
                                         : fmt::format("no field \"{}\", did you mean \"{}\"?", field, near));
  }
  return fields;
}

RuleConditions read_conditions(Reader node, PatternReader& patterns) {
  RuleConditions when;
  when.all = patterns.read_list(node.at("all"));
  when.any = patterns.read_list(node.at("any"));
  when.not_any = patterns.read_list(node.at("not"));
  when.near = patterns.read_list(node.at("near"));
  when.within = static_cast<std::size_t>(node.integer("within", 80, 1, 1000));
  when.same_line = node.flag("same-line", false);
  if (node.has("within") && when.near.empty())
    node.wrong_at("within", "says how far \"near\" looks; add near or remove this");
  node.finish();
  return when;
}

void read_examples(Reader node, Rule& rule) {
  rule.hit = node.texts("hit");
  rule.miss = node.texts("miss");
  node.finish();
}

bool usable_id(std::string_view id) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789-_.";
  return !id.empty() && id.size() <= 64 && id.find_first_not_of(kAllowed) == std::string_view::npos;
}

Rule read_rule(Reader& node, PatternReader& patterns) {
  Rule rule;
  rule.id = node.required_text("id");
  if (!rule.id.empty() && !usable_id(rule.id))
    node.wrong_at("id", "an id has 1 to 64 small letters, digits, '-', '_' or '.'");
  rule.status = read_word(node, "status", kStatuses, RuleStatus::draft);
  if (!node.has("status")) node.wrong("\"status\" is required: draft, shadow, live or retired");
  rule.effect = read_word(node, "effect", kEffects, RuleEffect::sign);
  rule.weight = node.number("weight", 0, 0, 10);
  if (rule.effect == RuleEffect::sign && !node.has("weight"))
    node.wrong("\"weight\" is required for a sign: what it adds, 0 to 10");
  rule.group = node.text("group", rule.id);
  rule.fields = read_fields(node);
  rule.languages = node.texts("languages");
  rule.patterns = patterns.read_list(node.at("patterns"));
  if (!node.has("patterns")) node.wrong("\"patterns\" is required: a list of at least one");
  rule.unless_before = patterns.read_list(node.at("unless-before"));
  rule.unless_after = patterns.read_list(node.at("unless-after"));
  rule.when = read_conditions(node.at("when"), patterns);
  rule.explains = node.texts("explains");
  if (!rule.explains.empty() && rule.effect != RuleEffect::explains)
    node.wrong_at("explains", "only a rule with \"effect: explains\" names what it explains");
  rule.reach = read_word(node, "reach", kReaches, RuleReach::sentence);
  rule.needs = read_word(node, "needs", kNeeds, RuleNeed::contact);
  const bool of_age = rule.effect == RuleEffect::possible_minor || rule.effect == RuleEffect::child_risk;
  if (node.has("needs") && !of_age) node.wrong_at("needs", "only rules for possible_minor and child_risk have needs");
  read_examples(node.at("examples"), rule);
  if (rule.status == RuleStatus::live && (rule.hit.empty() || rule.miss.empty()))
    node.wrong_at("examples", "a live rule needs examples: at least one hit and one miss");
  node.finish();
  return rule;
}

Band read_ceiling(Reader& root) { return read_word(root, "ceiling", kCeilings, Band::high); }

}  // namespace

Result<RulePack> parse_rule_pack(std::string_view text, std::string_view file) {
  RulePack pack;
  pack.file = std::string(file);
  pack.source = std::string(text);
  const Status read = read_yaml(text, file, [&](Reader& root) {
    pack.id = root.required_text("id");
    if (!pack.id.empty() && !usable_id(pack.id))
      root.wrong_at("id", "an id has 1 to 64 small letters, digits, '-', '_' or '.'");
    pack.version = root.required_text("version");
    pack.licence = root.required_text("licence");
    pack.contact = root.required_text("contact");
    pack.ceiling = read_ceiling(root);
    PatternReader patterns;
    patterns.read_fragments(root.at("fragments"));
    std::set<std::string> ids;
    for (Reader& item : root.at("rules").items()) {
      pack.rules.push_back(read_rule(item, patterns));
      if (!ids.insert(pack.rules.back().id).second)
        item.wrong_at("id",
                      fmt::format("\"{}\" stands here twice, give one of them another name", pack.rules.back().id));
    }
    if (!root.has("rules")) root.wrong("\"rules\" is required: a list");
    patterns.finish();
    root.finish();
  });
  if (!read) return tl::unexpected(read.error());
  return pack;
}

bool is_built_in_pack(std::string_view name) { return name == kPressTerms || name == kExamplePack; }

Result<RulePack> load_rule_pack(const std::string& name) {
  if (name == kPressTerms) return parse_rule_pack(embedded_press_terms(), "press-terms.yaml (built in)");
  if (name == kExamplePack) return parse_rule_pack(embedded_example_pack(), "example.yaml (built in)");
  const auto text = read_small_file(name);
  if (!text) return tl::unexpected(text.error());
  return parse_rule_pack(*text, name);
}

std::string_view to_string(RuleStatus status) { return kStatuses[static_cast<std::size_t>(status)].second; }
std::string_view to_string(RuleEffect effect) { return kEffects[static_cast<std::size_t>(effect)].second; }

}  // namespace hw::config
