// The helpers that every hostile text passes through.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "common/text.h"
#include "common/time.h"

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string repaired = hw::repair_utf8(bytes);
  check(hw::valid_utf8(repaired));
  check(hw::repair_utf8(repaired) == repaired);
  check(!hw::valid_utf8(bytes) || repaired == bytes);
  const std::string shown = hw::escape_for_terminal(bytes);
  check(hw::valid_utf8(shown));
  for (const char c : shown) check(static_cast<unsigned char>(c) >= 0x20 && c != 0x7F);
  check(hw::escape_for_terminal(shown) == shown);
  check(hw::to_lower(hw::defang(bytes)).find("http") != 0);
  if (const auto time = hw::parse_rfc3339(bytes)) check(hw::parse_rfc3339(hw::to_rfc3339(*time)) == time);
  static_cast<void>(hw::parse_http_date(bytes));
  static_cast<void>(hw::parse_duration(bytes));
  return 0;
}
