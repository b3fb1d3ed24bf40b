// An HTML page as a tree: a thin, owning face of Gumbo, whose header stays out of ours.
//
// build() refuses what would cost more than a page is worth (too many open tags, too much memory or time); the caller
// then takes the text alone (text_without_tree). Nodes borrow from their tree and are valid while it lives.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct GumboInternalNode;

namespace hw::parsers {

// One node, by value. A default-made Node is "none": false, without tag, attributes or children.
class Node {
 public:
  Node() = default;
  explicit Node(const GumboInternalNode* node) : node_(node) {}
  explicit operator bool() const { return node_ != nullptr; }
  bool operator==(const Node&) const = default;

  bool is_element() const;
  std::string_view tag() const;  // lower case; empty for text and for tags that HTML does not know
  std::string_view attribute(const char* name) const;  // empty when absent
  bool has_attribute(const char* name) const;
  bool has_class(std::string_view name) const;
  std::string_view text() const;  // of a text node; empty for others
  std::size_t child_count() const;
  Node child(std::size_t index) const;
  Node parent() const;

  const GumboInternalNode* raw() const { return node_; }

 private:
  const GumboInternalNode* node_ = nullptr;
};

// A fragment is what stands within a <div>: tags of a page's frame (<body>, <frameset>) mean nothing in it.
enum class HtmlKind { page, fragment };

class HtmlTree {
 public:
  // `utf8` must be valid UTF-8 (charset.h). Nothing when it is refused.
  static std::optional<HtmlTree> build(std::string utf8, HtmlKind kind = HtmlKind::page);
  HtmlTree(HtmlTree&&) noexcept;
  HtmlTree& operator=(HtmlTree&&) noexcept;
  ~HtmlTree();

  Node root() const;  // the <html> element

 private:
  struct Impl;
  explicit HtmlTree(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace hw::parsers
