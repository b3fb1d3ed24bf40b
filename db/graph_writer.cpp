#include "db/graph_writer.h"

#include <array>
#include <functional>

#include <fmt/format.h>

#include "common/text.h"

namespace hw::db {
namespace {

// One attribute of a node or an edge, as every format declares it.
template <class T>
struct Attribute {
  std::string_view name;
  std::string_view type;
  std::string (*value)(const T&);
};

constexpr std::array<Attribute<Node>, 7> kNodeAttributes{{
    {"kind", "string", [](const Node& node) { return std::string(to_string(node.name.kind)); }},
    {"row", "long", [](const Node& node) { return std::to_string(node.name.row); }},
    {"depth", "int", [](const Node& node) { return std::to_string(node.depth); }},
    {"adverts", "long", [](const Node& node) { return std::to_string(node.adverts); }},
    {"platforms", "string", [](const Node& node) { return fmt::format("{}", fmt::join(node.platforms, " ")); }},
    {"first_seen", "string", [](const Node& node) { return node.first_day; }},
    {"last_seen", "string", [](const Node& node) { return node.last_day; }},
}};

constexpr std::array<Attribute<Edge>, 6> kEdgeAttributes{{
    {"link", "string", [](const Edge& edge) { return std::string(to_string(edge.kind)); }},
    {"weak", "boolean", [](const Edge& edge) { return std::string(is_weak(edge.kind) ? "true" : "false"); }},
    {"adverts", "long", [](const Edge& edge) { return std::to_string(edge.adverts); }},
    {"hits", "string", [](const Edge& edge) { return fmt::format("{}", fmt::join(edge.hits, " ")); }},
    {"first_seen", "string", [](const Edge& edge) { return edge.first_day; }},
    {"last_seen", "string", [](const Edge& edge) { return edge.last_day; }},
}};

std::string id_of(const NodeName& name) {
  return fmt::format("{}{}", name.kind == NodeKind::handle ? 'h' : 'a', name.row);
}

template <class T, std::size_t N>
std::string graphml_keys(const std::array<Attribute<T>, N>& attributes, std::string_view of) {
  std::string keys;
  for (const Attribute<T>& attribute : attributes)
    keys += fmt::format("  <key id=\"{}_{}\" for=\"{}\" attr.name=\"{}\" attr.type=\"{}\"/>\n", of, attribute.name, of,
                        attribute.name, attribute.type);
  return keys;
}

template <class T, std::size_t N>
std::string graphml_data(const std::array<Attribute<T>, N>& attributes, std::string_view of, const T& value) {
  std::string data;
  for (const Attribute<T>& attribute : attributes)
    data += fmt::format("      <data key=\"{}_{}\">{}</data>\n", of, attribute.name, xml_text(attribute.value(value)));
  return data;
}

template <class T, std::size_t N>
std::string gexf_keys(const std::array<Attribute<T>, N>& attributes, std::string_view of) {
  std::string keys = fmt::format("    <attributes class=\"{}\">\n", of);
  for (const Attribute<T>& attribute : attributes)
    keys += fmt::format("      <attribute id=\"{0}\" title=\"{0}\" type=\"{1}\"/>\n", attribute.name,
                        attribute.type == "int" ? "integer" : attribute.type);
  return keys + "    </attributes>\n";
}

template <class T, std::size_t N>
std::string gexf_values(const std::array<Attribute<T>, N>& attributes, const T& value) {
  std::string values = "<attvalues>";
  for (const Attribute<T>& attribute : attributes)
    values += fmt::format("<attvalue for=\"{}\" value=\"{}\"/>", attribute.name, xml_text(attribute.value(value)));
  return values + "</attvalues>";
}

// What XML 1.0 allows in a document (section 2.2): no control characters but tab and line ends, no U+FFFE and U+FFFF.
bool allowed_in_xml(std::string_view code_point) {
  const auto first = static_cast<unsigned char>(code_point[0]);
  if (first < 0x20) return first == '\t' || first == '\n' || first == '\r';
  return code_point != "\xEF\xBF\xBE" && code_point != "\xEF\xBF\xBF";
}

std::size_t length_of(unsigned char lead) { return lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4; }

}  // namespace

std::string xml_text(std::string_view text) {
  const std::string valid = repair_utf8(text);
  std::string out;
  for (std::size_t at = 0; at < valid.size();) {
    const std::string_view each = std::string_view(valid).substr(at, length_of(static_cast<unsigned char>(valid[at])));
    at += each.size();
    if (!allowed_in_xml(each))
      out += "\xEF\xBF\xBD";
    else if (each == "&")
      out += "&amp;";
    else if (each == "<")
      out += "&lt;";
    else if (each == ">")
      out += "&gt;";
    else if (each == "\"")
      out += "&quot;";
    else if (each == "\t" || each == "\n" || each == "\r")  // an attribute would lose them
      out += fmt::format("&#{};", static_cast<int>(each[0]));
    else
      out += each;
  }
  return out;
}

std::string to_graphml(const Graph& graph) {
  std::string out = R"(<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
)";
  out += graphml_keys(kNodeAttributes, "node") + graphml_keys(kEdgeAttributes, "edge");
  out += "  <graph id=\"links\" edgedefault=\"undirected\">\n";
  for (const Node& node : graph.nodes)
    out += fmt::format("    <node id=\"{}\">\n{}    </node>\n", id_of(node.name),
                       graphml_data(kNodeAttributes, "node", node));
  for (std::size_t i = 0; i < graph.edges.size(); ++i)
    out +=
        fmt::format("    <edge id=\"e{}\" source=\"{}\" target=\"{}\">\n{}    </edge>\n", i, id_of(graph.edges[i].from),
                    id_of(graph.edges[i].to), graphml_data(kEdgeAttributes, "edge", graph.edges[i]));
  return out + "  </graph>\n</graphml>\n";
}

std::string to_gexf(const Graph& graph) {
  std::string out = R"(<?xml version="1.0" encoding="UTF-8"?>
<gexf xmlns="http://gexf.net/1.3" version="1.3">
  <graph defaultedgetype="undirected">
)";
  out += gexf_keys(kNodeAttributes, "node") + gexf_keys(kEdgeAttributes, "edge") + "    <nodes>\n";
  for (const Node& node : graph.nodes)
    out += fmt::format("      <node id=\"{}\" label=\"{}\">{}</node>\n", id_of(node.name), to_string(node.name),
                       gexf_values(kNodeAttributes, node));
  out += "    </nodes>\n    <edges>\n";
  for (std::size_t i = 0; i < graph.edges.size(); ++i) {
    const Edge& edge = graph.edges[i];
    out += fmt::format("      <edge id=\"{}\" source=\"{}\" target=\"{}\" weight=\"{}\">{}</edge>\n", i,
                       id_of(edge.from), id_of(edge.to), edge.adverts, gexf_values(kEdgeAttributes, edge));
  }
  return out + "    </edges>\n  </graph>\n</gexf>\n";
}

std::string to_dot(const Graph& graph) {
  std::string out = "graph links {\n  node [fontname=\"sans-serif\"];\n";
  for (const Node& node : graph.nodes)
    out += fmt::format("  {} [label=\"{}\\n{} adverts\\n{} to {}\" shape={}];\n", id_of(node.name),
                       to_string(node.name), node.adverts, node.first_day, node.last_day,
                       node.name.kind == NodeKind::handle ? "box" : "ellipse");
  for (const Edge& edge : graph.edges)
    out += fmt::format("  {} -- {} [label=\"{} {}\"{}];\n", id_of(edge.from), id_of(edge.to), to_string(edge.kind),
                       edge.adverts, is_weak(edge.kind) ? " style=dashed" : "");
  return out + "}\n";
}

}  // namespace hw::db
