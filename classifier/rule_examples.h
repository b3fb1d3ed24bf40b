// The examples that a rule pack carries, tried out: what must hit hits, what must miss misses.
#pragma once

#include <string>
#include <vector>

#include "common/error.h"
#include "config/rules.h"

namespace hw::classifier {

struct WrongExample {
  std::string rule;
  std::string example;
  bool should_hit = false;
};

// Each example stands alone, as a whole field of a post: in the rule's first field, or in the text. Rules that are live
// or on trial are tried. Fails (configuration) where the pack cannot be compiled.
Result<std::vector<WrongExample>> wrong_examples(const config::RulePack& pack);

}  // namespace hw::classifier
