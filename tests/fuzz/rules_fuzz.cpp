// Files of rules and messengers: read, or refused with a message that names the file; never worse.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "config/messengers.h"
#include "config/rules.h"

namespace {

template <class T>
void check(const hw::Result<T>& read, std::string_view file) {
  if (read) return;
  if (read.error().code != hw::ErrorCode::configuration || read.error().message.find(file) == std::string::npos)
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > (64U << 10U)) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check(hw::config::parse_rule_pack(text, "r.yaml"), "r.yaml");
  check(hw::config::parse_messengers(text, "m.yaml"), "m.yaml");
  return 0;
}
