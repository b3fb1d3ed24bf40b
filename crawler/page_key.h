// The key under which the frontier finds an address: SipHash-2-4 under a secret of its own file, so that no site can
// choose addresses that meet in one key. Two that do are told apart by their text. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace hw::crawler {

class PageKey {
 public:
  // `secret` has 16 bytes; a shorter one is filled with zeros.
  explicit PageKey(std::string_view secret);
  std::uint64_t operator()(std::string_view text) const;  // never 0

 private:
  std::array<unsigned char, 16> secret_{};
};

}  // namespace hw::crawler
