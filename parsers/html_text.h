// A piece of HTML as a reader sees it: the text with its lines, the links with their targets, what is quoted apart.
//
// Block elements and <br> break lines, list items get their mark, spoilers are opened, code keeps its spaces. Scripts,
// hidden elements and all media vanish; an image that stands for an emoji becomes that emoji.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/post.h"
#include "parsers/html.h"

namespace hw::parsers {

struct Written {
  std::string text;
  std::vector<Link> links;          // the author's; those within quotes are not
  std::vector<std::string> quotes;  // one for each outermost quotation, those within it included
};

// The content of `element`. `page_url` is what relative links are resolved against.
Written written_in(Node element, std::string_view page_url);

// The same for a fragment of HTML in valid UTF-8, as APIs and feeds carry it. One that is nested too deep gives its
// text alone, without links and quotes; `text_alone` (may be null) is then set.
Written written_in(std::string_view fragment, std::string_view page_url, bool* text_alone);

// The visible text alone, on one line.
std::string line_of(Node element);

}  // namespace hw::parsers
