// The hot part of reading posts: what is plainly a post, by simdjson. Only json.cpp and tests include this.
#pragma once

#include <optional>
#include <string_view>

#include "common/error.h"
#include "common/post.h"

namespace hw {

// The post that post_from_json() makes of this line, or nothing where anything about it is unusual: what is wrong with
// it, if anything, is then for the slow and thorough reader to say.
std::optional<Post> read_plain_post(std::string_view line);

// What post_from_json() does with a line that is not plain; the same result for one that is.
Result<Post> read_any_post(std::string_view line);

}  // namespace hw
