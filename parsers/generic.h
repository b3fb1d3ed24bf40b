// Any page of posts that no other adapter knows: first what a page says of itself (microdata, JSON-LD), then the blocks
// that repeat in it. For the files of this adapter only; the public face is parser.h.
#pragma once

#include <string_view>
#include <vector>

#include "common/document.h"
#include "parsers/forum.h"
#include "parsers/html.h"

namespace hw::parsers::generic {

// The posts that a page's markup names as such.
std::vector<Post> read_microdata(Node root, forum::Thread& thread);
std::vector<Post> read_json_ld(Node root, const forum::Thread& thread);

// The posts of the blocks that repeat on a page, each with a time, an author and words. Nothing where the blocks are
// teasers of other pages, or rows of links.
std::vector<Post> read_blocks(Node root, forum::Thread& thread);

// Threads that a page lists in rows that repeat, each with a time.
std::vector<Request> read_rows(Node root, const forum::Thread& thread);

// The elements of a page that repeat, grouped by what their tags have in common; groups of one are left out.
using Group = std::vector<Node>;
std::vector<Group> groups_in(Node root);

// The parts of a block: its time, its author.
Node time_in(Node block, const TimeStyle& style);
Node author_in(Node block);

// An id for a post that has none of its own: the same for the same author, time and words.
std::string made_up_id(const Post& post);

}  // namespace hw::parsers::generic
