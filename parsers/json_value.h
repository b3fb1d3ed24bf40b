// A JSON answer as a tree: a thin, owning face of nlohmann/json, whose header stays out of ours.
//
// Asking is lenient: what is absent or of another type reads as empty, zero or false, so that an adapter says what it
// looks for and no more. Values borrow from their tree and are valid while it lives.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hw::parsers {

class JsonValue {
 public:
  JsonValue() = default;
  explicit JsonValue(const void* node) : node_(node) {}
  explicit operator bool() const { return node_ != nullptr; }  // it is there, and not null

  bool is_object() const;
  bool is_array() const;
  bool is_text() const;
  bool has(const char* key) const;  // also where it is null

  JsonValue operator[](const char* key) const;
  std::vector<JsonValue> items() const;  // of an array
  std::string text() const;              // of a string, or of an integer as it is written
  std::int64_t number() const;           // of an integer
  bool flag() const;                     // true, or an integer that is not 0

  // For evidence, as served.h's served_object() keeps it: without media and without the members named `others`.
  std::string served(std::initializer_list<std::string_view> others) const;

  std::string text(const char* key) const { return (*this)[key].text(); }
  std::int64_t number(const char* key) const { return (*this)[key].number(); }
  bool flag(const char* key) const { return (*this)[key].flag(); }

 private:
  const void* node_ = nullptr;
};

class JsonTree {
 public:
  // Ill-formed bytes and lone surrogates are mended. Nothing where it is no JSON, or cut short.
  static std::optional<JsonTree> build(std::string_view utf8);
  JsonTree(JsonTree&&) noexcept;
  JsonTree& operator=(JsonTree&&) noexcept;
  ~JsonTree();

  JsonValue root() const;

 private:
  struct Impl;
  explicit JsonTree(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace hw::parsers
