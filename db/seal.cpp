#include "db/seal.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include <sodium.h>

namespace hw::db {
namespace {

constexpr char kVersion = 1;
constexpr std::size_t kBlock = 256;
constexpr std::size_t kKeySize = crypto_aead_xchacha20poly1305_ietf_KEYBYTES;
constexpr std::size_t kNonceSize = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagSize = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t kEphemeralSize = crypto_box_PUBLICKEYBYTES;
constexpr std::size_t kBoxSize = kEphemeralSize + kKeySize + kTagSize;
static_assert(kBoxSize == kKeySize + crypto_box_SEALBYTES);
constexpr std::string_view kWrapDomain = "handlewatch wrap 2";

const unsigned char* in(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }
unsigned char* out(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

std::string random_bytes(std::size_t size) {
  std::string bytes(size, '\0');
  randombytes_buf(bytes.data(), size);
  return bytes;
}

void append_number(std::string& into, std::int64_t value) {
  for (int shift = 0; shift < 64; shift += 8)
    into += static_cast<char>((static_cast<std::uint64_t>(value) >> shift) & 0xFFU);
}

std::string associated_data(const RecordName& name) {
  std::string data(1, kVersion);
  data += name.store_id;
  data += static_cast<char>(name.key_class);
  data += static_cast<char>(name.kind);
  append_number(data, name.owner);
  append_number(data, name.revision);
  return data;
}

std::string padded(std::string_view plaintext) {
  std::string bytes(plaintext);
  bytes.resize((plaintext.size() / kBlock + 1) * kBlock);
  std::size_t length = 0;
  const int done = sodium_pad(&length, out(bytes), plaintext.size(), kBlock, bytes.size());
  assert(done == 0 && length == bytes.size());
  static_cast<void>(done);
  return bytes;
}

// What both sides of an agreement come to; empty where the public key is of low order and would agree with everybody.
std::string agree(std::string_view secret, std::string_view theirs, std::string_view ephemeral,
                  std::string_view recipient) {
  std::string shared(crypto_scalarmult_BYTES, '\0');
  if (crypto_scalarmult(out(shared), in(secret), in(theirs)) != 0) return {};
  std::string agreed(kKeySize, '\0');
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, kKeySize);
  for (const std::string_view part : {kWrapDomain, std::string_view(shared), ephemeral, recipient})
    crypto_generichash_update(&state, in(part), part.size());
  crypto_generichash_final(&state, out(agreed), agreed.size());
  sodium_memzero(&state, sizeof state);
  wipe(shared);
  return agreed;
}

bool decrypt(std::string& into, std::string_view sealed, std::string_view data, std::string_view nonce,
             std::string_view key) {
  into.resize(sealed.size() - kTagSize);
  return crypto_aead_xchacha20poly1305_ietf_decrypt(out(into), nullptr, nullptr, in(sealed), sealed.size(), in(data),
                                                    data.size(), in(nonce), in(key)) == 0;
}

tl::unexpected<Error> tampered() {
  return fail(ErrorCode::tampered,
              "a sealed record is not what was sealed: it was changed, moved or put back; restore a backup");
}

}  // namespace

std::string_view to_string(KeyClass key_class) { return key_class == KeyClass::review ? "review" : "safeguarding"; }

std::string PublicKey::id() const {
  std::string id(crypto_generichash_BYTES_MIN, '\0');
  crypto_generichash(out(id), id.size(), in(bytes), bytes.size(), nullptr, 0);
  id.resize(8);
  return id;
}

std::string random_secret() { return random_bytes(crypto_box_SECRETKEYBYTES); }

void wipe(std::string& secret) {
  sodium_memzero(secret.data(), secret.size());
  secret.clear();
}

RecordKey::~RecordKey() { wipe(bytes_); }

// A recipient and what was agreed with it.
struct Agreement {
  PublicKey recipient;
  std::string id;
  std::string agreed;
};

struct Sealer::Impl {
  std::string ephemeral;  // public
  std::vector<Agreement> agreements;

  Impl() = default;
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    for (Agreement& agreement : agreements) wipe(agreement.agreed);
  }
};

Sealer::Sealer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Sealer::Sealer(Sealer&&) noexcept = default;
Sealer& Sealer::operator=(Sealer&&) noexcept = default;
Sealer::~Sealer() = default;

Result<Sealer> Sealer::create(std::vector<PublicKey> recipients) {
  if (sodium_init() < 0) return fail(ErrorCode::io, "libsodium finds no source of randomness on this machine");
  for (const KeyClass needed : {KeyClass::review, KeyClass::safeguarding}) {
    const auto of_class = [&](const PublicKey& key) { return key.key_class == needed; };
    if (std::none_of(recipients.begin(), recipients.end(), of_class))
      return fail(ErrorCode::no_key, "no public key of the class " + std::string(to_string(needed)));
  }
  auto impl = std::make_unique<Impl>();
  std::string secret = random_secret();
  impl->ephemeral.resize(kEphemeralSize);
  crypto_scalarmult_base(out(impl->ephemeral), in(secret));
  Status done;
  for (PublicKey& key : recipients) {
    std::string agreed;
    if (key.bytes.size() == crypto_box_PUBLICKEYBYTES) agreed = agree(secret, key.bytes, impl->ephemeral, key.bytes);
    if (agreed.empty()) done = fail(ErrorCode::malformed, "a public key must be 32 bytes of X25519");
    std::string id = key.id();
    impl->agreements.push_back({std::move(key), std::move(id), std::move(agreed)});
  }
  wipe(secret);
  if (!done) return tl::unexpected(done.error());
  return Sealer(std::move(impl));
}

// The record's nonce serves twice, under two keys: the record's own and the agreed one, under which no other record of
// this Sealer has the same.
std::vector<SealedKey> Sealer::wrap(const RecordName& name, std::string_view nonce, const RecordKey& key) const {
  const std::string data = associated_data(name);
  std::vector<SealedKey> keys;
  for (const Agreement& agreement : impl_->agreements) {
    if (agreement.recipient.key_class != name.key_class) continue;
    std::string wrapped(kKeySize + kTagSize, '\0');
    crypto_aead_xchacha20poly1305_ietf_encrypt(out(wrapped), nullptr, in(key.bytes()), kKeySize, in(data), data.size(),
                                               nullptr, in(nonce), in(agreement.agreed));
    keys.push_back({agreement.id, impl_->ephemeral + wrapped});
  }
  return keys;
}

SealedRecord Sealer::seal(const RecordName& name, std::string_view plaintext) const {
  SealedRecord record;
  const RecordKey key(random_bytes(kKeySize));
  std::string message = padded(plaintext);
  const std::string data = associated_data(name);
  record.nonce = random_bytes(kNonceSize);
  record.body.resize(message.size() + kTagSize);
  crypto_aead_xchacha20poly1305_ietf_encrypt(out(record.body), nullptr, in(message), message.size(), in(data),
                                             data.size(), nullptr, in(record.nonce), in(key.bytes()));
  record.keys = wrap(name, record.nonce, key);
  wipe(message);
  return record;
}

struct Opener::Impl {
  std::string secret;
  PublicKey public_key;

  Impl() = default;
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() { wipe(secret); }
};

Opener::Opener(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Opener::Opener(Opener&&) noexcept = default;
Opener& Opener::operator=(Opener&&) noexcept = default;
Opener::~Opener() = default;

Result<Opener> Opener::create(KeyClass key_class, std::string_view secret) {
  if (sodium_init() < 0) return fail(ErrorCode::io, "libsodium finds no source of randomness on this machine");
  if (secret.size() != crypto_box_SECRETKEYBYTES) return fail(ErrorCode::malformed, "a private key must have 32 bytes");
  auto impl = std::make_unique<Impl>();
  impl->secret = secret;
  impl->public_key.key_class = key_class;
  impl->public_key.bytes.resize(crypto_box_PUBLICKEYBYTES);
  crypto_scalarmult_base(out(impl->public_key.bytes), in(impl->secret));
  return Opener(std::move(impl));
}

Result<RecordKey> Opener::record_key(const RecordName& name, const SealedRecord& record) const {
  const std::string id = impl_->public_key.id();
  const auto mine =
      std::find_if(record.keys.begin(), record.keys.end(), [&](const SealedKey& k) { return k.key_id == id; });
  if (name.key_class != key_class() || mine == record.keys.end())
    return fail(ErrorCode::no_key,
                "this record is not sealed to the " + std::string(to_string(key_class())) + " key in use");
  if (mine->box.size() != kBoxSize || record.nonce.size() != kNonceSize) return tampered();
  const std::string_view ephemeral = std::string_view(mine->box).substr(0, kEphemeralSize);
  std::string agreed = agree(impl_->secret, ephemeral, ephemeral, impl_->public_key.bytes);
  std::string key;
  bool opened = !agreed.empty() && decrypt(key, std::string_view(mine->box).substr(kEphemeralSize),
                                           associated_data(name), record.nonce, agreed);
  wipe(agreed);
  if (!opened) {  // of an earlier version
    key.resize(kKeySize);
    opened =
        crypto_box_seal_open(out(key), in(mine->box), kBoxSize, in(impl_->public_key.bytes), in(impl_->secret)) == 0;
  }
  if (!opened) return tampered();
  return RecordKey(std::move(key));
}

Result<std::string> Opener::open(const RecordName& name, const SealedRecord& record) const {
  const auto key = record_key(name, record);
  if (!key) return tl::unexpected(key.error());
  if (record.body.size() < kTagSize) return tampered();
  std::string message;
  const bool opened = decrypt(message, record.body, associated_data(name), record.nonce, key->bytes());
  std::size_t length = 0;
  if (!opened || message.empty() || sodium_unpad(&length, in(message), message.size(), kBlock) != 0) return tampered();
  message.resize(length);
  return message;
}

KeyClass Opener::key_class() const { return impl_->public_key.key_class; }
const PublicKey& Opener::public_key() const { return impl_->public_key; }

}  // namespace hw::db
