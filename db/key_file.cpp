#include "db/key_file.h"

#include <charconv>
#include <map>

#include <fmt/format.h>
#include <sodium.h>

#include "common/text.h"
#include "db/hex.h"

namespace hw::db {
namespace {

constexpr std::string_view kMagic = "handlewatch private key 1";
constexpr std::uint64_t kMostWork = 64;
constexpr std::size_t kMostMemory = std::size_t{4} << 30U;  // a hostile file must not ask for all memory there is

const unsigned char* in(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }
unsigned char* out(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

struct Work {
  std::uint64_t operations = 0;
  std::size_t memory = 0;
  std::string salt;
};

Work work_for(Hardness hardness) {
  Work work;
  const bool moderate = hardness == Hardness::moderate;
  work.operations = moderate ? crypto_pwhash_OPSLIMIT_MODERATE : crypto_pwhash_OPSLIMIT_INTERACTIVE;
  work.memory = moderate ? crypto_pwhash_MEMLIMIT_MODERATE : crypto_pwhash_MEMLIMIT_INTERACTIVE;
  work.salt.resize(crypto_pwhash_SALTBYTES);
  randombytes_buf(work.salt.data(), work.salt.size());
  return work;
}

Result<std::string> stretch(std::string_view passphrase, const Work& work) {
  std::string key(crypto_aead_xchacha20poly1305_ietf_KEYBYTES, '\0');
  if (crypto_pwhash(out(key), key.size(), passphrase.data(), passphrase.size(), in(work.salt), work.operations,
                    work.memory, crypto_pwhash_ALG_ARGON2ID13) != 0)
    return fail(ErrorCode::io,
                fmt::format("not enough memory to check a passphrase, it takes {} MiB", work.memory >> 20U));
  return key;
}

template <class Number>
bool read_number(std::string_view text, Number& into) {
  return std::from_chars(text.data(), text.data() + text.size(), into).ptr == text.data() + text.size();
}

tl::unexpected<Error> not_a_key() {
  return fail(ErrorCode::malformed,
              "it is not the handlewatch private key that belongs here; put back the file that was made");
}

// "name rest of the line" → fields, comments left out.
std::map<std::string, std::string, std::less<>> fields_of(std::string_view text) {
  std::map<std::string, std::string, std::less<>> fields;
  for (const std::string_view line : split(text, '\n')) {
    const auto space = line.find(' ');
    if (line.starts_with('#') || space == std::string_view::npos) continue;
    fields.emplace(line.substr(0, space), trim(line.substr(space)));
  }
  return fields;
}

std::optional<Work> work_of(std::string_view protection) {
  const auto words = split(protection, ' ');
  Work work;
  if (words.size() != 4 || words[0] != "argon2id" || !read_number(words[1], work.operations) ||
      !read_number(words[2], work.memory))
    return std::nullopt;
  const auto salt = from_hex(words[3]);
  if (!salt || salt->size() != crypto_pwhash_SALTBYTES || work.operations > kMostWork || work.memory > kMostMemory)
    return std::nullopt;
  work.salt = *salt;
  return work;
}

std::string head_of(std::string_view whose, std::string_view protection) {
  return fmt::format("{}\n{}\nprotection {}\n", kMagic, whose, protection);
}

}  // namespace

std::optional<std::string> from_hex(std::string_view hex) {
  std::string bytes(hex.size() / 2, '\0');
  std::size_t length = 0;
  if (hex.size() % 2 != 0 ||
      sodium_hex2bin(out(bytes), bytes.size(), hex.data(), hex.size(), nullptr, &length, nullptr) != 0 ||
      length != bytes.size())
    return std::nullopt;
  return bytes;
}

std::string write_public_keys(KeyClass key_class, const std::vector<PublicKey>& keys) {
  std::string text = fmt::format(
      "# Recipients of the class {}: who holds such a key can write to it and not read it.\n", to_string(key_class));
  for (const PublicKey& key : keys) text += fmt::format("{} {}\n", to_string(key_class), to_hex(key.bytes));
  return text;
}

Result<std::vector<PublicKey>> read_public_keys(KeyClass key_class, std::string_view text) {
  std::vector<PublicKey> keys;
  for (const std::string_view line : split(text, '\n')) {
    if (trim(line).empty() || line.starts_with('#')) continue;
    const auto words = split(trim(line), ' ');
    const auto bytes = words.size() == 2 ? from_hex(words[1]) : std::nullopt;
    if (!bytes || bytes->size() != crypto_box_PUBLICKEYBYTES || words[0] != to_string(key_class))
      return fail(ErrorCode::malformed,
                  fmt::format("expected lines such as \"{} 5f…\" with 64 hex digits", to_string(key_class)));
    keys.push_back({key_class, *bytes});
  }
  return keys;
}

std::string write_open_key(std::string_view whose, std::string_view secret) {
  return head_of(whose, "none") + "# Not protected: whoever can read this file can do what its owner can.\nsecret " +
         to_hex(secret) + "\n";
}

Result<std::string> write_protected_key(std::string_view whose, std::string_view secret, std::string_view passphrase,
                                        Hardness hardness) {
  const Work work = work_for(hardness);
  auto key = stretch(passphrase, work);
  if (!key) return key;
  const std::string head =
      head_of(whose, fmt::format("argon2id {} {} {}", work.operations, work.memory, to_hex(work.salt)));
  std::string nonce(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, '\0');
  randombytes_buf(nonce.data(), nonce.size());
  std::string sealed(secret.size() + crypto_aead_xchacha20poly1305_ietf_ABYTES, '\0');
  crypto_aead_xchacha20poly1305_ietf_encrypt(out(sealed), nullptr, in(secret), secret.size(), in(head), head.size(),
                                             nullptr, in(nonce), in(*key));
  wipe(*key);
  return fmt::format("{}nonce {}\nsecret {}\n", head, to_hex(nonce), to_hex(sealed));
}

bool is_protected(std::string_view text) {
  const auto fields = fields_of(text);
  const auto protection = fields.find("protection");
  return protection == fields.end() || protection->second != "none";
}

std::string owner_of(std::string_view text) {
  const auto lines = split(text, '\n');
  return lines.size() < 2 || lines[0] != kMagic ? std::string() : std::string(lines[1]);
}

Result<std::string> read_secret(std::string_view whose, std::string_view text, std::string_view passphrase) {
  const auto fields = fields_of(text);
  const auto field = [&](std::string_view name) {
    const auto found = fields.find(name);
    return found == fields.end() ? std::string_view{} : std::string_view(found->second);
  };
  const std::string head = head_of(whose, field("protection"));
  auto secret = from_hex(field("secret"));
  if (!text.starts_with(head) || !secret) return not_a_key();
  if (field("protection") == "none") return *secret;
  const auto work = work_of(field("protection"));
  const auto nonce = from_hex(field("nonce"));
  constexpr std::size_t kTag = crypto_aead_xchacha20poly1305_ietf_ABYTES;
  if (!work || !nonce || nonce->size() != crypto_aead_xchacha20poly1305_ietf_NPUBBYTES || secret->size() < kTag)
    return not_a_key();
  auto key = stretch(passphrase, *work);
  if (!key) return tl::unexpected(key.error());
  std::string plain(secret->size() - kTag, '\0');
  const int opened = crypto_aead_xchacha20poly1305_ietf_decrypt(
      out(plain), nullptr, nullptr, in(*secret), secret->size(), in(head), head.size(), in(*nonce), in(*key));
  wipe(*key);
  if (opened != 0) return fail(ErrorCode::no_key, "the passphrase does not open it, or the file was changed");
  return plain;
}

}  // namespace hw::db
