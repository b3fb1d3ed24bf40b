// How deep a page's markup nests, judged by one pass over the bytes before any tree is built, and its text when it is
// deeper than a tree is worth. Gumbo's time is quadratic in open tags: 20,000 open <div> take it 14 s.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hw::parsers {

inline constexpr std::size_t kMostOpenTags = 500;

// The most tags open at once, counting none that HTML closes by itself (<br>, <p>, <li> …). A count for a limit: markup
// that is cleverly misnested can be deeper than this says, which is what the arena's limits are for.
std::size_t most_open_tags(std::string_view html);

// The text without tags, scripts and styles, block elements on lines of their own, entities decoded. Linear in its
// input.
std::string text_without_tree(std::string_view html);

}  // namespace hw::parsers
