// NodeBB: its JSON read API, and its HTML topic pages for boards whose API is closed. For the files of this adapter
// only; the public face is parser.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/document.h"
#include "common/url.h"
#include "parsers/parser.h"

namespace hw::parsers::nodebb {

// Any address of a board as the API's one address for the same thing: without slug ("/api/topic/38"), with ?page=N from
// the second page on. NodeBB answers the same with and without the slug, and the number is what stays when a title
// changes.
Url api_address(const Url& url);
// …/api/category/5 or …/api/topic/38; `page` 1 is left out. `any` is an address of the API on the same board.
std::string api_page(const Url& any, std::string_view kind, std::string_view number, std::int64_t page = 1);
// Where the board lies: "https://site.example/forum" without "/api/…".
std::string board_of(const Url& any);

// Milliseconds since 1970 as NodeBB writes times; nothing for what no post can have been written at.
std::optional<Time> written_at(std::int64_t millis);

// Whether this JSON has keys that only NodeBB writes; it may be cut short.
bool names_nodebb(std::string_view json);

// A JSON answer of any kind.
ParsedPage read_api(const Document& document, std::string_view utf8);
// An HTML topic page.
ParsedPage read_page(const Document& document, std::string utf8);

}  // namespace hw::parsers::nodebb
