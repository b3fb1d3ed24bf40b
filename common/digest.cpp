#include "common/digest.h"

#include <sodium.h>

#include "common/text.h"

namespace hw {

struct Sha256::State {
  crypto_hash_sha256_state hash;
};

Sha256::Sha256() : state_(std::make_unique<State>()) { crypto_hash_sha256_init(&state_->hash); }
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

void Sha256::add(std::string_view bytes) {
  crypto_hash_sha256_update(&state_->hash, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

std::string Sha256::finish() {
  std::string digest(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256_final(&state_->hash, reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

std::string sha256(std::string_view bytes) {
  Sha256 hash;
  hash.add(bytes);
  return hash.finish();
}

std::string sha256_hex(std::string_view bytes) { return to_hex(sha256(bytes)); }

std::string certificate_sha256(std::string_view pem) {
  constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
  const std::size_t begin = pem.find(kBegin);
  const std::size_t end = pem.find("-----END", begin == std::string_view::npos ? pem.size() : begin);
  if (begin == std::string_view::npos || end == std::string_view::npos) return {};
  const std::string_view coded = pem.substr(begin + kBegin.size(), end - begin - kBegin.size());
  std::string der(coded.size(), '\0');
  std::size_t size = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(der.data()), der.size(), coded.data(), coded.size(), "\r\n ",
                        &size, nullptr, sodium_base64_VARIANT_ORIGINAL) != 0)
    return {};
  return sha256_hex(std::string_view(der).substr(0, size));
}

}  // namespace hw
