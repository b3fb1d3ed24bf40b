// What a source shows to its API: the adapter says what is asked for, the environment holds it.
#pragma once

#include <string>

#include "common/access.h"
#include "common/error.h"
#include "config/settings.h"
#include "crawler/fetcher.h"

namespace hw::app {

struct SourceAccess {
  Access access;
  Secrets secrets;
  crawler::Proxy proxy;
};

// Fails (configuration) where the kind does not read that address (a person's page), where a credential is not named,
// or where the environment variable that it names is not set. Never tells a secret.
Result<SourceAccess> access_of(const config::SourceSpec& source);

// What the address guard no longer sees where a source has a proxy, for people; empty where it has none.
std::string proxy_words(const config::SourceSpec& source);

// Posts of one network carry its name, whatever host they were read from: sets `platform` where the operator did not.
void name_networks(config::Settings& settings);

}  // namespace hw::app
