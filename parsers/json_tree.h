// An API's answer as a tree that may hold anything: what is absent, or of another type than asked for, reads as empty.
//
// Json borrows from its JsonTree and is valid while that lives. Deep nesting costs no stack.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hw::parsers {

// One value, by view. A default-made Json is "none".
class Json {
 public:
  Json() = default;
  explicit Json(const void* value) : value_(value) {}
  explicit operator bool() const;  // there, and not null

  bool is_object() const;
  bool is_array() const;
  bool is_text() const;
  Json at(std::string_view key) const;  // none where this is no object or has no such key
  std::vector<Json> items() const;      // of an array; empty for anything else
  std::size_t size() const;             // of an array; 0 for anything else

  // Strings and integers alike: ids are numbers in one API and strings in the next. U+0000 is left out.
  std::string text() const;
  std::string text(std::string_view key) const { return at(key).text(); }
  std::int64_t number() const;  // of an integer, a whole fraction ("created_utc": 1.5e9) or a string of digits; else 0
  std::int64_t number(std::string_view key) const { return at(key).number(); }
  bool flag() const;  // true, or a number that is not 0
  bool flag(std::string_view key) const { return at(key).flag(); }

  // The value as JSON text, for evidence, without media and the members named `others` (served.h).
  std::string as_served(std::initializer_list<std::string_view> others = {}) const;

 private:
  const void* value_ = nullptr;
};

class JsonTree {
 public:
  // Nothing when it is no JSON. `utf8` must be valid UTF-8; lone surrogate escapes become U+FFFD.
  static std::optional<JsonTree> parse(std::string_view utf8);
  JsonTree(JsonTree&&) noexcept;
  JsonTree& operator=(JsonTree&&) noexcept;
  ~JsonTree();

  Json root() const;

 private:
  struct Impl;
  explicit JsonTree(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace hw::parsers
