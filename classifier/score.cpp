#include "classifier/score.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <fmt/format.h>

namespace hw::classifier {
namespace {

constexpr double kFar = 0.3;          // of a sign's weight when no advertised handle is beside it
constexpr double kCited = 0.3;        // of a sign's weight when it stands in quotation marks
constexpr double kCeilingGap = 0.01;  // how far below a band a capped score stays

double logistic(double logit) { return 1 / (1 + std::exp(-logit)); }

Band band_of(double score) {
  if (score >= kHigh) return Band::high;
  if (score >= kMedium) return Band::medium;
  return score >= kLow ? Band::low : Band::none;
}

double least_above(Band band) {
  switch (band) {
    case Band::none:
      return kLow;
    case Band::low:
      return kMedium;
    default:
      return kHigh;
  }
}

struct Contribution {
  const config::Rule* rule;
  double weight;
};

bool counts(const Sign& sign) {
  return sign.firing.rule->status == config::RuleStatus::live && sign.explained_by.empty() && !sign.in_handle;
}

// Of the rules of one group the heaviest counts.
std::map<std::string, Contribution> heaviest(const Context& context) {
  std::map<std::string, Contribution> groups;
  for (const Sign& sign : context.signs) {
    if (!counts(sign)) continue;
    const double weight = sign.firing.rule->weight * (sign.far ? kFar : 1) * (sign.cited ? kCited : 1);
    const auto [found, fresh] = groups.try_emplace(sign.firing.rule->group, Contribution{sign.firing.rule, weight});
    if (!fresh && weight > found->second.weight) found->second = {sign.firing.rule, weight};
  }
  return groups;
}

// The highest ceiling of the packs that contribute.
Band ceiling(const Context& context, std::span<const config::RulePack> packs) {
  Band most = Band::low;
  for (const Sign& sign : context.signs)
    if (counts(sign)) most = std::max(most, packs[sign.firing.pack].ceiling);
  return most;
}

void list_rules(const FoldedPost& post, const Context& context, const std::map<std::string, Contribution>& groups,
                Verdict& verdict) {
  std::set<const config::Rule*> counted;
  for (const Sign& sign : context.signs) {
    const auto found = groups.find(sign.firing.rule->group);
    const bool first = counts(sign) && found != groups.end() && found->second.rule == sign.firing.rule &&
                       counted.insert(sign.firing.rule).second;
    const Field& field = post.field_at(sign.firing.from);
    verdict.rules.push_back({sign.firing.rule->id, field.name(), post.original(sign.firing.from, sign.firing.to),
                             first ? found->second.weight : 0});
  }
}

void explain_signs(const Context& context, const std::map<std::string, Contribution>& groups,
                   std::vector<std::string>& reasons) {
  for (const auto& [group, contribution] : groups)
    reasons.push_back(fmt::format("{} +{:.1f}", contribution.rule->id, contribution.weight));
  std::set<std::string> told;
  for (const Sign& sign : context.signs) {
    std::string reason;
    if (sign.in_handle)
      reason = fmt::format("{} is part of a handle and counts nothing", sign.firing.rule->id);
    else if (sign.cited && counts(sign))
      reason = fmt::format("{} stands in quotation marks and counts less", sign.firing.rule->id);
    else if (!sign.explained_by.empty())
      reason = fmt::format("{} explained by {}", sign.firing.rule->id, sign.explained_by);
    if (!reason.empty() && told.insert(reason).second) reasons.push_back(std::move(reason));
  }
}

}  // namespace

void score(const FoldedPost& post, const std::vector<Handle>& handles, const Context& context,
           std::span<const config::RulePack> packs, const config::Messengers& messengers, Verdict& verdict) {
  double surest = 0;
  for (std::size_t i = 0; i < handles.size(); ++i) {
    const bool advertised = context.intents[i] == Intent::advertised;
    if (advertised) surest = std::max(surest, handles[i].confidence);
    verdict.reasons.push_back(fmt::format("{} handle {} ({:.2f})", messengers.all[handles[i].messenger].id,
                                          to_string(context.intents[i]), handles[i].confidence));
  }
  const auto groups = heaviest(context);
  double logit = kBias + (surest > 0 ? 1 + surest : 0);
  for (const auto& [group, contribution] : groups) logit += contribution.weight;
  verdict.score = logistic(logit);
  list_rules(post, context, groups, verdict);
  explain_signs(context, groups, verdict.reasons);
  for (const std::string& id : context.lowered_by) verdict.reasons.push_back(fmt::format("lowered by {}", id));
  if (surest == 0 || groups.empty()) {
    if (surest == 0 && !groups.empty()) verdict.reasons.push_back("no advertised handle");
    verdict.score = std::min(verdict.score, kLow - kCeilingGap);
    return;
  }
  const Band most = ceiling(context, packs);
  if (band_of(verdict.score) > most) {
    verdict.score = least_above(most) - kCeilingGap;
    verdict.reasons.push_back(fmt::format("these rules alone reach no more than {}", to_string(most)));
  }
  verdict.band = band_of(verdict.score);
}

}  // namespace hw::classifier
