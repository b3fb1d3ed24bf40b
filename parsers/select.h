// Finding elements: by tag, id, class or attribute, in document order. Not a CSS engine.
//
//   first(page, {.tag = "a", .with_class = "topictitle"})
#pragma once

#include <string_view>
#include <vector>

#include "parsers/html.h"

namespace hw::parsers {

// Empty members ask for nothing.
struct Match {
  std::string_view tag = {};
  std::string_view id = {};
  std::string_view with_class = {};
  const char* attribute = nullptr;   // must be present …
  std::string_view containing = {};  // … and contain this
};

// Descendants of `root`, itself excluded. `none` when there is no such element; `none` in, none out.
Node first(Node root, const Match& match);
std::vector<Node> all_of(Node root, const Match& match);
// The text nodes below `root`, without recursion.
std::vector<Node> texts_in(Node root);
// The nearest ancestor, the node itself excluded.
Node closest(Node node, const Match& match);

}  // namespace hw::parsers
