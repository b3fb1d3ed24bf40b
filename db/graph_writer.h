// A graph as files that other tools read: GraphML, GEXF 1.3 and DOT. Pure.
//
// Nodes are named by their rows ("handle 3"), which mean nothing without the store. Weak links are marked as such. The
// same graph gives the same bytes.
#pragma once

#include <string>

#include "db/links.h"

namespace hw::db {

std::string to_graphml(const Graph& graph);
std::string to_gexf(const Graph& graph);
std::string to_dot(const Graph& graph);

// Text as it stands in an XML attribute or element: reserved characters escaped, what XML 1.0 cannot hold replaced.
std::string xml_text(std::string_view text);

}  // namespace hw::db
