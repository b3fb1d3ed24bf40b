#include "crawler/page_key.h"

#include <algorithm>
#include <cstring>

#include <sodium.h>

namespace hw::crawler {

static_assert(crypto_shorthash_KEYBYTES == 16 && crypto_shorthash_BYTES == sizeof(std::uint64_t));

PageKey::PageKey(std::string_view secret) {
  std::copy_n(secret.begin(), std::min(secret.size(), secret_.size()), secret_.begin());
}

std::uint64_t PageKey::operator()(std::string_view text) const {
  std::array<unsigned char, sizeof(std::uint64_t)> hash{};
  crypto_shorthash(hash.data(), reinterpret_cast<const unsigned char*>(text.data()), text.size(), secret_.data());
  std::uint64_t key = 0;
  std::memcpy(&key, hash.data(), sizeof key);
  return key == 0 ? 1 : key;
}

}  // namespace hw::crawler
