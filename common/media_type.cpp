#include "common/media_type.h"

#include <vector>

#include "common/text.h"

namespace hw {

MediaType parse_media_type(std::string_view header) {
  MediaType out;
  const std::vector<std::string_view> parts = split(header, ';');
  out.type = to_lower(trim(parts.front()));
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const auto equals = parts[i].find('=');
    if (equals == std::string_view::npos || !equals_ignoring_case(trim(parts[i].substr(0, equals)), "charset"))
      continue;
    std::string_view value = trim(parts[i].substr(equals + 1));
    if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') && value.back() == value.front())
      value = value.substr(1, value.size() - 2);
    if (out.charset.empty()) out.charset = to_lower(value);
  }
  return out;
}

}  // namespace hw
