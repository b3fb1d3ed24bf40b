#include "classifier/flags.h"

#include <algorithm>

#include "classifier/language.h"

namespace hw::classifier {
namespace {

using config::RuleEffect;

bool has_sign(const Context& context) {
  return std::any_of(context.signs.begin(), context.signs.end(),
                     [](const Sign& sign) { return sign.explained_by.empty() && !sign.in_handle; });
}

}  // namespace

void raise_flags(const Post& post, const FoldedPost& folded, bool contact, const Context& context,
                 const std::vector<Firing>& ages, Verdict& verdict) {
  const bool sign = has_sign(context);
  const auto fired = [&](RuleEffect effect) {
    return std::any_of(ages.begin(), ages.end(), [&](const Firing& firing) {
      const config::Rule& rule = *firing.rule;
      // The press tells of children, and quotes them: what it says is said of nobody who could be met here.
      const bool told = effect == RuleEffect::child_risk && context.news && !sign;
      const bool quoted = (context.news || context.counter_speech) && is_cited(folded.text(), firing);
      if (effect != RuleEffect::seeks_help && (told || quoted)) return false;
      const bool enough =
          effect == RuleEffect::seeks_help || sign || (contact && rule.needs == config::RuleNeed::contact);
      return rule.effect == effect && rule.status == config::RuleStatus::live && enough;
    });
  };
  const bool help = !context.news && fired(RuleEffect::seeks_help);
  const auto raise = [&](Flag flag, bool holds) {
    if (holds) verdict.flags.push_back(flag);
  };
  raise(Flag::possible_minor, help || fired(RuleEffect::possible_minor));
  raise(Flag::child_risk, fired(RuleEffect::child_risk));
  raise(Flag::seeks_help, help);
  raise(Flag::age_unchecked, !context.intents.empty() && !reads_ages_of(post, folded.text()));
  raise(Flag::counter_speech, context.counter_speech);
  raise(Flag::quoted, context.quoted);
  raise(Flag::news, context.news);
}

}  // namespace hw::classifier
