// Moderators' decisions as JSON Lines, CSV or a list of one of their tools: whatever comes, each line is taken or
// refused with one line of words, and what was taken survives being written and read again.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "db/ban_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::size_t last_line = 0;
  const auto take = [&](std::size_t line, const hw::Result<hw::db::Ban>& ban) -> hw::Status {
    if (line <= last_line) std::abort();
    last_line = line;
    if (ban) {
      const auto again = hw::db::ban_from_json(hw::db::ban_to_json(*ban));
      if (!again || !(*again == *ban)) std::abort();
    } else if (ban.error().message.empty() || ban.error().message.find('\n') != std::string::npos) {
      std::abort();
    }
    return {};
  };
  static_cast<void>(hw::db::read_bans(text, take, {"forum.example", hw::Time(std::chrono::days(20'000))}));
  return 0;
}
