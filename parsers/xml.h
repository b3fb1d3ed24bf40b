// An XML document as a tree: a thin, owning face of libxml2, set so that no document can make it do anything but read.
//
// No DTD reaches the parser, no entity is ever expanded, nothing is loaded from the network or the disk, depth and
// sizes stay under libxml2's own limits, and damage is passed over as far as it can be (real feeds are often
// ill-formed). Elements borrow from their tree and are valid while it lives.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct _xmlNode;

namespace hw::parsers {

// What an element's name belongs to, by its namespace, or by its prefix where none is declared.
enum class Vocabulary { core, content, dublin_core, threading, other };

// A default-made element is "none": false and empty.
class XmlElement {
 public:
  XmlElement() = default;
  explicit XmlElement(const _xmlNode* node) : node_(node) {}
  explicit operator bool() const { return node_ != nullptr; }

  // Local name, ASCII case ignored.
  bool is(Vocabulary vocabulary, std::string_view name) const;
  std::vector<XmlElement> children() const;                              // elements only
  XmlElement child(Vocabulary vocabulary, std::string_view name) const;  // the first
  XmlElement parent() const;
  std::string attribute(const char* name) const;  // empty when absent; of any namespace
  std::string text() const;                       // all character data below
  std::string content() const;                    // the same, or the markup itself where there are elements below
  std::string markup() const;                     // the element itself, as XML
  std::string language() const;                   // xml:lang, inherited
  std::string base() const;                       // xml:base, inherited; the document's address where there is none

 private:
  const _xmlNode* node_ = nullptr;
};

class XmlTree {
 public:
  // `utf8` is valid UTF-8, whatever its declaration says. Nothing when no element can be read.
  static std::optional<XmlTree> build(std::string_view utf8, const std::string& url);
  XmlTree(XmlTree&&) noexcept;
  XmlTree& operator=(XmlTree&&) noexcept;
  ~XmlTree();

  XmlElement root() const;
  bool damaged() const;  // it was not well-formed; what could be read is here

 private:
  struct Impl;
  explicit XmlTree(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// The document as build() hands it to libxml2: without DOCTYPE, every reference that is not one of XML's own five or a
// valid number as plain text, control characters as U+FFFD. Comments and CDATA sections keep their bytes.
std::string defused(std::string_view utf8);

}  // namespace hw::parsers
