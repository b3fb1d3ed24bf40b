// The hot cache before the frontier's exact store: which offers of an address change nothing in this run. One thread.
//
// It forgets when it is full and never invents: what it does not hold is asked of the store. Its memory is fixed.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "common/request.h"

namespace hw::crawler {

class Offers {
 public:
  static constexpr std::size_t kEntries = std::size_t{1} << 18;  // 2 MiB

  // 64 bits tell offers apart: among a million, two meet by chance once in forty million runs, and then one page waits
  // for its next offer.
  static std::uint64_t key(std::int64_t source, std::int64_t run, const Request& request) {
    const std::hash<std::string_view> hash;
    std::uint64_t key = hash(request.url);
    key = (key ^ hash(request.stamp)) * 0x9E3779B97F4A7C15ULL;
    key ^= static_cast<std::uint64_t>(source) << 32 ^ static_cast<std::uint64_t>(run) << 2 ^
           static_cast<std::uint64_t>(request.role);
    key *= 0xD6E8FEB86659FD93ULL;
    return (key ^ (key >> 32)) | 1;
  }
  bool hold(std::uint64_t key) const { return entries_[place(key)] == key; }
  void note(std::uint64_t key) { entries_[place(key)] = key; }
  void forget() { entries_.assign(kEntries, 0); }

 private:
  static std::size_t place(std::uint64_t key) { return (key >> 1) & (kEntries - 1); }
  std::vector<std::uint64_t> entries_ = std::vector<std::uint64_t>(kEntries);
};

}  // namespace hw::crawler
