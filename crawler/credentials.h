// What a source shows to its API: a secret of its own, or a token that was had for it. Kept in memory only.
//
// A token is shown to the origin that its Access names and to no other, and never after a redirect; the caller sends
// what show() gives. The exchange is the crawler's only POST and goes to the endpoint that the adapter declares. One
// thread.
#pragma once

#include <map>
#include <string>

#include "common/access.h"
#include "common/error.h"
#include "common/url.h"
#include "crawler/fetcher.h"

namespace hw::crawler {

inline constexpr Duration kRenewBefore{std::chrono::minutes(2)};  // a token that ends sooner is had anew

class Credentials {
 public:
  // Whether a token must be had before a request can be sent.
  bool lacks_token(const Access& access, const Secrets& secrets, Time now) const;
  // The request that asks for one.
  static FetchRequest exchange(const Access& access, const Secrets& secrets);
  // Its answer. Fails (refused) when it holds no usable token; the message names neither secret nor address.
  Status accept(const Access& access, const Secrets& secrets, const Document& answer, Time now);
  // The API said 401: the token is no good, whatever its lifetime.
  void forget(const Access& access, const Secrets& secrets);
  // True when there was one to forget.
  bool holds_token(const Access& access, const Secrets& secrets) const;

  // Adds to `request` what `target` may be shown; nothing where it is not on the access's own site.
  void show(const Access& access, const Secrets& secrets, const Url& target, FetchRequest& request) const;

 private:
  struct Token {
    std::string text;
    Time ends;
  };
  static std::string key_of(const Access& access, const Secrets& secrets);

  std::map<std::string, Token> tokens_;  // by endpoint and credentials: sources that share those share the token
};

}  // namespace hw::crawler
