// Discourse: its JSON read API, and the pages that it shows to crawlers, for boards whose API is closed. For the files
// of this adapter only; the public face is parser.h.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "common/document.h"
#include "common/url.h"
#include "parsers/parser.h"

namespace hw::parsers::discourse {

// Where the board lies: "https://site.example/forum".
std::string board_of(const Url& any);
// The number of the topic that an address leads to; empty when it leads to none.
std::string topic_in(const Url& url);

// A post by its topic and its number there, which the API and the pages both tell, and by which answers name it.
std::string post_id(std::string_view topic, std::int64_t number);
std::string permalink(const Url& any, std::string_view slug, std::string_view topic, std::int64_t number);

// Whether this JSON has keys that only Discourse writes; it may be cut short.
bool names_discourse(std::string_view json);

ParsedPage read_api(const Document& document, std::string_view utf8);
ParsedPage read_page(const Document& document, std::string utf8);

}  // namespace hw::parsers::discourse
