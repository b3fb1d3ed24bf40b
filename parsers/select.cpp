#include "parsers/select.h"

#include <gumbo.h>

#include "common/text.h"

namespace hw::parsers {
namespace {

bool holds_children(const GumboNode* node) {
  return node->type == GUMBO_NODE_ELEMENT || node->type == GUMBO_NODE_TEMPLATE;
}

const GumboNode* child(const GumboNode* node, std::size_t index) {
  const GumboVector& children = node->v.element.children;
  return index < children.length ? static_cast<const GumboNode*>(children.data[index]) : nullptr;
}

const GumboNode* first_child(const GumboNode* node) { return holds_children(node) ? child(node, 0) : nullptr; }

// The next node in document order that is not below `node`; nullptr when that leaves `root`.
const GumboNode* past(const GumboNode* node, const GumboNode* root) {
  for (; node != root; node = node->parent)
    if (const GumboNode* next = child(node->parent, node->index_within_parent + 1)) return next;
  return nullptr;
}

// A match with its tag's name looked up once, not at every node.
class Matcher {
 public:
  explicit Matcher(const Match& match)
      : match_(match), tag_(gumbo_tagn_enum(match.tag.data(), static_cast<unsigned>(match.tag.size()))) {}

  bool operator()(const GumboNode* raw) const {
    if (!holds_children(raw)) return false;
    if (!match_.tag.empty() && raw->v.element.tag != tag_) return false;
    const Node node(raw);
    if (!match_.id.empty() && node.attribute("id") != match_.id) return false;
    if (!match_.with_class.empty() && !node.has_class(match_.with_class)) return false;
    if (match_.attribute == nullptr) return true;
    return node.has_attribute(match_.attribute) &&
           node.attribute(match_.attribute).find(match_.containing) != std::string_view::npos;
  }

 private:
  const Match& match_;
  GumboTag tag_;
};

// Calls `found` for each node below `root` that matches, until it says to stop.
template <class Matches, class Found>
void search(Node root, Matches matches, Found found) {
  if (!root) return;
  const GumboNode* node = first_child(root.raw());
  while (node != nullptr) {
    if (matches(node) && found(Node(node))) return;
    const GumboNode* below = first_child(node);
    node = below != nullptr ? below : past(node, root.raw());
  }
}

}  // namespace

Node first(Node root, const Match& match) {
  Node result;
  search(root, Matcher(match), [&](Node node) {
    result = node;
    return true;
  });
  return result;
}

std::vector<Node> all_of(Node root, const Match& match) {
  std::vector<Node> result;
  search(root, Matcher(match), [&](Node node) {
    result.push_back(node);
    return false;
  });
  return result;
}

std::vector<Node> texts_in(Node root) {
  std::vector<Node> result;
  search(
      root, [](const GumboNode* node) { return !holds_children(node); },
      [&](Node node) {
        if (!node.text().empty()) result.push_back(node);
        return false;
      });
  return result;
}

Node closest(Node node, const Match& match) {
  const Matcher matches(match);
  for (Node above = node.parent(); above; above = above.parent())
    if (matches(above.raw())) return above;
  return {};
}

}  // namespace hw::parsers
