// Does a stretch of text need more than lower case to be folded? Most does not.
#pragma once

#include <cstddef>
#include <string_view>

namespace hw::classifier {

// Bytes [from, to) of `text`, which begin a word or the text and end with one, are ASCII without a disguise. It may say
// no where chunk by chunk would say yes, never the other way round.
bool is_plain(std::string_view text, std::size_t from, std::size_t to);

}  // namespace hw::classifier
