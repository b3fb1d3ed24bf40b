#include "common/text.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "common/document.h"

namespace hw {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

struct Decoded {
  char32_t code_point = 0;
  std::size_t length = 0;  // bytes consumed; at least 1
  bool valid = false;
};

unsigned char byte_at(std::string_view bytes, std::size_t at) { return static_cast<unsigned char>(bytes[at]); }

// One code point by Unicode's table 3-7. An ill-formed sequence consumes its maximal subpart.
Decoded decode(std::string_view bytes, std::size_t at) {
  const unsigned char lead = byte_at(bytes, at);
  if (lead < 0x80) return {lead, 1, true};
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4) return {0, 1, false};
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
  if (lead == 0xE0) low = 0xA0;
  if (lead == 0xED) high = 0x9F;
  if (lead == 0xF0) low = 0x90;
  if (lead == 0xF4) high = 0x8F;
  char32_t value = lead & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if (at + i >= bytes.size()) return {0, i, false};
    const unsigned char next = byte_at(bytes, at + i);
    if (next < low || next > high) return {0, i, false};
    value = (value << 6) | (next & 0x3FU);
    low = 0x80;
    high = 0xBF;
  }
  return {value, length, true};
}

// Controls, line and paragraph separators, bidirectional controls, and all that Unicode calls default-ignorable.
bool hostile_on_terminal(char32_t c) {
  constexpr std::pair<char32_t, char32_t> kRanges[] = {
      {0x00, 0x1F},     {0x7F, 0x9F},       {0xAD, 0xAD},       {0x34F, 0x34F},    {0x61C, 0x61C},
      {0x115F, 0x1160}, {0x17B4, 0x17B5},   {0x180B, 0x180F},   {0x200B, 0x200F},  {0x2028, 0x202E},
      {0x2060, 0x206F}, {0x3164, 0x3164},   {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},  {0xFFA0, 0xFFA0},
      {0xFFF0, 0xFFFB}, {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF}};
  return std::any_of(std::begin(kRanges), std::end(kRanges),
                     [&](const auto& range) { return c >= range.first && c <= range.second; });
}

// Insertions, deletions, substitutions and swaps of neighbours ("dealy") count one each.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);  // the row of a[i - 2]
  std::vector<std::size_t> above(b.size() + 1);   // the row of a[i - 1]
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::swap(before, above);
    std::swap(above, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({row[j - 1] + 1, above[j] + 1, above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row.back();
}

}  // namespace

bool valid_utf8(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size();) {
    const Decoded next = decode(bytes, at);
    if (!next.valid) return false;
    at += next.length;
  }
  return true;
}

std::string repair_utf8(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  for (std::size_t at = 0; at < bytes.size();) {
    const Decoded next = decode(bytes, at);
    out.append(next.valid ? bytes.substr(at, next.length) : "\xEF\xBF\xBD");
    at += next.length;
  }
  return out;
}

std::string to_lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = lower(c);
  return out;
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n\f\v";
  const auto first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t from = 0; from <= text.size();) {
    const auto to = std::min(text.find(separator, from), text.size());
    parts.push_back(text.substr(from, to - from));
    from = to + 1;
  }
  return parts;
}

std::string escape_for_terminal(std::string_view utf8) {
  std::string out;
  out.reserve(utf8.size());
  for (std::size_t at = 0; at < utf8.size();) {
    const Decoded next = decode(utf8, at);
    if (!next.valid) {
      out += "\\ufffd";
    } else if (!hostile_on_terminal(next.code_point)) {
      out.append(utf8.substr(at, next.length));
    } else if (next.code_point == '\n') {
      out += "\\n";
    } else if (next.code_point < 0x100) {
      out += fmt::format("\\x{:02x}", static_cast<std::uint32_t>(next.code_point));
    } else {
      out += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(next.code_point));
    }
    at += next.length;
  }
  return out;
}

std::string defang(std::string_view url) {
  std::string out(url);
  if (to_lower(out.substr(0, 4)) == "http") out.replace(0, 4, "hxxp");
  if (out.starts_with("hxxpS:")) out[4] = 's';
  const auto scheme_end = out.find("://");
  const std::size_t host = scheme_end == std::string::npos ? 0 : scheme_end + 3;
  for (std::size_t at = host; at < out.size() && out[at] != '/'; ++at) {
    if (out[at] != '.') continue;
    out.replace(at, 1, "[.]");
    at += 2;
  }
  return out;
}

std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates) {
  std::string_view best;
  std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string_view candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

std::string to_hex(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return out;
}

std::optional<std::string_view> Document::header(std::string_view name) const {
  for (const Header& header : headers)
    if (equals_ignoring_case(header.name, name)) return header.value;
  return std::nullopt;
}

}  // namespace hw
