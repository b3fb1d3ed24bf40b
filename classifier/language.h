// Is a text in a language whose ages the classifier reads?
#pragma once

#include <string_view>

#include "common/post.h"

namespace hw::classifier {

// English, German, Spanish, French, Portuguese, Italian, Dutch, Polish, Russian and Turkish are. What the source states
// is believed; otherwise the script and the little words tell. A text too short to tell counts as read, because it is
// also too short to say an age in words: digits are read in any language.
bool reads_ages_of(const Post& post, std::string_view folded);

}  // namespace hw::classifier
