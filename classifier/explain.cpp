#include "classifier/explain.h"

#include <algorithm>

namespace hw::classifier {
namespace {

using config::RuleEffect;
using config::RuleStatus;

struct Placed {
  std::size_t position;
  Influence influence;
};

Placed placed(const FoldedPost& post, const Firing& firing) {
  return {firing.from,
          {firing.rule->id, firing.rule->effect, post.field_at(firing.from).name(),
           post.original(firing.from, firing.to), 0, ""}};
}

std::string why_no_weight(const Sign& sign) {
  if (sign.in_handle) return "part of a handle";
  if (!sign.explained_by.empty()) return "explained by " + sign.explained_by;
  if (sign.firing.rule->status == RuleStatus::shadow) return "on trial";
  return "its group \"" + sign.firing.rule->group + "\" counts once";
}

bool raised(const Verdict& verdict, RuleEffect effect) {
  switch (effect) {
    case RuleEffect::possible_minor:
      return verdict.has(Flag::possible_minor);
    case RuleEffect::child_risk:
      return verdict.has(Flag::child_risk);
    default:
      return verdict.has(Flag::seeks_help);
  }
}

}  // namespace

std::vector<Influence> influences(const FoldedPost& post, const Context& context, const std::vector<Firing>& contexts,
                                  const std::vector<Firing>& ages, const Verdict& verdict) {
  std::vector<Placed> all;
  for (std::size_t i = 0; i < context.signs.size(); ++i) {  // score() lists one rule per sign, in this order
    const Sign& sign = context.signs[i];
    Placed& each = all.emplace_back(placed(post, sign.firing));
    each.influence.weight = verdict.rules[i].weight;
    if (each.influence.weight == 0)
      each.influence.note = why_no_weight(sign);
    else if (sign.cited)
      each.influence.note = "less, it stands in quotation marks";
    else if (sign.far)
      each.influence.note = "less, no advertised handle is beside it";
  }
  for (const Firing& firing : contexts) {
    Placed& each = all.emplace_back(placed(post, firing));
    const bool lowers =
        std::find(context.lowered_by.begin(), context.lowered_by.end(), firing.rule->id) != context.lowered_by.end();
    each.influence.note = firing.rule->status == RuleStatus::shadow ? "on trial"
                          : lowers                                  ? "lowers"
                                                                    : "nothing to lower in its reach";
  }
  for (const Firing& firing : ages) {
    Placed& each = all.emplace_back(placed(post, firing));
    each.influence.note = firing.rule->status == RuleStatus::shadow ? "on trial"
                          : raised(verdict, firing.rule->effect)    ? "flags"
                                                                    : "no contact and no sign beside it";
  }
  const auto earlier = [](const Placed& a, const Placed& b) { return a.position < b.position; };
  std::stable_sort(all.begin(), all.end(), earlier);
  std::vector<Influence> out;
  for (Placed& each : all) out.push_back(std::move(each.influence));
  return out;
}

}  // namespace hw::classifier
