// The Content-Type header.
#pragma once

#include <string>
#include <string_view>

namespace hw {

// A Content-Type header in its parts, both lower case (RFC 9110 §8.3.1).
struct MediaType {
  std::string type;     // "text/html"
  std::string charset;  // empty when absent
};
MediaType parse_media_type(std::string_view header);

}  // namespace hw
