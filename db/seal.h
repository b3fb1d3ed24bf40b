// Sealing: what is written can be read only by the private key of its class.
//
// Each record has a random key of its own (XChaCha20-Poly1305), which is sealed (X25519, libsodium's sealed box) to
// every recipient of the record's class. A Sealer holds public keys alone and opens nothing. The record's name, that is
// store, class, kind, owner and revision, is associated data: a record that was moved to another row, or an older one
// that was put back, does not open (ErrorCode::tampered). Lengths are padded to 256 bytes. All functions are safe in
// any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"

namespace hw::db {

enum class KeyClass : std::uint8_t { review = 1, safeguarding = 2 };
std::string_view to_string(KeyClass key_class);

enum class RecordKind : std::uint8_t { hit = 1, handle = 2, account = 3, ban = 4, held_hit = 5, held_ban = 6 };

// Where a record belongs. No two records of a store ever have the same name.
struct RecordName {
  std::string store_id;  // 16 bytes
  KeyClass key_class = KeyClass::review;
  RecordKind kind = RecordKind::hit;
  std::int64_t owner = 0;  // the row in the kind's own table
  std::int64_t revision = 1;
};

// A record's key, sealed to one recipient.
struct SealedKey {
  std::string key_id;
  std::string box;
};

struct SealedRecord {
  std::string nonce;
  std::string body;
  std::vector<SealedKey> keys;
};

struct PublicKey {
  KeyClass key_class = KeyClass::review;
  std::string bytes;  // 32 bytes, X25519

  std::string id() const;  // 8 bytes that name the key; derived from it, so no secret
};

class Sealer {
 public:
  // Every class needs one recipient at least.
  static Result<Sealer> create(std::vector<PublicKey> recipients);
  SealedRecord seal(const RecordName& name, std::string_view plaintext) const;

 private:
  explicit Sealer(std::vector<PublicKey> recipients) : recipients_(std::move(recipients)) {}
  std::vector<PublicKey> recipients_;
};

// A private key in memory, wiped when it goes.
class Opener {
 public:
  // `secret` is 32 bytes, X25519; the caller wipes its own copy.
  static Result<Opener> create(KeyClass key_class, std::string_view secret);
  Opener(Opener&&) noexcept;
  Opener& operator=(Opener&&) noexcept;
  ~Opener();

  // no_key: the record is of another class, or was never sealed to this key. tampered: it is not what was sealed.
  Result<std::string> open(const RecordName& name, const SealedRecord& record) const;
  KeyClass key_class() const;
  const PublicKey& public_key() const;

 private:
  struct Impl;
  explicit Opener(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// A fresh X25519 private key, 32 bytes.
std::string random_secret();
// Overwrites and empties.
void wipe(std::string& secret);

}  // namespace hw::db
