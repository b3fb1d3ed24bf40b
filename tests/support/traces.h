// Whether texts can be read in bytes, whatever they were written in: UTF-8, UTF-16, hexadecimal, base64 (at each of its
// three alignments), in lower case, backwards.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hw::test {

std::vector<std::string> written_forms(const std::string& text);

// Finds any of very many texts in one pass: by the first bytes of each form, then whole. Forms have four bytes at
// least.
class TraceFinder {
 public:
  explicit TraceFinder(const std::set<std::string>& words);
  // The words that can be read there, in any form.
  std::set<std::string> find(std::string_view bytes) const;

 private:
  std::vector<bool> maybe_ = std::vector<bool>(std::size_t{1} << 20U);
  std::unordered_map<std::uint32_t, std::vector<std::pair<std::string, std::string>>> forms_;
};

}  // namespace hw::test
