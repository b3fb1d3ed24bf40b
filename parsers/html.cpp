#include "parsers/html.h"

#include <algorithm>
#include <chrono>

#include <gumbo.h>

#include "parsers/arena.h"
#include "parsers/limits.h"
#include "parsers/nesting.h"

namespace hw::parsers {
namespace {

bool holds_children(const GumboNode* node) {
  return node->type == GUMBO_NODE_ELEMENT || node->type == GUMBO_NODE_TEMPLATE;
}

bool is_text(const GumboNode* node) {
  return node->type == GUMBO_NODE_TEXT || node->type == GUMBO_NODE_WHITESPACE || node->type == GUMBO_NODE_CDATA;
}

const GumboAttribute* find(const GumboNode* node, const char* name) {
  return node != nullptr && holds_children(node) ? gumbo_get_attribute(&node->v.element.attributes, name) : nullptr;
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

}  // namespace

bool Node::is_element() const { return node_ != nullptr && holds_children(node_); }

std::string_view Node::tag() const {
  return is_element() ? std::string_view(gumbo_normalized_tagname(node_->v.element.tag)) : std::string_view();
}

std::string_view Node::attribute(const char* name) const {
  const GumboAttribute* found = find(node_, name);
  return found != nullptr ? std::string_view(found->value) : std::string_view();
}

bool Node::has_attribute(const char* name) const { return find(node_, name) != nullptr; }

bool Node::has_class(std::string_view name) const {
  std::string_view classes = attribute("class");
  while (!classes.empty()) {
    const auto from = std::find_if_not(classes.begin(), classes.end(), is_space);
    const auto to = std::find_if(from, classes.end(), is_space);
    if (std::string_view(from, to) == name) return true;
    classes = std::string_view(to, classes.end());
  }
  return false;
}

std::string_view Node::text() const {
  return node_ != nullptr && is_text(node_) ? std::string_view(node_->v.text.text) : std::string_view();
}

std::size_t Node::child_count() const { return is_element() ? node_->v.element.children.length : 0; }

Node Node::child(std::size_t index) const {
  return index < child_count() ? Node(static_cast<const GumboNode*>(node_->v.element.children.data[index])) : Node();
}

Node Node::parent() const { return node_ != nullptr ? Node(node_->parent) : Node(); }

struct HtmlTree::Impl {
  explicit Impl(std::string html)
      : bytes(std::move(html)),
        arena(kLeastBytes + kBytesPerByte * bytes.size(), kLeastTime + kTimePerByte * bytes.size()) {}

  // Ordinary markup takes some 14 bytes and 100 ns for each of its own.
  static constexpr std::size_t kLeastBytes = std::size_t{4} << 20;
  static constexpr std::size_t kBytesPerByte = 60;
  static constexpr std::chrono::nanoseconds kLeastTime{std::chrono::milliseconds(100)};
  static constexpr std::chrono::nanoseconds kTimePerByte{1000};

  std::string bytes;  // the tree points into it
  Arena arena;
  GumboOutput* output = nullptr;
};

namespace {

// Builds inside the arena. Only trivial locals here: when a limit is reached the arena jumps back over Gumbo's frames.
GumboOutput* build_within(Arena& arena, const char* bytes, std::size_t size, HtmlKind kind) {
  GumboOptions options = kGumboDefaultOptions;
  options.allocator = [](void* into, std::size_t amount) { return static_cast<Arena*>(into)->take(amount); };
  options.deallocator = [](void* into, void* taken) { static_cast<Arena*>(into)->give_back(taken); };
  options.userdata = &arena;
  options.max_errors = 0;
  if (kind == HtmlKind::fragment) options.fragment_context = GUMBO_TAG_DIV;
  if (setjmp(arena.way_out) != 0) return nullptr;  // NOLINT(cert-err52-cpp): Gumbo is C, it cannot carry an exception
  return gumbo_parse_with_options(&options, bytes, size);
}

}  // namespace

HtmlTree::HtmlTree(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HtmlTree::HtmlTree(HtmlTree&&) noexcept = default;
HtmlTree& HtmlTree::operator=(HtmlTree&&) noexcept = default;
HtmlTree::~HtmlTree() = default;

std::optional<HtmlTree> HtmlTree::build(std::string utf8, HtmlKind kind) {
  if (utf8.size() > kMostBytesOfTree || most_open_tags(utf8) > kMostOpenTags) return std::nullopt;
  auto impl = std::make_unique<Impl>(std::move(utf8));
  impl->output = build_within(impl->arena, impl->bytes.data(), impl->bytes.size(), kind);
  if (impl->output == nullptr) return std::nullopt;
  return HtmlTree(std::move(impl));
}

Node HtmlTree::root() const { return Node(impl_->output->root); }

}  // namespace hw::parsers
