// Markdown as a reader sees it, as far as a post needs it: quotes apart, links with their targets, images gone.
//
// Not a renderer: emphasis and headings keep their marks, which hide no word. One pass, linear in the text.
#pragma once

#include <string_view>

#include "parsers/html_text.h"

namespace hw::parsers {

// `markdown` is valid UTF-8; relative links are resolved against `page_url`.
Written written_in_markdown(std::string_view markdown, std::string_view page_url);

}  // namespace hw::parsers
