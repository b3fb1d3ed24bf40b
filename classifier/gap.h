// What stands between a messenger's name and its handle, on either side of the name.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_set>

#include "classifier/code_points.h"

namespace hw::classifier {

using WordSet = std::unordered_set<std::string>;

struct Gap {
  std::size_t edge = 0;     // right: where a handle may begin; left: where it may end. In the original
  bool assigned = false;    // ":", "=", an arrow or a pointing hand
  bool dashed = false;      // "-", "|"
  bool listed = false;      // ",", "/", "+": a list of names as likely as a label
  bool blank = false;       // there is a blank somewhere
  bool at_sign = false;     // "@" directly before the handle
  bool said = false;        // "is", "as", "username" …
  bool on = false;          // left: "x on wickr", "x via wickr"
  bool on_plainly = false;  // left: "on" itself, or "@"
  bool bracketed = false;   // "[wickr] x", "x (wickr)"
  bool quoted = false;      // quotation marks or backticks
  bool loose = false;       // a word that is not known leads to it
  bool stopped = false;     // a full stop: "wickr. x"
  bool tagged = false;      // hashtags of other words: "#wickr #chat x"
  bool new_line = false;
  bool found = false;   // there is something to read at `edge`
  bool at_end = false;  // right: the text ends first
};

// From the end of a name to the right; `between` holds lower-case words that may stand there.
Gap gap_after(const CodePoints& table, std::string_view original, std::size_t from, const WordSet& between);

// From the beginning of a name to the left.
Gap gap_before(std::string_view original, std::size_t to);

// Where the token that ends at `to` begins: back over everything that a handle may hold.
std::size_t token_begin(std::string_view original, std::size_t to);

// Nothing more of a clause follows at `from`: the line or the clause ends, or a word that goes on to something else.
bool clause_ends(std::string_view original, std::size_t from);

}  // namespace hw::classifier
