#include "parsers/json_tree.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include <nlohmann/json.hpp>

#include "common/json.h"
#include "parsers/served.h"

namespace hw::parsers {
namespace {

using nlohmann::json;

const json& value_of(const void* value) { return *static_cast<const json*>(value); }

std::int64_t whole(double value) {
  constexpr double kMost = 9e15;  // every whole number up to here is exact
  return std::isfinite(value) && std::abs(value) < kMost ? static_cast<std::int64_t>(value) : 0;
}

std::int64_t digits(const std::string& text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() ? number : 0;
}

}  // namespace

struct JsonTree::Impl {
  json root;
};

Json::operator bool() const { return value_ != nullptr && !value_of(value_).is_null(); }
bool Json::is_object() const { return value_ != nullptr && value_of(value_).is_object(); }
bool Json::is_array() const { return value_ != nullptr && value_of(value_).is_array(); }
bool Json::is_text() const { return value_ != nullptr && value_of(value_).is_string(); }

Json Json::at(std::string_view key) const {
  if (!is_object()) return {};
  const auto found = value_of(value_).find(key);
  return found == value_of(value_).end() ? Json() : Json(&*found);
}

std::vector<Json> Json::items() const {
  std::vector<Json> out;
  if (!is_array()) return out;
  out.reserve(value_of(value_).size());
  for (const json& item : value_of(value_)) out.emplace_back(&item);
  return out;
}

std::size_t Json::size() const { return is_array() ? value_of(value_).size() : 0; }

std::string Json::text() const {
  if (!*this) return {};
  const json& value = value_of(value_);
  if (value.is_number_unsigned()) return std::to_string(value.get<std::uint64_t>());
  if (value.is_number_integer()) return std::to_string(value.get<std::int64_t>());
  if (!value.is_string()) return {};
  std::string text = value.get<std::string>();
  std::erase(text, '\0');
  return text;
}

std::int64_t Json::number() const {
  if (!*this) return 0;
  const json& value = value_of(value_);
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX) return 0;
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (value.is_number_float()) return whole(value.get<double>());
  return value.is_string() ? digits(value.get_ref<const std::string&>()) : 0;
}

bool Json::flag() const {
  if (!*this) return false;
  const json& value = value_of(value_);
  return value.is_boolean() ? value.get<bool>() : value.is_number() && number() != 0;
}

std::string Json::as_served(std::initializer_list<std::string_view> others) const {
  return value_ == nullptr ? std::string() : served_object(value_of(value_), others);
}

std::optional<JsonTree> JsonTree::parse(std::string_view utf8) {
  auto impl = std::make_unique<Impl>();
  impl->root = json::parse(utf8, nullptr, false);
  if (impl->root.is_discarded()) impl->root = json::parse(mend_json(utf8), nullptr, false);
  if (impl->root.is_discarded()) return std::nullopt;
  return JsonTree(std::move(impl));
}

JsonTree::JsonTree(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
JsonTree::JsonTree(JsonTree&&) noexcept = default;
JsonTree& JsonTree::operator=(JsonTree&&) noexcept = default;
JsonTree::~JsonTree() = default;

Json JsonTree::root() const { return Json(&impl_->root); }

}  // namespace hw::parsers
