// X (Twitter). For the files of this adapter only; the public face is parser.h.
#pragma once

#include "parsers/api.h"

namespace hw::parsers::x {

// A text as its API serves it, readable: shortened addresses replaced by where they lead, those of media gone, HTML
// escapes undone. `urls` are its entities. Links are added to the post.
std::string readable(std::string text, const Json& urls, Post* post);

// The API's own times, both kinds: "2020-06-25T06:14:19.000Z", "Wed Aug 27 13:08:45 +0000 2008".
std::optional<Time> time_of(const std::string& text);

std::string address_of(const std::string& author, const std::string& id);

// A status in the form of API 1.1, as archives and exports still hold it.
bool is_status(const Json& value);
Post read_status(const Json& status);

}  // namespace hw::parsers::x
