// handlewatch.yaml: any bytes give settings or mistakes, each with its place.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "common/text.h"
#include "config/settings.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto settings = hw::config::parse_settings(text, "h.yaml", {"phpbb", "nodebb", "feed"});
  if (settings) return 0;
  for (const std::string_view line : hw::split(settings.error().message, '\n'))
    if (!line.starts_with("h.yaml:")) std::abort();
  return 0;
}
