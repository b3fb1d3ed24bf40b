// Posts of the AT Protocol network (app.bsky.feed.post), as its search and its stream both carry them. For the files of
// these two adapters only; the public face is parser.h.
#pragma once

#include <string>
#include <string_view>

#include "common/post.h"
#include "parsers/json_tree.h"

namespace hw::parsers::bluesky {

inline constexpr std::string_view kPostCollection = "app.bsky.feed.post";

// "at://did:plc:x/app.bsky.feed.post/3k" as people open it; by the account's id, which stays when its name changes.
std::string permalink(std::string_view did, std::string_view record_key);

// What the author wrote: text, tags, links, language, time and what it answers.
void read_record(Json record, Post& post);

}  // namespace hw::parsers::bluesky
