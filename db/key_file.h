// The text of key files, apart from where they lie. Internal to db/.
//
// A private key:                                    A file of public keys:
//   handlewatch private key 1                         # comment
//   class review                                      review 5f…c1
//   protection none | argon2id OPS BYTES SALT
//   nonce …                (only where protected)
//   secret …               (sealed where protected; the lines above are associated data)
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

std::string write_open_key(KeyClass key_class, std::string_view secret);
Result<std::string> write_protected_key(KeyClass key_class, std::string_view secret, std::string_view passphrase,
                                        Hardness hardness);

bool is_protected(std::string_view text);
// `passphrase` is ignored for an unprotected key. no_key: it does not open the key.
Result<Opener> read_private_key(KeyClass key_class, std::string_view text, std::string_view passphrase);

}  // namespace hw::db
