// Rules, compiled: one scan of the folded text tells which patterns can match, RE2 then says where.
//
// Immutable after create(), so any number of threads may share one. Time is linear in the text.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "classifier/fields.h"
#include "common/error.h"
#include "config/rules.h"

namespace hw::classifier {

// A rule that holds, at bytes [from, to) of the folded text.
struct Firing {
  const config::Rule* rule = nullptr;
  std::size_t pack = 0;  // index in the packs that the set was made from
  std::size_t from = 0;
  std::size_t to = 0;
};

class RuleSet {
 public:
  // Live and shadow rules whose effect is one of `effects`. Borrows the packs. Fails (configuration) on a pattern that
  // RE2 refuses after folding, naming the file and the rule.
  static Result<RuleSet> create(std::span<const config::RulePack> packs, std::span<const config::RuleEffect> effects,
                                const Folder& folder);
  RuleSet(RuleSet&&) noexcept;
  ~RuleSet();

  // In the order of the packs' rules; each rule at most 32 times in a post.
  std::vector<Firing> scan(const FoldedPost& post) const;
  // The same for those of patterns() that may match, by their numbers in ascending order.
  std::vector<Firing> judge(const FoldedPost& post, std::span<const int> candidates) const;
  // Every rule's patterns, folded.
  std::vector<std::string> patterns() const;

 private:
  struct Impl;
  explicit RuleSet(std::unique_ptr<const Impl> impl);
  std::unique_ptr<const Impl> impl_;
};

}  // namespace hw::classifier
