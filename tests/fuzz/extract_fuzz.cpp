// A post of any text: its verdict's spans lie in the text and hold what they say, and without an advertised handle
// there is no band. The first byte shares the input out between title, text, profile and tags.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "classifier/classifier.h"
#include "common/text.h"
#include "config/embedded.h"

namespace {

const hw::classifier::Classifier& classifier() {
  static const hw::classifier::Classifier made = [] {
    const auto messengers = hw::config::parse_messengers(hw::config::embedded_messengers(), "messengers.yaml");
    const auto pack = hw::config::parse_rule_pack(hw::config::embedded_press_terms(), "press-terms.yaml");
    if (!messengers || !pack) std::abort();
    auto created = hw::classifier::Classifier::create(*messengers, std::vector{*pack});
    if (!created) std::abort();
    return std::move(*created);
  }();
  return made;
}

std::string_view field_of(const hw::Post& post, const std::string& name) {
  if (name == "text") return post.text;
  if (name == "title") return post.title;
  if (name == "author_bio") return post.author_bio;
  if (name == "tags/0") return post.tags.front();
  if (name == "links/0") return post.links.front().url;
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string text = hw::repair_utf8(bytes);
  hw::Post post;
  post.id = "1";
  const std::size_t half = data[0] * text.size() / 255;
  switch (data[0] % 5) {
    case 0:
      post.text = text;
      break;
    case 1:
      post.title = text.substr(0, half), post.text = text.substr(half);
      break;
    case 2:
      post.text = text.substr(0, half), post.author_bio = text.substr(half);
      break;
    case 3:
      post.text = text.substr(0, half), post.tags = {text.substr(half)};
      break;
    default:
      post.text = text.substr(0, half), post.links = {{text.substr(half), ""}};
      break;
  }
  const hw::Verdict verdict = classifier().classify(post);
  bool advertised = false;
  for (const hw::HandleFound& handle : verdict.handles) {
    const std::string_view field = field_of(post, handle.field);
    if (handle.span.to > field.size() || handle.handle.empty()) std::abort();
    if (field.substr(handle.span.from, handle.span.to - handle.span.from) != handle.raw) std::abort();
    advertised = advertised || handle.intent == hw::Intent::advertised;
  }
  for (const hw::RuleFired& rule : verdict.rules)
    if (rule.span.to > field_of(post, rule.field).size()) std::abort();
  if (!advertised && verdict.band != hw::Band::none) std::abort();
  if (verdict.band == hw::Band::high) std::abort();  // the shipped words alone never reach it
  return 0;
}
