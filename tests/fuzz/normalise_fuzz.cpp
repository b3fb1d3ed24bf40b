// The folded view of any bytes: well-formed, with an offset map that is valid and monotone, and stable for plain text.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "classifier/normalise.h"
#include "common/text.h"

namespace {

const hw::classifier::Folder& folder() {
  static const hw::classifier::Folder made = [] {
    hw::classifier::Vocabulary words;
    for (const char* word : {"wickr", "telegram", "session", "taboo", "nolimits"}) words.add(word);
    return hw::classifier::Folder(std::move(words));
  }();
  return made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const hw::classifier::Folded view = folder().fold(text);
  if (!hw::valid_utf8(view.text())) std::abort();
  hw::Span before;
  for (std::size_t i = 0; i < view.text().size(); ++i) {
    const hw::Span span = view.original(i, i + 1);
    if (span.from >= span.to || span.to > size || span.from < before.from || span.to < before.to) std::abort();
    const std::size_t back = view.position(span.from, 0, view.text().size());
    if (back > i) std::abort();
    before = span;
  }
  static_cast<void>(folder().fold_pattern(text));
  return 0;
}
