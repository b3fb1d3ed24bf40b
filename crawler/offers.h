// The hot cache before the frontier's exact store: which offers of an address change nothing in this run. One thread.
//
// It forgets the oldest of a few when their place is full and never invents: what it does not hold is asked of the
// store. It begins small, so that a crawl of few addresses finds them in the processor's own caches, and grows to a
// fixed size.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <utility>
#include <vector>

#include "common/request.h"
#include "crawler/page_key.h"

namespace hw::crawler {

class Offers {
 public:
  explicit Offers(std::size_t most_bytes)
      : most_sets_(std::bit_floor(std::max(most_bytes / sizeof(Set), std::size_t{1}))) {}

  // 64 bits tell offers apart: among a million, two meet by chance once in forty million runs, and then one page waits
  // for its next offer.
  static std::uint64_t key(const PageKey& hash, std::int64_t source, std::int64_t run, const Request& request) {
    std::uint64_t key = hash(request.url);
    if (!request.stamp.empty()) key = std::rotl(key, 32) ^ hash(request.stamp);
    key ^= static_cast<std::uint64_t>(source) << 32 ^ static_cast<std::uint64_t>(run) << 2 ^
           static_cast<std::uint64_t>(request.role);
    key *= 0xD6E8FEB86659FD93ULL;
    return (key ^ (key >> 32)) | 1;
  }

  bool hold(std::uint64_t key) const {
    if (entries_.empty()) return false;
    const Set& set = entries_[place(key)];
    return set[0] == key || set[1] == key || set[2] == key || set[3] == key;
  }
  void note(std::uint64_t key) {
    if (hold(key)) return;
    if (held_ >= 2 * entries_.size() && entries_.size() < most_sets_) grow();
    put(key);
  }
  void forget() {
    entries_.clear();
    held_ = 0;
  }

 private:
  using Set = std::array<std::uint64_t, 4>;
  std::size_t place(std::uint64_t key) const { return (key >> 1) & (entries_.size() - 1); }

  void put(std::uint64_t key) {
    Set& set = entries_[place(key)];
    held_ += set[3] == 0 ? 1 : 0;
    set = {key, set[0], set[1], set[2]};
  }
  void grow() {
    constexpr std::size_t kFirstSets = 1024;
    const std::vector<Set> before = std::exchange(entries_, {});
    entries_.resize(std::min(most_sets_, std::max(kFirstSets, 2 * before.size())));
    held_ = 0;
    for (const Set& set : before)
      for (auto key = set.rbegin(); key != set.rend(); ++key)
        if (*key != 0) put(*key);
  }

  std::size_t most_sets_;
  std::vector<Set> entries_;
  std::size_t held_ = 0;  // keys
};

}  // namespace hw::crawler
