// The text of key files, apart from where they lie. Internal to db/.
//
// A private key:                                    A file of public keys:
//   handlewatch private key 1                         # comment
//   person alice                                      review 5f…c1
//   protection none | argon2id OPS BYTES SALT
//   nonce …                (only where protected)
//   secret …               (sealed where protected; the lines above are associated data)
//
// The second line says whose it is: "person NAME", "host NAME", or "class NAME" in files of the first version.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"
#include "db/keys.h"
#include "db/seal.h"

namespace hw::db {

std::string write_public_keys(KeyClass key_class, const std::vector<PublicKey>& keys);
Result<std::vector<PublicKey>> read_public_keys(KeyClass key_class, std::string_view text);

std::string write_open_key(std::string_view whose, std::string_view secret);
Result<std::string> write_protected_key(std::string_view whose, std::string_view secret, std::string_view passphrase,
                                        Hardness hardness);

bool is_protected(std::string_view text);
// The second line: whose key the file says it is.
std::string owner_of(std::string_view text);
// The secret; wipe it. `passphrase` is ignored for an unprotected key. no_key: it does not open the key.
Result<std::string> read_secret(std::string_view whose, std::string_view text, std::string_view passphrase);

}  // namespace hw::db
