// The public face of classifier/: a post in, a verdict with its reasons out.
//
// A Classifier is immutable after create(): one may serve any number of threads. It knows nothing of HTML or HTTP. Any
// text is accepted, in time linear in its length; it never fails on a post.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "classifier/explain.h"
#include "common/error.h"
#include "common/post.h"
#include "common/verdict.h"
#include "config/messengers.h"
#include "config/rules.h"

namespace hw::classifier {

class Classifier {
 public:
  // Compiles every pattern. Fails (configuration) on a pattern that RE2 refuses or that matches the empty string.
  static Result<Classifier> create(const config::Messengers& messengers, std::span<const config::RulePack> packs);
  Classifier(Classifier&&) noexcept;
  Classifier& operator=(Classifier&&) noexcept;
  ~Classifier();

  Verdict classify(const Post& post) const;
  // The same verdict with what every rule did to it.
  Explanation explain(const Post& post) const;
  // A SimHash of what the post says beside its handles (classifier/likeness.h), for finding the same advert again.
  std::optional<std::uint64_t> likeness(const Post& post, const Verdict& verdict) const;
  // classify() does this by itself once it was asked often: from then on one pass tells most posts from those that need
  // a closer look. What is found is the same.
  void prepare() const;
  // Hex digest over the packs and messengers that this classifier was made from; stands in every record.
  const std::string& rules_hash() const;

 private:
  struct Impl;
  explicit Classifier(std::unique_ptr<const Impl> impl);
  std::unique_ptr<const Impl> impl_;
};

}  // namespace hw::classifier
