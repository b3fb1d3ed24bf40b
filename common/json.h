// The JSON forms of posts and verdicts, one object a line (JSONL).
//
// Reading is strict about types and lenient about unknown keys. Strings come out as valid UTF-8: ill-formed bytes and
// lone surrogate escapes become U+FFFD, so that one bad character does not lose a post.
#pragma once

#include <string>
#include <string_view>

#include "common/error.h"
#include "common/post.h"
#include "common/verdict.h"

namespace hw {

std::string to_json(const Post& post);
// `id` and `text` are required. The message says which key is wrong and how.
Result<Post> post_from_json(std::string_view line);

// JSON text with what a strict reader refuses and scraped text ordinarily holds as U+FFFD: ill-formed bytes, and
// escapes of a surrogate without its partner.
std::string mend_json(std::string_view text);

std::string to_json(const Verdict& verdict);
Result<Verdict> verdict_from_json(std::string_view line);

}  // namespace hw
