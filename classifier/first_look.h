// What is asked of every post: does it name a messenger, does a sign or a call for help stand in it?
//
// Nearly all posts end here, so it is what the whole classifier's speed hangs on. Once it has been asked often enough,
// one pass of Vectorscan says which of the questions are worth asking; until then each is asked. The answers are the
// same.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "classifier/fields.h"
#include "classifier/handles.h"
#include "classifier/prescan.h"
#include "classifier/rule_set.h"

namespace hw::classifier {

struct FirstLook {
  Mentions mentions;
  std::vector<Firing> firings;
};

// Any number of threads may share one.
class FirstLooker {
 public:
  // Both borrowed.
  FirstLooker(const RuleSet& rules, const HandleFinder& finder) : rules_(rules), finder_(finder) {}

  FirstLook look(const FoldedPost& post) const;
  // Uses Vectorscan from now on.
  void prepare() const;

 private:
  FirstLook look_thoroughly(const FoldedPost& post) const;

  const RuleSet& rules_;
  const HandleFinder& finder_;
  mutable std::atomic<std::size_t> asked_ = 0;
  mutable std::once_flag once_;
  mutable std::atomic<bool> ready_ = false;
  mutable std::unique_ptr<const Prescan> prescan_;
};

}  // namespace hw::classifier
