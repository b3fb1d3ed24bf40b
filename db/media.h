// Text only: addresses of images, videos, audio and archives, and data: addresses, are cut before a post is kept.
#pragma once

#include <string>
#include <string_view>

#include "common/post.h"
#include "common/verdict.h"

namespace hw::db {

// True for an address (with or without a scheme, defanged or not) of something that is not text, by its path or query.
bool is_media_address(std::string_view address);

// Cuts them from every field of the post; in running text "[cut]" stands in their place, and the verdict's spans are
// moved along so that they still name the same characters.
void cut_media(Post& post, Verdict& verdict);

}  // namespace hw::db
