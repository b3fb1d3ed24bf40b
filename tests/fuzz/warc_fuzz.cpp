// Web archives, packed or not: reading ends, and no capture is larger than it may be.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "common/unpack.h"
#include "parsers/charset.h"
#include "parsers/warc.h"

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hw;
  if (size < 1) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto stream = unpacked(std::make_unique<MemoryBytes>(bytes, 1 + data[0]), {1U << 20, 200});
  parsers::WarcReader reader(*stream, [](std::string_view type) { return !type.starts_with("image/"); });
  std::uint64_t last = 0;
  while (const auto capture = reader.next()) {
    demand(capture->document.body.size() <= parsers::WarcReader::kLargestBody);
    demand(capture->offset >= last && capture->offset <= bytes.size());
    last = capture->offset;
  }
  auto text = parsers::as_utf8(std::make_unique<MemoryBytes>(bytes, 1 + data[0]), "");
  for (std::string_view piece = text->peek(); !piece.empty(); piece = text->peek()) text->skip(piece.size());
  return 0;
}
