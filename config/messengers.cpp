#include "config/messengers.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "common/text.h"
#include "common/time.h"
#include "config/patterns.h"
#include "config/yaml_reader.h"

namespace hw::config {
namespace {

bool usable_id(std::string_view id) {
  const auto allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; };
  return !id.empty() && id.size() <= 32 && std::all_of(id.begin(), id.end(), allowed);
}

void read_names(Reader& node, std::string_view key, NameKind kind, Messenger& messenger) {
  Reader list = node.at(key);
  for (Reader& item : list.items()) {
    const std::string name = item.scalar().value_or("");
    if (trim(name).empty() || trim(name) != name) {
      item.wrong("must be a name, without blanks around it");
      continue;
    }
    if (to_lower(name) != name) item.wrong("write names in lower case; a text's case does not matter");
    messenger.names.push_back({name, kind});
  }
}

LetterCase read_case(Reader& node) {
  const std::string word = node.text("letters", "lower");
  if (word == "lower") return LetterCase::lower;
  if (word == "upper") return LetterCase::upper;
  if (word != "kept") node.wrong_at("letters", "must be lower, upper or kept");
  return LetterCase::kept;
}

HandleType read_type(Reader& node) {
  const std::string word = node.text("type", "user");
  if (const auto type = parse_handle_type(word)) return *type;
  node.wrong_at("type", "must be user, phone or invite");
  return HandleType::user;
}

HandleShape read_shape(Reader& node, PatternReader& patterns) {
  HandleShape shape;
  shape.type = read_type(node);
  shape.letters = read_case(node);
  shape.evident = node.flag("evident", false);
  shape.distinct = node.flag("distinct", shape.evident);
  if (shape.type == HandleType::phone) {
    if (node.has("shape")) node.wrong_at("shape", "a phone number has its own reader, remove the shape");
  } else if (!node.has("shape")) {
    node.wrong("\"shape\" is required: a pattern for the whole handle");
  } else {
    Reader value = node.at("shape");
    shape.shape = patterns.read(value);
  }
  node.finish();
  return shape;
}

LinkForm read_link(Reader& node) {
  LinkForm link;
  link.type = read_type(node);
  link.form = node.required_text("form");
  const std::size_t handle = link.form.find("{handle}");
  if (handle == std::string::npos || handle == 0 || link.form.find("{handle}", handle + 1) != std::string::npos)
    node.wrong_at("form", "must hold {handle} once, after the address: t.me/{handle}");
  if (link.form.find_first_of(" \t") != std::string::npos) node.wrong_at("form", "must hold no blanks");
  node.finish();
  return link;
}

std::string read_day(Reader& node, std::string_view key) {
  std::string day = node.text(key);
  if (!day.empty() && !parse_rfc3339(day + "T00:00:00Z")) node.wrong_at(key, "must be a day such as 2023-12-31");
  return day;
}

Service read_service(Reader node) {
  Service service;
  service.opened = read_day(node, "opened");
  service.closed = read_day(node, "closed");
  service.note = node.text("note");
  node.finish();
  return service;
}

Messenger read_messenger(Reader& node, PatternReader& patterns) {
  Messenger messenger;
  messenger.id = node.required_text("id");
  if (!messenger.id.empty() && !usable_id(messenger.id))
    node.wrong_at("id", "an id has 1 to 32 small letters, digits, '-' or '_'");
  messenger.name = node.required_text("name");
  read_names(node, "names", NameKind::plain, messenger);
  read_names(node, "abbreviations", NameKind::abbreviation, messenger);
  read_names(node, "everyday", NameKind::everyday, messenger);
  if (messenger.names.empty()) node.wrong("needs at least one of names, abbreviations, everyday");
  for (Reader& item : node.at("handles").items()) messenger.handles.push_back(read_shape(item, patterns));
  if (messenger.handles.empty()) node.wrong("needs at least one entry under handles");
  for (Reader& item : node.at("links").items()) messenger.links.push_back(read_link(item));
  messenger.reserved = node.texts("reserved");
  messenger.service = read_service(node.at("service"));
  node.finish();
  return messenger;
}

// A name that two messengers claim would make every mention ambiguous.
void check_unique(Reader& node, const Messenger& messenger, std::set<std::string>& ids, std::set<std::string>& names) {
  if (!messenger.id.empty() && !ids.insert(messenger.id).second)
    node.wrong_at("id", fmt::format("\"{}\" stands here twice", messenger.id));
  for (const MessengerName& name : messenger.names)
    if (!names.insert(name.text).second)
      node.wrong(fmt::format("the name \"{}\" is already given to a messenger", name.text));
}

}  // namespace

Result<Messengers> parse_messengers(std::string_view text, std::string_view file) {
  Messengers messengers;
  messengers.source = std::string(text);
  const Status read = read_yaml(text, file, [&](Reader& root) {
    PatternReader patterns;
    std::set<std::string> ids, names;
    for (Reader& item : root.at("messengers").items()) {
      messengers.all.push_back(read_messenger(item, patterns));
      check_unique(item, messengers.all.back(), ids, names);
    }
    if (messengers.all.empty()) root.wrong("\"messengers\" is required: a list with at least one");
    messengers.invitations = patterns.read_list(root.at("invitations"));
    messengers.between = root.texts("between");
    messengers.third_person = patterns.read_list(root.at("third_person"));
    messengers.never = root.texts("never");
    messengers.never_shapes = patterns.read_list(root.at("never_shapes"));
    messengers.file_shapes = patterns.read_list(root.at("file_shapes"));
    patterns.finish();
    root.finish();
  });
  if (!read) return tl::unexpected(read.error());
  return messengers;
}

}  // namespace hw::config
