// Text only: which media types are read at all, and which first bytes betray something else. Pure.
#pragma once

#include <string>
#include <string_view>

namespace hw::crawler {

// A Content-Type header in its parts, both lower case (RFC 9110 §8.3.1).
struct MediaType {
  std::string type;     // "text/html"
  std::string charset;  // empty when absent
};
MediaType parse_media_type(std::string_view header);

// Whether a body of that type is read. An absent type passes: its bytes are judged.
bool is_text_type(std::string_view type);

// What the first bytes are when they are not text: "a PNG image"; empty when nothing speaks against them. Ask again as
// bytes arrive; 512 are enough.
std::string_view media_in(std::string_view first_bytes);
inline constexpr std::size_t kSniffedBytes = 512;

}  // namespace hw::crawler
