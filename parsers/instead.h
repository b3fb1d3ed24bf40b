// What came instead of the page that was asked for, where the engine does not matter: nothing at all, a page that asks
// for a password or for scripts, a server's own error, a page of another engine.
#pragma once

#include <string_view>

#include "common/document.h"
#include "parsers/parser.h"

namespace hw::parsers {

// A field for a password stands in it, wherever.
bool asks_for_password(std::string_view html);

// For a page that `parser` found nothing on: says in `page` what it is instead, by state and by a warning.
void say_what_came_instead(const Parser& parser, const Document& document, ParsedPage& page);

}  // namespace hw::parsers
