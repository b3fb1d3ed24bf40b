// Addresses as they stand in pages: what is accepted is http(s), clean, and reads back as itself.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "common/url.h"

namespace {

void check(const hw::Result<hw::Url>& url) {
  if (!url) return;
  const std::string text = url->text();
  for (const char c : text)
    if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7F) std::abort();
  if (url->scheme != "http" && url->scheme != "https") std::abort();
  if (url->host.find('@') != std::string::npos || url->path.front() != '/') std::abort();
  const auto again = hw::parse_url(text);
  if (text.size() <= 8192 && (!again || again->text() != text)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check(hw::parse_url(bytes));
  check(hw::resolve_url("https://forum.example/a/b.php?c=d", bytes));
  if (const auto url = hw::parse_url(bytes)) check(hw::without_parameters(*url, {"sid", "s"}));
  return 0;
}
