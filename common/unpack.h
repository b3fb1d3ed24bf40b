// Unpacking: gzip files of any number of members (RFC 1952) as a stream, and single bodies with a limit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/byte_stream.h"

namespace hw {

// Past `ratio_counts_from` unpacked bytes, a member that unpacks to more than `most_ratio` times its size is a bomb.
// Text stays far below; zeros reach about 1,030.
struct UnpackLimits {
  std::uint64_t ratio_counts_from = std::uint64_t{64} << 20;
  std::uint64_t most_ratio = 500;
};

// The stream as it is, or unpacked when it begins as gzip does. A member that is damaged, cut short or a bomb ends the
// stream with trouble(); resume() goes on at the next member. offset() is that of the packed file, at the member that
// is being read or, once the last one is read, at its end.
std::unique_ptr<ByteStream> unpacked(std::unique_ptr<ByteStream> stream, UnpackLimits limits = {});

enum class Coding { gzip, deflate, brotli };

// A body unpacked. What is cut short comes as far as it goes. Nothing when it is no such data at all, or larger than
// `most` bytes once unpacked. "deflate" is read with and without zlib's frame, as browsers do (RFC 9110 §8.4.1.2).
std::optional<std::string> unpack(std::string_view body, Coding coding, std::size_t most);

}  // namespace hw
