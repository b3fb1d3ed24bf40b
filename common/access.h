// What a site's API asks of those who read it: an adapter names it, app/ looks up the secrets, and the crawler alone
// shows them to the site. Plain data; nothing here holds a secret but Secrets.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "common/time.h"

namespace hw {

// By the names that the source's `credentials` give them ("client_id"). In memory only: never written, logged or told.
using Secrets = std::map<std::string, std::string, std::less<>>;

// How a token is had for credentials: one POST to one endpoint, and again before the token ends.
struct TokenExchange {
  enum class Body { form, json };
  struct Field {
    std::string name;
    std::string value;       // as it stands …
    std::string credential;  // … or, where this is not empty, the secret of that name
  };
  std::string endpoint;  // empty: there is no exchange
  Body body = Body::form;
  std::vector<Field> fields;
  std::string basic_user;                    // the credentials that HTTP Basic shows to the endpoint; empty: none
  std::string basic_password;                //
  std::string token_key = "access_token";    // where the answer holds the token …
  std::string lifetime_key = "expires_in";   // … and its lifetime in seconds
  Duration lifetime{std::chrono::hours(1)};  // where the answer does not say
};

struct Access {
  enum class Show {
    nothing,
    bearer,     // "Authorization: Bearer …"
    parameter,  // in the query, added as the request is sent: the frontier, logs and errors have the address without
  };
  // The origin that every request of the source goes to ("https://api.example"), and the only one that is shown a
  // token. Empty: that of the source's url.
  std::string site = {};
  Show show = Show::nothing;
  std::string credential = {};  // which secret is shown; with an exchange, the token is shown instead
  std::string parameter = {};   // its name in the query
  TokenExchange exchange = {};
  std::vector<std::string> needs = {};  // the credentials that the source must name

  // Who was given credentials follows the API's terms; everybody else obeys robots.txt.
  bool by_own_terms() const { return show != Show::nothing; }
};

}  // namespace hw
