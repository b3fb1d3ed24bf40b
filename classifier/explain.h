// What every rule that matched did to a verdict, place by place: for those who write rules.
#pragma once

#include <string>
#include <vector>

#include "classifier/context.h"
#include "classifier/fields.h"
#include "common/verdict.h"
#include "config/rules.h"

namespace hw::classifier {

struct Influence {
  std::string rule;
  config::RuleEffect effect = config::RuleEffect::sign;
  std::string field;
  Span span;          // in the field as it was given
  double weight = 0;  // what this match added to the logit
  std::string note;   // why it added nothing, or what else it did
};

struct Explanation {
  Verdict verdict;
  std::vector<Influence> influences;  // in the order of the text
};

// `contexts` and `ages` are what the rules of those effects matched; `verdict` is what became of it all.
std::vector<Influence> influences(const FoldedPost& post, const Context& context, const std::vector<Firing>& contexts,
                                  const std::vector<Firing>& ages, const Verdict& verdict);

}  // namespace hw::classifier
