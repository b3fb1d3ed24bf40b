#include "app/handle_names.h"

#include <algorithm>

#include "common/text.h"
#include "config/embedded.h"

namespace hw::app {
namespace {

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

std::string canonical(const config::Messenger& messenger, std::string_view handle) {
  const auto letters = messenger.handles.empty() ? config::LetterCase::lower : messenger.handles.front().letters;
  if (letters == config::LetterCase::kept) return std::string(handle);
  return letters == config::LetterCase::upper ? upper(handle) : to_lower(handle);
}

}  // namespace

Result<config::Messengers> built_in_messengers() {
  return config::parse_messengers(config::embedded_messengers(), "messengers.yaml (built in)");
}

std::vector<db::HandleName> names_in(const config::Messengers& messengers, std::string_view line) {
  line = trim(line);
  const std::size_t gap = line.find_first_of(" \t:,");
  const std::string_view named = gap == std::string_view::npos ? std::string_view() : line.substr(0, gap);
  std::string_view handle = gap == std::string_view::npos ? line : trim(line.substr(gap + 1));
  while (handle.starts_with('@')) handle.remove_prefix(1);
  std::vector<db::HandleName> names;
  if (handle.empty()) return names;
  for (const config::Messenger& messenger : messengers.all)
    if (named.empty() || equals_ignoring_case(named, messenger.id))
      names.push_back({messenger.id, canonical(messenger, handle)});
  return names;
}

}  // namespace hw::app
