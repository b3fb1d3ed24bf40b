// Keyed tokens: what stays in the clear so that equal things can be found again without being read.
//
// A token is BLAKE2b keyed with the store's token key over a domain name and the fields, each with its length in front,
// so no two meanings share a token. Without the key a token says nothing; with it one can test a guess and no more.
// Tokens are 16 bytes. A TokenKey is immutable and serves any thread.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/error.h"
#include "common/post.h"
#include "common/time.h"

namespace hw::db {

using Token = std::string;

// The names by which an account can be met. A platform's id is the identity; where a post shows none, the folded name
// is.
struct AccountName {
  std::string platform;
  std::string id;    // may be empty
  std::string name;  // may be empty; folded here, "@" in front ignored
};

class TokenKey {
 public:
  // `key` is 32 bytes.
  static Result<TokenKey> create(std::string_view key);
  TokenKey(TokenKey&&) noexcept;
  TokenKey& operator=(TokenKey&&) noexcept;
  ~TokenKey();

  Token check() const;  // the same for the same key: shows that a store and a key belong together
  Token handle(std::string_view messenger, std::string_view canonical) const;
  Token post(std::string_view platform, std::string_view id) const;
  Token event(std::string_view platform, std::string_view event_id) const;
  // What a post says and who said it, not where or when it was seen.
  Token content(const Post& post) const;
  // The same content under the same rules: nothing new to judge.
  Token fingerprint(const Post& post, std::string_view rules_hash) const;
  Token verdict(std::string_view verdict_json, std::string_view rules_hash) const;
  Token version(const Token& content, const Token& verdict) const;
  // A person rejected this very content of this post.
  Token do_not_raise(const Token& post, const Token& content) const;

  // An account as it is met in a post: {identity} or {identity, alias}. Empty when the post names nobody.
  //
  // A decision about an account (a ban) is filed under decided(); it concerns a met account when the two lists share a
  // token. Two different ids never match, however alike the names; where one side has no id, the name decides.
  std::vector<Token> met(const AccountName& account) const;
  std::vector<Token> decided(const AccountName& account) const;
  // Every token that a hold looks at: id and name each on its own, so that when in doubt it holds.
  std::vector<Token> held_account(const AccountName& account) const;

  // The same thing as one platform's decisions speak of it.
  Token on_platform(std::string_view platform, const Token& named) const;

  // That a post speaks of a handle, advertised or not, or is by an account: kept per hit so that a hold finds it.
  Token trace(const Token& named) const;
  // A handle's name without messenger, case, dots and underscores, which people keep when they change messengers. Empty
  // where too little of it is left to tell anything.
  Token spelling(std::string_view canonical) const;
  // One band of a text's SimHash.
  Token likeness(int band, std::uint64_t bits) const;
  // That something was erased, as the erasure journal has it.
  Token erased(const Token& token) const;

  // Tokens of held things live in a domain of their own: they match nothing in the review tables.
  Token hold(const Token& token) const;

  // A small secret that the writer needs again (when a ban was decided), readable with the token key alone.
  std::string conceal(std::string_view bytes) const;
  Result<std::string> reveal(std::string_view concealed) const;

 private:
  struct Impl;
  explicit TokenKey(std::unique_ptr<Impl> impl);
  Token token(std::string_view domain, std::initializer_list<std::string_view> fields) const;
  std::unique_ptr<Impl> impl_;
};

// Unicode NFKC case folding and trimming: how names are compared.
std::string fold_name(std::string_view name);

}  // namespace hw::db
