// Text only: which media types are read at all, and which first bytes betray something else. Pure.
#pragma once

#include <string_view>

#include "common/media_type.h"

namespace hw::crawler {

using hw::MediaType;
using hw::parse_media_type;

// Whether a body of that type is read. An absent type passes: its bytes are judged.
bool is_text_type(std::string_view type);

// What the first bytes are when they are not text: "a PNG image"; empty when nothing speaks against them. Ask again as
// bytes arrive; 512 are enough.
std::string_view media_in(std::string_view first_bytes);
inline constexpr std::size_t kSniffedBytes = 512;

}  // namespace hw::crawler
