// Which of many patterns may match a text, and whether one of some words stands in it: one pass of Vectorscan.
//
// A pattern that both engines read alike is looked for itself. Of any other, RE2's own prefilter gives sets of
// literals: every text that it matches holds one of each set. Only these are looked for, so that the pass stays fast
// whatever the patterns are; RE2 remains the judge of what matches. A pattern without such literals may always match.
// Immutable; any number of threads may scan at once.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hw::classifier {

class Prescan {
 public:
  struct Found {
    std::vector<int> patterns;  // numbers of those that may match, in ascending order
    bool word = false;
  };

  // Patterns in RE2 syntax, for texts in lower case. A word of ASCII letters and digits counts where it stands alone,
  // any other wherever it stands. Takes long beside a scan: not for a few texts.
  Prescan(std::span<const std::string> patterns, std::span<const std::string> words);
  ~Prescan();
  Prescan(const Prescan&) = delete;
  Prescan& operator=(const Prescan&) = delete;

  Found scan(std::string_view text) const;

 private:
  struct Impl;
  std::unique_ptr<const Impl> impl_;
};

// Sets of literals, three at most: a text that the pattern matches holds at least one literal of each. None where RE2
// knows of none with three bytes or more.
std::vector<std::vector<std::string>> guards_of(const std::string& pattern);

// Vectorscan finds the pattern in every text in which RE2 finds it, and soon knows how: short, plain ASCII, without
// what the two read otherwise.
bool scans_alike(std::string_view pattern);

}  // namespace hw::classifier
