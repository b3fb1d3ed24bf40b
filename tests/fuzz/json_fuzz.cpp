// A line of JSONL as a post and as a verdict: what is read can be written, and reads back the same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "common/json.h"
#include "common/text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  if (const auto post = hw::post_from_json(line)) {
    if (!hw::valid_utf8(post->text) || !hw::valid_utf8(post->id)) std::abort();
    const auto again = hw::post_from_json(hw::to_json(*post));
    if (!again || *again != *post) std::abort();
  }
  if (const auto verdict = hw::verdict_from_json(line)) {
    const auto again = hw::verdict_from_json(hw::to_json(*verdict));
    if (!again || hw::to_json(*again) != hw::to_json(*verdict)) std::abort();
  }
  return 0;
}
