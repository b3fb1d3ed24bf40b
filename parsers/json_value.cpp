#include "parsers/json_value.h"

#include <nlohmann/json.hpp>

#include "common/json.h"
#include "parsers/served.h"

namespace hw::parsers {
namespace {

using nlohmann::json;

const json* as_json(const void* node) { return static_cast<const json*>(node); }

const void* unless_null(const json& value) { return value.is_null() ? nullptr : &value; }

}  // namespace

bool JsonValue::is_object() const { return node_ != nullptr && as_json(node_)->is_object(); }
bool JsonValue::is_array() const { return node_ != nullptr && as_json(node_)->is_array(); }
bool JsonValue::is_text() const { return node_ != nullptr && as_json(node_)->is_string(); }
bool JsonValue::has(const char* key) const { return is_object() && as_json(node_)->contains(key); }

JsonValue JsonValue::operator[](const char* key) const {
  if (!is_object()) return {};
  const auto found = as_json(node_)->find(key);
  return found == as_json(node_)->end() ? JsonValue() : JsonValue(unless_null(*found));
}

std::vector<JsonValue> JsonValue::items() const {
  std::vector<JsonValue> out;
  if (!is_array()) return out;
  out.reserve(as_json(node_)->size());
  for (const json& item : *as_json(node_)) out.emplace_back(unless_null(item));
  return out;
}

std::string JsonValue::text() const {
  if (is_text()) return as_json(node_)->get<std::string>();
  if (node_ == nullptr || !as_json(node_)->is_number_integer()) return {};
  return as_json(node_)->dump();
}

std::int64_t JsonValue::number() const {
  if (node_ == nullptr || !as_json(node_)->is_number_integer()) return 0;
  return as_json(node_)->get<std::int64_t>();
}

bool JsonValue::flag() const {
  if (node_ != nullptr && as_json(node_)->is_boolean()) return as_json(node_)->get<bool>();
  return number() != 0;
}

std::string JsonValue::served(std::initializer_list<std::string_view> others) const {
  return node_ == nullptr ? std::string() : served_object(*as_json(node_), others);
}

struct JsonTree::Impl {
  json value;
};

JsonTree::JsonTree(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
JsonTree::JsonTree(JsonTree&&) noexcept = default;
JsonTree& JsonTree::operator=(JsonTree&&) noexcept = default;
JsonTree::~JsonTree() = default;

std::optional<JsonTree> JsonTree::build(std::string_view utf8) {
  auto impl = std::make_unique<Impl>();
  impl->value = json::parse(utf8, nullptr, false);
  if (impl->value.is_discarded()) impl->value = json::parse(mend_json(utf8), nullptr, false);
  if (impl->value.is_discarded()) return std::nullopt;
  return JsonTree(std::move(impl));
}

JsonValue JsonTree::root() const { return JsonValue(unless_null(impl_->value)); }

}  // namespace hw::parsers
