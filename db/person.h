// A person's key, which is who they are: it signs what they do and opens what their roles may read.
//
// A Person holds two private keys in memory, wiped when it goes: Ed25519 to sign, X25519 to open. What a person may do
// is what the store says of them (db/people.h), not what their key file says. The host has such a key, too, with the
// role collector: it signs what nobody in particular does, and opens nothing. Immutable, safe in any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"
#include "db/seal.h"

namespace hw::db {

enum class Role : std::uint8_t {
  collector = 1,     // a host: writes, reads nothing
  reviewer = 2,      // judges hits
  exporter = 4,      // takes confirmed handles out
  safeguarding = 8,  // reads what is held
  auditor = 16,      // reads the audit log, and nothing sealed
  recovery = 32,     // an offline key that opens everything and may do nothing else
};
std::string_view to_string(Role role);

class Roles {
 public:
  Roles() = default;
  Roles(std::initializer_list<Role> roles);
  static Roles everything();  // that one person can have: reviewer, exporter, safeguarding, auditor
  // "reviewer,auditor"; malformed for an unknown or empty list.
  static Result<Roles> parse(std::string_view text);
  std::string text() const;
  bool has(Role role) const { return (bits_ & static_cast<std::uint8_t>(role)) != 0; }
  bool reads(KeyClass key_class) const;
  bool operator==(const Roles&) const = default;

 private:
  std::uint8_t bits_ = 0;
};

// What everybody may know of a person.
struct PublicPerson {
  std::string name;
  Roles roles;
  std::string sign_key;  // 32 bytes, Ed25519
  std::string box_key;   // 32 bytes, X25519

  std::string id() const;  // 16 hex digits that name the signing key
};

class Person {
 public:
  // New keys. The name becomes a file's: lower case letters, digits, '-', '_', '.' (usage otherwise).
  static Result<Person> make(std::string_view name, Roles roles);
  // `secret` as secret() gave it; the caller wipes its own copy.
  static Result<Person> restore(std::string_view name, Roles roles, std::string_view secret);
  Person(Person&&) noexcept;
  Person& operator=(Person&&) noexcept;
  ~Person();

  const std::string& name() const;
  const Roles& roles() const;
  PublicPerson face() const;
  std::string sign(std::string_view message) const;  // 64 bytes, Ed25519
  // no_key: the person's roles do not read the class.
  Result<Opener> opener(KeyClass key_class) const;
  // For the key file alone; wipe it.
  std::string secret() const;
  Person with_roles(Roles roles) const;
  // The same person, who opens with a fresh key from now on.
  Result<Person> with_fresh_box() const;

 private:
  struct Impl;
  explicit Person(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Trimmed and in lower case; usage where it cannot be a person's name.
Result<std::string> person_name(std::string_view name);
// The same for somebody who comes: "host" is the name of this machine's own key.
Result<std::string> newcomer_name(std::string_view name);
// Whether `signature` is the key's over the message.
bool signed_by(std::string_view sign_key, std::string_view message, std::string_view signature);
// 16 hex digits that name a signing key.
std::string sign_key_id(std::string_view sign_key);

}  // namespace hw::db
