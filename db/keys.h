// The keys of a data folder, in its keys/ (0700, every file 0600):
//
//   token.key         32 random bytes: whoever holds it can test guesses against the tokens, and no more
//   host.key          signs what nobody in particular does, and checkpoints; opens nothing, so it needs no passphrase
//   people/NAME.key   a person's private keys, sealed by a passphrase (Argon2id); where that was chosen, without one.
//                     Its head says which
//
// A collector has the first two alone: to whom it seals stands in its store. A private key that others can read is
// refused. Stores of the first version have review.pub, safeguarding.pub and private keys of those classes beside them;
// they are read until a person is enrolled, and never written.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.h"
#include "db/person.h"
#include "db/seal.h"
#include "db/token.h"

namespace hw::db {

// Asks a person (or a file that a person named) for the passphrase of `whose` key: "alice", "the review key". The
// answer is wiped after use.
using AskPassphrase = std::function<Result<std::string>(std::string_view whose)>;

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

// Makes keys/ with a token key and a host's key, or leaves no keys/ behind. A folder that has keys keeps them.
// `token_key` is 32 bytes; empty: a fresh one.
Status create_keys(const std::filesystem::path& folder, std::string_view token_key = {});

Result<TokenKey> load_token_key(const std::filesystem::path& folder);
// The bytes, for a collector that is to find the same things equal. Wipe them.
Result<std::string> token_key_bytes(const std::filesystem::path& folder);
// Made where a store of the first version has none.
Result<Person> load_host(const std::filesystem::path& folder);

// Makes keys/ alone, for a person's key on a machine without a store.
Status make_keys_folder(const std::filesystem::path& folder);
// Writes the person's key file; takes the place of an earlier one of theirs.
Status save_person(const std::filesystem::path& folder, const Person& person, const KeyProtection& protection);
// A key that is to take the other's place: beside it first, then (adopt) in its place, the old one overwritten.
Status save_next(const std::filesystem::path& folder, const Person& person, const KeyProtection& protection);
Status adopt_next(const std::filesystem::path& folder, std::string_view name);
// Without roles: the store says them (db/people.h). no_key: the file is not here, or the passphrase is wrong. `ask` is
// called only for a protected key.
Result<Person> load_person(const std::filesystem::path& folder, std::string_view name, const AskPassphrase& ask);
// The same from any file: a recovery key, say.
Result<Person> load_person_file(const std::filesystem::path& file, const AskPassphrase& ask);
// Whose private keys are here, sorted.
std::vector<std::string> people_here(const std::filesystem::path& folder);
// Whether the person's key is here and opens without a passphrase.
bool unprotected(const std::filesystem::path& folder, std::string_view name);
// Overwrites and removes the person's key file.
Status forget_person(const std::filesystem::path& folder, std::string_view name);

// Of a store of the first version; none elsewhere.
Result<std::vector<PublicKey>> load_class_keys(const std::filesystem::path& folder);
Result<Opener> load_class_opener(const std::filesystem::path& folder, KeyClass key_class, const AskPassphrase& ask);

}  // namespace hw::db
