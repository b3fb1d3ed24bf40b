#include "parsers/xml.h"

#include <algorithm>
#include <array>
#include <mutex>

#include <libxml/parser.h>
#include <libxml/tree.h>

#include "common/text.h"

namespace hw::parsers {
namespace {

constexpr int kOptions = XML_PARSE_RECOVER | XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;

std::string_view view(const xmlChar* text) {
  return text == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(text));
}

struct FreeXml {
  void operator()(xmlChar* text) const { xmlFree(text); }
  void operator()(xmlDoc* document) const { xmlFreeDoc(document); }
  void operator()(xmlParserCtxt* context) const { xmlFreeParserCtxt(context); }
  void operator()(xmlBuffer* buffer) const { xmlBufferFree(buffer); }
};

std::string owned(xmlChar* text) {
  const std::unique_ptr<xmlChar, FreeXml> holder(text);
  return std::string(view(text));
}

const xmlChar* bytes(const char* text) { return reinterpret_cast<const xmlChar*>(text); }

bool holds(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

Vocabulary of_namespace(std::string_view uri) {
  if (holds(uri, "purl.org/rss/1.0/modules/content")) return Vocabulary::content;
  if (holds(uri, "purl.org/dc/")) return Vocabulary::dublin_core;
  if (holds(uri, "purl.org/syndication/thread")) return Vocabulary::threading;
  static constexpr std::array<std::string_view, 10> kFeeds{"w3.org/2005/atom",
                                                           "purl.org/atom/ns",
                                                           "purl.org/rss/1.0",
                                                           "my.netscape.com/rdf",
                                                           "channel.netscape.com/rdf",
                                                           "purl.org/net/rss1.1",
                                                           "backend.userland.com/rss",
                                                           "blogs.law.harvard.edu/tech/rss",
                                                           "purl.org/pie/",
                                                           "purl.org/echo/"};
  const std::string lower = to_lower(uri);
  const bool module = holds(lower, "/modules/");
  const bool core =
      uri.empty() || std::any_of(kFeeds.begin(), kFeeds.end(), [&](auto feed) { return holds(lower, feed); });
  return core && !module ? Vocabulary::core : Vocabulary::other;
}

Vocabulary of_prefix(std::string_view prefix) {
  if (prefix == "content") return Vocabulary::content;
  if (prefix == "dc") return Vocabulary::dublin_core;
  if (prefix == "thr") return Vocabulary::threading;
  return prefix == "atom" || prefix == "rss" ? Vocabulary::core : Vocabulary::other;
}

// An undeclared prefix stays part of the name.
Vocabulary vocabulary_of(const xmlNode* node) {
  const std::string_view name = view(node->name);
  const std::size_t colon = name.find(':');
  if (colon != std::string_view::npos) return of_prefix(name.substr(0, colon));
  return node->ns == nullptr ? Vocabulary::core : of_namespace(trim(view(node->ns->href)));
}

std::string_view local_name(const xmlNode* node) {
  const std::string_view name = view(node->name);
  return name.substr(name.find(':') + 1);
}

// Without a handler libxml2 prints parts of the document. Reading goes on past an error, and damaged() tells of it; but
// past its own limit on a text libxml2 reports every further character, so there, or after very many errors, it is
// stopped.
void note_error(void*, xmlError* error) {
  constexpr int kMostErrors = 100'000;
  auto* context = static_cast<xmlParserCtxt*>(error->ctxt);
  if (context == nullptr || context->_private == nullptr) return;
  int& errors = *static_cast<int*>(context->_private);
  if (++errors == kMostErrors || error->code == XML_ERR_NO_MEMORY) xmlStopParser(context);
}

bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

bool is_element(const xmlNode* node) { return node->type == XML_ELEMENT_NODE; }

}  // namespace

bool XmlElement::is(Vocabulary vocabulary, std::string_view name) const {
  return node_ != nullptr && same_name(local_name(node_), name) && vocabulary_of(node_) == vocabulary;
}

std::vector<XmlElement> XmlElement::children() const {
  std::vector<XmlElement> found;
  if (node_ == nullptr) return found;
  for (const xmlNode* node = node_->children; node != nullptr; node = node->next)
    if (is_element(node)) found.emplace_back(node);
  return found;
}

XmlElement XmlElement::child(Vocabulary vocabulary, std::string_view name) const {
  if (node_ == nullptr) return {};
  for (const xmlNode* node = node_->children; node != nullptr; node = node->next)
    if (is_element(node) && XmlElement(node).is(vocabulary, name)) return XmlElement(node);
  return {};
}

XmlElement XmlElement::parent() const {
  if (node_ == nullptr || node_->parent == nullptr || !is_element(node_->parent)) return {};
  return XmlElement(node_->parent);
}

std::string XmlElement::attribute(const char* name) const {
  return node_ == nullptr ? std::string() : owned(xmlGetProp(node_, bytes(name)));
}

std::string XmlElement::text() const { return node_ == nullptr ? std::string() : owned(xmlNodeGetContent(node_)); }

std::string XmlElement::content() const {
  if (children().empty()) return text();
  const std::unique_ptr<xmlBuffer, FreeXml> buffer(xmlBufferCreate());
  for (xmlNode* node = node_->children; node != nullptr; node = node->next)
    xmlNodeDump(buffer.get(), node_->doc, node, 0, 0);
  return std::string(view(xmlBufferContent(buffer.get())));
}

std::string XmlElement::markup() const {
  if (node_ == nullptr) return {};
  const std::unique_ptr<xmlBuffer, FreeXml> buffer(xmlBufferCreate());
  xmlNodeDump(buffer.get(), node_->doc, const_cast<xmlNode*>(node_), 0, 0);
  return std::string(view(xmlBufferContent(buffer.get())));
}

std::string XmlElement::language() const { return node_ == nullptr ? std::string() : owned(xmlNodeGetLang(node_)); }

std::string XmlElement::base() const {
  return node_ == nullptr ? std::string() : owned(xmlNodeGetBase(node_->doc, node_));
}

struct XmlTree::Impl {
  std::unique_ptr<xmlDoc, FreeXml> document;
  bool damaged = false;
};

XmlTree::XmlTree(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
XmlTree::XmlTree(XmlTree&&) noexcept = default;
XmlTree& XmlTree::operator=(XmlTree&&) noexcept = default;
XmlTree::~XmlTree() = default;

std::optional<XmlTree> XmlTree::build(std::string_view utf8, const std::string& url) {
  static std::once_flag initialised;
  std::call_once(initialised, xmlInitParser);  // libxml2 asks for this before threads use it
  const std::string safe = defused(utf8.substr(utf8.find('<') == std::string_view::npos ? 0 : utf8.find('<')));
  const std::unique_ptr<xmlParserCtxt, FreeXml> context(xmlNewParserCtxt());
  if (context == nullptr || safe.size() > INT32_MAX) return std::nullopt;
  int errors = 0;
  context->_private = &errors;
  context->sax->serror = note_error;
  auto impl = std::make_unique<Impl>();
  impl->document.reset(
      xmlCtxtReadMemory(context.get(), safe.data(), static_cast<int>(safe.size()), url.c_str(), "UTF-8", kOptions));
  impl->damaged = context->wellFormed == 0;
  if (impl->document == nullptr || xmlDocGetRootElement(impl->document.get()) == nullptr) return std::nullopt;
  return XmlTree(std::move(impl));
}

XmlElement XmlTree::root() const { return XmlElement(xmlDocGetRootElement(impl_->document.get())); }

bool XmlTree::damaged() const { return impl_->damaged; }

}  // namespace hw::parsers
