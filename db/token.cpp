#include "db/token.h"

#include <cctype>

#include <sodium.h>
#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>

#include "common/text.h"
#include "db/seal.h"

namespace hw::db {
namespace {

constexpr std::size_t kKeySize = 32;
constexpr std::size_t kTokenSize = 16;
constexpr std::size_t kShortestSpelling = 6;  // shorter names meet by chance

class Hasher {
 public:
  explicit Hasher(std::string_view key) {
    crypto_generichash_init(&state_, reinterpret_cast<const unsigned char*>(key.data()), key.size(), kTokenSize);
  }

  void add(std::string_view field) {
    unsigned char length[8];
    for (int i = 0; i < 8; ++i) length[i] = static_cast<unsigned char>((field.size() >> (8 * i)) & 0xFFU);
    crypto_generichash_update(&state_, length, sizeof length);
    crypto_generichash_update(&state_, reinterpret_cast<const unsigned char*>(field.data()), field.size());
  }

  Token finish() {
    Token token(kTokenSize, '\0');
    crypto_generichash_final(&state_, reinterpret_cast<unsigned char*>(token.data()), token.size());
    sodium_memzero(&state_, sizeof state_);
    return token;
  }

 private:
  crypto_generichash_state state_;
};

void add_content(Hasher& hasher, const Post& post) {
  for (const std::string_view field :
       {std::string_view(post.author), std::string_view(post.author_id), std::string_view(post.author_display),
        std::string_view(post.author_bio), std::string_view(post.title), std::string_view(post.text)})
    hasher.add(field);
  hasher.add(std::to_string(post.tags.size()));
  for (const std::string& tag : post.tags) hasher.add(tag);
  hasher.add(std::to_string(post.links.size()));
  for (const Link& link : post.links) {
    hasher.add(link.url);
    hasher.add(link.text);
  }
  hasher.add(std::to_string(post.quotes.size()));
  for (const std::string& quote : post.quotes) hasher.add(quote);
}

// Accounts are compared without the "@" that some sources put in front.
std::string account_name(std::string_view name) {
  std::string folded = fold_name(name);
  if (folded.starts_with('@')) folded.erase(0, 1);
  return folded;
}

}  // namespace

struct TokenKey::Impl {
  std::string key;
  Impl() = default;
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() { wipe(key); }
};

TokenKey::TokenKey(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TokenKey::TokenKey(TokenKey&&) noexcept = default;
TokenKey& TokenKey::operator=(TokenKey&&) noexcept = default;
TokenKey::~TokenKey() = default;

Result<TokenKey> TokenKey::create(std::string_view key) {
  if (sodium_init() < 0) return fail(ErrorCode::io, "libsodium finds no source of randomness on this machine");
  if (key.size() != kKeySize) return fail(ErrorCode::malformed, "the token key must have 32 bytes");
  auto impl = std::make_unique<Impl>();
  impl->key = key;
  return TokenKey(std::move(impl));
}

Token TokenKey::token(std::string_view domain, std::initializer_list<std::string_view> fields) const {
  Hasher hasher(impl_->key);
  hasher.add(domain);
  for (const std::string_view field : fields) hasher.add(field);
  return hasher.finish();
}

Token TokenKey::check() const { return token("check", {}); }

Token TokenKey::handle(std::string_view messenger, std::string_view canonical) const {
  return token("handle", {to_lower(messenger), canonical});
}

Token TokenKey::post(std::string_view platform, std::string_view id) const {
  return token("post", {to_lower(platform), id});
}

Token TokenKey::event(std::string_view platform, std::string_view event_id) const {
  return token("event", {to_lower(platform), event_id});
}

Token TokenKey::content(const Post& post) const {
  Hasher hasher(impl_->key);
  hasher.add("content");
  add_content(hasher, post);
  return hasher.finish();
}

Token TokenKey::fingerprint(const Post& post, std::string_view rules_hash) const {
  Hasher hasher(impl_->key);
  hasher.add("fingerprint");
  hasher.add(to_lower(post.platform));
  hasher.add(post.id);
  hasher.add(rules_hash);
  add_content(hasher, post);
  return hasher.finish();
}

Token TokenKey::verdict(std::string_view verdict_json, std::string_view rules_hash) const {
  return token("verdict", {verdict_json, rules_hash});
}

Token TokenKey::version(const Token& content, const Token& verdict) const {
  return token("version", {content, verdict});
}

Token TokenKey::do_not_raise(const Token& post, const Token& content) const {
  return token("do-not-raise", {post, content});
}

std::vector<Token> TokenKey::met(const AccountName& account) const {
  const std::string platform = to_lower(account.platform);
  const std::string name = account_name(account.name);
  std::vector<Token> tokens;
  if (!account.id.empty()) tokens.push_back(token("account-id", {platform, account.id}));
  if (!name.empty()) tokens.push_back(token("account-name", {platform, name}));
  if (account.id.empty() && !name.empty()) tokens.push_back(token("account-name-of-id", {platform, name}));
  return tokens;
}

std::vector<Token> TokenKey::decided(const AccountName& account) const {
  const std::string platform = to_lower(account.platform);
  const std::string name = account_name(account.name);
  std::vector<Token> tokens;
  if (!account.id.empty()) tokens.push_back(token("account-id", {platform, account.id}));
  if (!name.empty())
    tokens.push_back(token(account.id.empty() ? "account-name" : "account-name-of-id", {platform, name}));
  return tokens;
}

std::vector<Token> TokenKey::held_account(const AccountName& account) const {
  const std::string platform = to_lower(account.platform);
  const std::string name = account_name(account.name);
  std::vector<Token> tokens;
  if (!account.id.empty()) tokens.push_back(token("account-id", {platform, account.id}));
  if (!name.empty()) tokens.push_back(token("account-name", {platform, name}));
  return tokens;
}

Token TokenKey::on_platform(std::string_view platform, const Token& named) const {
  return token("on-platform", {to_lower(platform), named});
}

Token TokenKey::spelling(std::string_view canonical) const {
  std::string letters;
  for (const char c : fold_name(canonical))
    if (static_cast<unsigned char>(c) >= 0x80 || std::isalnum(static_cast<unsigned char>(c)) != 0) letters += c;
  return letters.size() < kShortestSpelling ? Token{} : token("spelling", {letters});
}

Token TokenKey::likeness(int band, std::uint64_t bits) const {
  return token("likeness", {std::to_string(band), std::to_string(bits)});
}

Token TokenKey::erased(const Token& gone) const { return token("erased", {gone}); }

Token TokenKey::trace(const Token& named) const { return token("trace", {named}); }
Token TokenKey::hold(const Token& held) const { return token("hold", {held}); }

std::string TokenKey::conceal(std::string_view bytes) const {
  unsigned char key[crypto_secretbox_KEYBYTES];
  crypto_kdf_derive_from_key(key, sizeof key, 1, "hwconcl", reinterpret_cast<const unsigned char*>(impl_->key.data()));
  std::string concealed(crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + bytes.size(), '\0');
  auto* at = reinterpret_cast<unsigned char*>(concealed.data());
  randombytes_buf(at, crypto_secretbox_NONCEBYTES);
  crypto_secretbox_easy(at + crypto_secretbox_NONCEBYTES, reinterpret_cast<const unsigned char*>(bytes.data()),
                        bytes.size(), at, key);
  sodium_memzero(key, sizeof key);
  return concealed;
}

Result<std::string> TokenKey::reveal(std::string_view concealed) const {
  constexpr std::size_t kOverhead = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES;
  if (concealed.size() < kOverhead) return fail(ErrorCode::tampered, "a concealed value is too short");
  unsigned char key[crypto_secretbox_KEYBYTES];
  crypto_kdf_derive_from_key(key, sizeof key, 1, "hwconcl", reinterpret_cast<const unsigned char*>(impl_->key.data()));
  std::string bytes(concealed.size() - kOverhead, '\0');
  const auto* at = reinterpret_cast<const unsigned char*>(concealed.data());
  const int opened =
      crypto_secretbox_open_easy(reinterpret_cast<unsigned char*>(bytes.data()), at + crypto_secretbox_NONCEBYTES,
                                 concealed.size() - crypto_secretbox_NONCEBYTES, at, key);
  sodium_memzero(key, sizeof key);
  if (opened != 0) return fail(ErrorCode::tampered, "a concealed value is not what was written");
  return bytes;
}

std::string fold_name(std::string_view name) {
  UErrorCode code = U_ZERO_ERROR;
  const icu::Normalizer2* folder = icu::Normalizer2::getNFKCCasefoldInstance(code);
  if (U_FAILURE(code)) return to_lower(trim(name));
  std::string folded;
  icu::StringByteSink<std::string> sink(&folded);
  folder->normalizeUTF8(0, icu::StringPiece(name.data(), static_cast<int32_t>(name.size())), sink, nullptr, code);
  if (U_FAILURE(code)) return to_lower(trim(name));
  return std::string(trim(folded));
}

}  // namespace hw::db
