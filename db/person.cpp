#include "db/person.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <sodium.h>

#include "common/text.h"

namespace hw::db {
namespace {

constexpr std::array kRoles{Role::collector,    Role::reviewer, Role::exporter,
                            Role::safeguarding, Role::auditor,  Role::recovery};
constexpr std::size_t kSeedSize = crypto_sign_SEEDBYTES;
constexpr std::size_t kSecretSize = kSeedSize + crypto_box_SECRETKEYBYTES;
constexpr std::size_t kLongestName = 64;
constexpr std::size_t kIdSize = 8;

const unsigned char* in(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }
unsigned char* out(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

}  // namespace

std::string_view to_string(Role role) {
  switch (role) {
    case Role::collector:
      return "collector";
    case Role::reviewer:
      return "reviewer";
    case Role::exporter:
      return "exporter";
    case Role::safeguarding:
      return "safeguarding";
    case Role::auditor:
      return "auditor";
    case Role::recovery:
      return "recovery";
  }
  return "";
}

Roles::Roles(std::initializer_list<Role> roles) {
  for (const Role role : roles) bits_ = static_cast<std::uint8_t>(bits_ | static_cast<std::uint8_t>(role));
}

Roles Roles::everything() { return {Role::reviewer, Role::exporter, Role::safeguarding, Role::auditor}; }

Result<Roles> Roles::parse(std::string_view text) {
  Roles roles;
  for (const std::string_view word : split(text, ',')) {
    const auto role = std::find_if(kRoles.begin(), kRoles.end(), [&](Role r) { return to_string(r) == trim(word); });
    if (role == kRoles.end())
      return fail(ErrorCode::malformed, "roles are reviewer, exporter, safeguarding, auditor, collector and recovery");
    roles.bits_ = static_cast<std::uint8_t>(roles.bits_ | static_cast<std::uint8_t>(*role));
  }
  return roles;
}

std::string Roles::text() const {
  std::string text;
  for (const Role role : kRoles)
    if (has(role)) text += (text.empty() ? "" : ",") + std::string(to_string(role));
  return text;
}

bool Roles::reads(KeyClass key_class) const {
  if (has(Role::recovery)) return true;
  return key_class == KeyClass::review ? has(Role::reviewer) || has(Role::exporter) : has(Role::safeguarding);
}

std::string PublicPerson::id() const { return sign_key_id(sign_key); }

struct Person::Impl {
  std::string name;
  Roles roles;
  std::string seed;
  std::string box_secret;
  std::string sign_secret;  // seed and public key, as libsodium wants it
  std::string sign_key;
  std::string box_key;

  Impl() = default;
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    wipe(seed);
    wipe(box_secret);
    wipe(sign_secret);
  }
};

Person::Person(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Person::Person(Person&&) noexcept = default;
Person& Person::operator=(Person&&) noexcept = default;
Person::~Person() = default;

Result<Person> Person::make(std::string_view name, Roles roles) {
  if (sodium_init() < 0) return fail(ErrorCode::io, "libsodium finds no source of randomness on this machine");
  auto checked = person_name(name);
  if (!checked) return tl::unexpected(checked.error());
  std::string secret(kSecretSize, '\0');
  randombytes_buf(secret.data(), secret.size());
  auto person = restore(*checked, roles, secret);
  wipe(secret);
  return person;
}

Result<Person> Person::restore(std::string_view name, Roles roles, std::string_view secret) {
  if (sodium_init() < 0) return fail(ErrorCode::io, "libsodium finds no source of randomness on this machine");
  if (secret.size() != kSecretSize) return fail(ErrorCode::malformed, "a person's key must have 64 bytes");
  auto impl = std::make_unique<Impl>();
  impl->name = name;
  impl->roles = roles;
  impl->seed = secret.substr(0, kSeedSize);
  impl->box_secret = secret.substr(kSeedSize);
  impl->sign_secret.resize(crypto_sign_SECRETKEYBYTES);
  impl->sign_key.resize(crypto_sign_PUBLICKEYBYTES);
  crypto_sign_seed_keypair(out(impl->sign_key), out(impl->sign_secret), in(impl->seed));
  impl->box_key.resize(crypto_box_PUBLICKEYBYTES);
  crypto_scalarmult_base(out(impl->box_key), in(impl->box_secret));
  return Person(std::move(impl));
}

const std::string& Person::name() const { return impl_->name; }
const Roles& Person::roles() const { return impl_->roles; }
PublicPerson Person::face() const { return {impl_->name, impl_->roles, impl_->sign_key, impl_->box_key}; }

std::string Person::sign(std::string_view message) const {
  std::string signature(crypto_sign_BYTES, '\0');
  crypto_sign_detached(out(signature), nullptr, in(message), message.size(), in(impl_->sign_secret));
  return signature;
}

Result<Opener> Person::opener(KeyClass key_class) const {
  if (!impl_->roles.reads(key_class))
    return fail(ErrorCode::no_key, fmt::format("the roles of {} ({}) do not read the class {}", name(), roles().text(),
                                               to_string(key_class)));
  return Opener::create(key_class, impl_->box_secret);
}

std::string Person::secret() const { return impl_->seed + impl_->box_secret; }

Person Person::with_roles(Roles roles) const {
  auto impl = std::make_unique<Impl>();
  impl->name = impl_->name;
  impl->roles = roles;
  impl->seed = impl_->seed;
  impl->box_secret = impl_->box_secret;
  impl->sign_secret = impl_->sign_secret;
  impl->sign_key = impl_->sign_key;
  impl->box_key = impl_->box_key;
  return Person(std::move(impl));
}

Result<Person> Person::with_fresh_box() const {
  std::string fresh = random_secret();
  std::string secret = impl_->seed + fresh;
  wipe(fresh);
  auto person = restore(name(), roles(), secret);
  wipe(secret);
  return person;
}

Result<std::string> person_name(std::string_view name) {
  std::string lower = to_lower(trim(name));
  const bool plain = lower.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_.") == std::string::npos;
  if (lower.empty() || lower.size() > kLongestName || !plain || lower.front() == '.' || lower.front() == '-')
    return fail(ErrorCode::usage, "a person's name has up to 64 letters (a to z), digits, '-', '_' and '.'");
  return lower;
}

Result<std::string> newcomer_name(std::string_view name) {
  auto checked = person_name(name);
  if (checked && *checked == "host")
    return fail(ErrorCode::usage, "\"host\" is this machine's own key, which no person has; choose another name");
  return checked;
}

bool signed_by(std::string_view sign_key, std::string_view message, std::string_view signature) {
  return sign_key.size() == crypto_sign_PUBLICKEYBYTES && signature.size() == crypto_sign_BYTES &&
         crypto_sign_verify_detached(in(signature), in(message), message.size(), in(sign_key)) == 0;
}

std::string sign_key_id(std::string_view sign_key) {
  std::string id(crypto_generichash_BYTES_MIN, '\0');
  crypto_generichash(out(id), id.size(), in(sign_key), sign_key.size(), nullptr, 0);
  return to_hex(id.substr(0, kIdSize));
}

}  // namespace hw::db
