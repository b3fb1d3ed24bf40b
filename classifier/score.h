// Named contributions, summed through a logistic: the score, the band and the reasons, line by line.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "classifier/context.h"
#include "classifier/handles.h"
#include "common/verdict.h"
#include "config/messengers.h"
#include "config/rules.h"

namespace hw::classifier {

// The least score of each band. A handle that is advertised with certainty gives 2 of the 4 that are missing to a half,
// so that one telling word (2.6) or two everyday ones (1.5 each) make medium, and one everyday word makes low.
inline constexpr double kLow = 0.2;
inline constexpr double kMedium = 0.5;
inline constexpr double kHigh = 0.9;
inline constexpr double kBias = -4.0;

// Fills score, band, rules and reasons of a verdict whose handles are already there.
void score(const FoldedPost& post, const std::vector<Handle>& handles, const Context& context,
           std::span<const config::RulePack> packs, const config::Messengers& messengers, Verdict& verdict);

}  // namespace hw::classifier
