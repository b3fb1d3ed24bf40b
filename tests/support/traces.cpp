#include "tests/support/traces.h"

#include <cstring>

#include <doctest/doctest.h>

#include "common/text.h"

namespace hw::test {
namespace {

constexpr std::size_t kHead = 4;
constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::uint32_t head_of(const char* bytes) {
  std::uint32_t head = 0;
  std::memcpy(&head, bytes, kHead);
  return head;
}

std::string utf16(const std::string& ascii) {
  std::string out;
  for (const char c : ascii) {
    out += c;
    out += '\0';
  }
  return out;
}

// The characters of the base64 form that do not depend on what stands before and after, where `shift` bytes of another
// text stand before it in its group of three.
std::string base64_form(const std::string& text, std::size_t shift) {
  const std::string shifted = std::string(shift, 'x') + text;
  std::string form;
  for (std::size_t bit = (shift * 8 + 5) / 6 * 6; bit + 6 <= shifted.size() * 8; bit += 6) {
    const auto at = [&](std::size_t byte) {
      return byte < shifted.size() ? static_cast<unsigned char>(shifted[byte]) : 0U;
    };
    const unsigned pair = (at(bit / 8) << 8U) | at(bit / 8 + 1);
    form += kBase64[(pair >> (10 - bit % 8)) & 0x3FU];
  }
  return form;
}

}  // namespace

std::vector<std::string> written_forms(const std::string& text) {
  std::vector<std::string> forms{text, utf16(text), to_lower(text), to_hex(text),
                                 std::string(text.rbegin(), text.rend())};
  for (const std::size_t shift : {0U, 1U, 2U}) forms.push_back(base64_form(text, shift));
  return forms;
}

TraceFinder::TraceFinder(const std::set<std::string>& words) {
  for (const std::string& word : words)
    for (std::string& form : written_forms(word)) {
      REQUIRE(form.size() >= kHead);
      const std::uint32_t head = head_of(form.data());
      maybe_[head % maybe_.size()] = true;
      forms_[head].emplace_back(std::move(form), word);
    }
}

std::set<std::string> TraceFinder::find(std::string_view bytes) const {
  std::set<std::string> found;
  for (std::size_t at = 0; at + kHead <= bytes.size(); ++at) {
    const std::uint32_t head = head_of(bytes.data() + at);
    if (!maybe_[head % maybe_.size()]) continue;
    const auto candidates = forms_.find(head);
    if (candidates == forms_.end()) continue;
    for (const auto& [form, word] : candidates->second)
      if (bytes.compare(at, form.size(), form) == 0) found.insert(word);
  }
  return found;
}

}  // namespace hw::test
