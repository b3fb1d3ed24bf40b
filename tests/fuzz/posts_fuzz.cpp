// Lines that may be posts: the fast reader and the thorough one agree on every byte.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "common/post_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  const auto plain = hw::read_plain_post(line);
  if (!plain) return 0;
  const auto any = hw::read_any_post(line);
  if (!any || *any != *plain) std::abort();
  return 0;
}
