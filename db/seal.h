// Sealing: what is written can be read only by the private key of its class.
//
// Each record has a random key of its own (XChaCha20-Poly1305), which is wrapped for every recipient of the record's
// class. A Sealer makes one ephemeral X25519 key pair, agrees on a wrapping key with each recipient once, and wipes
// both when it goes: one Sealer serves one transaction. It holds public keys alone and opens nothing, its own records
// neither once it is gone. The record's name, that is store, class, kind, owner and revision, is associated data: a
// record that was moved to another row, or an older one that was put back, does not open (ErrorCode::tampered). Lengths
// are padded to 256 bytes. Constant functions are safe in any thread.
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

enum class RecordKind : std::uint8_t {
  hit = 1,
  handle = 2,
  account = 3,
  ban = 4,
  held_hit = 5,
  held_ban = 6,
  referral_note = 7
};

// Where a record belongs. No two records of a store ever have the same name.
struct RecordName {
  std::string store_id;  // 16 bytes
  KeyClass key_class = KeyClass::review;
  RecordKind kind = RecordKind::hit;
  std::int64_t owner = 0;  // the row in the kind's own table
  std::int64_t revision = 1;
};

// A record's key, wrapped for one recipient: the ephemeral public key (32 bytes) and the key under what was agreed
// (48). Records of earlier versions have libsodium's sealed box there, of the same length.
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

// A record's own key in memory, wiped when it goes.
class RecordKey {
 public:
  explicit RecordKey(std::string bytes) : bytes_(std::move(bytes)) {}
  RecordKey(RecordKey&& other) noexcept : bytes_(std::move(other.bytes_)) {}
  RecordKey& operator=(RecordKey&&) = delete;
  ~RecordKey();
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

class Sealer {
 public:
  // Every class needs one recipient at least (no_key); a public key that agrees with everybody is malformed.
  static Result<Sealer> create(std::vector<PublicKey> recipients);
  Sealer(Sealer&&) noexcept;
  Sealer& operator=(Sealer&&) noexcept;
  ~Sealer();

  SealedRecord seal(const RecordName& name, std::string_view plaintext) const;
  // A record's key for every recipient of its class; `nonce` is the record's.
  std::vector<SealedKey> wrap(const RecordName& name, std::string_view nonce, const RecordKey& key) const;

 private:
  struct Impl;
  explicit Sealer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
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
  // The record's key alone, to wrap it for others; its body is not looked at.
  Result<RecordKey> record_key(const RecordName& name, const SealedRecord& record) const;
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
