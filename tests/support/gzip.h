// Packing, for tests of what unpacks.
#pragma once

#include <string>
#include <string_view>

#include <zlib.h>

namespace hw::test {

// `window`: zlib's windowBits; 31 makes a gzip member, 15 zlib's frame, -15 bare deflate.
inline std::string packed(std::string_view text, int window = 31) {
  z_stream state{};
  deflateInit2(&state, Z_BEST_COMPRESSION, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&state, text.size()) + 64, '\0');
  state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  state.avail_in = static_cast<uInt>(text.size());
  state.next_out = reinterpret_cast<Bytef*>(out.data());
  state.avail_out = static_cast<uInt>(out.size());
  deflate(&state, Z_FINISH);
  out.resize(state.total_out);
  deflateEnd(&state);
  return out;
}

}  // namespace hw::test
