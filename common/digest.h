// SHA-256, whole and piece by piece, and what is hashed with it in more than one place. Pure.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace hw {

std::string sha256(std::string_view bytes);  // 32 bytes

class Sha256 {
 public:
  Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  ~Sha256();
  void add(std::string_view bytes);
  std::string finish();  // 32 bytes; once

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// In lower-case hexadecimal digits.
std::string sha256_hex(std::string_view bytes);
// Of the first certificate in a PEM text, that is of its DER form; empty where there is none.
std::string certificate_sha256(std::string_view pem);

}  // namespace hw
