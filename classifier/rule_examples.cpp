#include "classifier/rule_examples.h"

#include <algorithm>
#include <array>
#include <span>

#include "classifier/rule_set.h"
#include "common/text.h"

namespace hw::classifier {
namespace {

using config::RuleEffect;

constexpr std::array kEveryEffect{RuleEffect::sign,      RuleEffect::explains,       RuleEffect::counter_speech,
                                  RuleEffect::news,      RuleEffect::possible_minor, RuleEffect::child_risk,
                                  RuleEffect::seeks_help};

Folder folder_for(const config::RulePack& pack) {
  Vocabulary words;
  for (const config::Rule& rule : pack.rules)
    if (rule.effect == RuleEffect::sign)
      for (const std::string& pattern : rule.patterns) words.add_pattern(to_lower(pattern));
  return Folder(std::move(words));
}

Post post_with(const config::Rule& rule, const std::string& example) {
  Post post;
  const std::string field = rule.fields.empty() ? "text" : rule.fields.front();
  if (field == "tags")
    post.tags = {example};
  else if (field == "quotes")
    post.quotes = {example};
  else if (field == "title")
    post.title = example;
  else if (field == "author_display")
    post.author_display = example;
  else if (field == "author_bio")
    post.author_bio = example;
  else
    post.text = example;
  return post;
}

}  // namespace

Result<std::vector<WrongExample>> wrong_examples(const config::RulePack& pack) {
  const Folder folder = folder_for(pack);
  const auto rules = RuleSet::create(std::span(&pack, 1), kEveryEffect, folder);
  if (!rules) return tl::unexpected(rules.error());
  std::vector<WrongExample> wrong;
  const auto fires = [&](const config::Rule& rule, const std::string& example) {
    const Post post = post_with(rule, example);
    const std::vector<Firing> firings = rules->scan(fold(folder, post));
    return std::any_of(firings.begin(), firings.end(), [&](const Firing& firing) { return firing.rule == &rule; });
  };
  for (const config::Rule& rule : pack.rules) {
    if (rule.status != config::RuleStatus::live && rule.status != config::RuleStatus::shadow) continue;
    for (const std::string& example : rule.hit)
      if (!fires(rule, example)) wrong.push_back({rule.id, example, true});
    for (const std::string& example : rule.miss)
      if (fires(rule, example)) wrong.push_back({rule.id, example, false});
  }
  return wrong;
}

}  // namespace hw::classifier
