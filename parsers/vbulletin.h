// vBulletin 3 and 4 (vbulletin.cpp) and 5 (vbulletin5.cpp), whose pages have nothing in common. For the files of this
// adapter only; the public face is parser.h.
#pragma once

#include "parsers/forum.h"

namespace hw::parsers::vbulletin {

// "member/12-name", "member.php/12-name", "member.php?u=12" → "12".
std::string_view member_number(std::string_view profile);

std::optional<Place> place_of(std::string_view page_url, std::string_view reference);
std::optional<Place> place_in_5(std::string_view page_url, std::string_view reference);

bool is_vbulletin5(std::string_view body);
const forum::Engine& vbulletin5();

}  // namespace hw::parsers::vbulletin
