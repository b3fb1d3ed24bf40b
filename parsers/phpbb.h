// phpBB 3.x, its prosilver markup and what is derived from it: the reading of its topics. For the files of this adapter
// only; the public face is parser.h.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "parsers/forum.h"

namespace hw::parsers::phpbb {

forum::Thread thread_of(const forum::Page& page);
std::vector<Node> posts_in(Node root);
Post read_post(Node node, forum::Thread& thread);
std::string permalink(const forum::Thread& thread, std::string_view id);

}  // namespace hw::parsers::phpbb
