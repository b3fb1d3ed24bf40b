// Small helpers for bytes and UTF-8 that every layer needs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hw {

bool valid_utf8(std::string_view bytes);
// The same text with every ill-formed sequence replaced by U+FFFD, once per maximal subpart (Unicode 3.9, W3C's way).
std::string repair_utf8(std::string_view bytes);

// ASCII only; other bytes stay.
std::string to_lower(std::string_view text);
std::string_view trim(std::string_view text);
bool equals_ignoring_case(std::string_view a, std::string_view b);
std::vector<std::string_view> split(std::string_view text, char separator);

// For a terminal: control characters, bidirectional marks and invisible code points become visible escapes
// ("\x1b", "\u202e"), so that hostile text can neither move the cursor nor reorder a line. Line feeds are escaped too.
std::string escape_for_terminal(std::string_view utf8);

// Addresses and hosts as people cite them without making a live link: hxxps://forum[.]example/…
std::string defang(std::string_view url);

// The candidate nearest to `word` by edit distance, if it is near enough to be a likely slip; else empty.
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates);

std::string to_hex(std::string_view bytes);

}  // namespace hw
