// The keys of a data folder, in its keys/ (0700):
//
//   token.key            32 random bytes, 0600: whoever holds it can test guesses against the tokens, and no more
//   review.pub           public keys, one a line: whoever holds one can write to the class and not read it
//   safeguarding.pub
//   review.key           a private key, 0600, sealed by a passphrase (Argon2id); where that was chosen, without one.
//   safeguarding.key     Its head says which
//
// A collector needs token.key and the public keys alone. A private key that others can read is refused.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "common/error.h"
#include "db/seal.h"
#include "db/token.h"

namespace hw::db {

// Asks a person (or a file that a person named) for the passphrase of a class's private key. The answer is wiped after
// use.
using AskPassphrase = std::function<Result<std::string>(KeyClass)>;

// How much work a guess at the passphrase costs. Stored beside the key, so that later versions may raise it.
enum class Hardness {
  interactive,  // 64 MiB, about 0.1 s
  moderate,     // 256 MiB, about 0.7 s
};

// How new private keys are kept.
struct KeyProtection {
  AskPassphrase passphrase;  // empty: the keys are not protected at all, for tests and demos
  Hardness hardness = Hardness::moderate;
};

// Makes keys/ and everything in it, or leaves no keys/ behind. A folder that has complete keys keeps them.
Status create_keys(const std::filesystem::path& folder, const KeyProtection& protection);

Result<std::vector<PublicKey>> load_public_keys(const std::filesystem::path& folder);
Result<TokenKey> load_token_key(const std::filesystem::path& folder);
// no_key: the file is not here, or the passphrase is wrong. `ask` is called only for a protected key.
Result<Opener> load_private_key(const std::filesystem::path& folder, KeyClass key_class, const AskPassphrase& ask);
// Whether the class's private key is here and opens without a passphrase.
bool unprotected(const std::filesystem::path& folder, KeyClass key_class);

}  // namespace hw::db
