#include "db/keys.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "db/key_file.h"
#include "tests/db/helpers.h"

using namespace hw;
using namespace hw::test;
using namespace hw::db;

namespace {

unsigned mode_of(const std::filesystem::path& file) {
  struct stat status{};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  return status.st_mode & 0777U;
}

KeyProtection protection(std::string passphrase) {
  return {[passphrase](KeyClass) -> Result<std::string> { return passphrase; }, Hardness::interactive};
}

}  // namespace

TEST_CASE("keys are made once, readable by their owner alone") {
  const TemporaryFolder folder;
  REQUIRE_OK(create_keys(folder.path(), {}));
  CHECK(mode_of(folder / "keys") == 0700);
  for (const char* file :
       {"keys/token.key", "keys/review.key", "keys/safeguarding.key", "keys/review.pub", "keys/safeguarding.pub"})
    CHECK(mode_of(folder / file) == 0600);
  CHECK(read_file(folder / "keys/token.key").size() == 32);
  const std::string before = read_file(folder / "keys/review.key");
  REQUIRE_OK(create_keys(folder.path(), {}));
  CHECK(read_file(folder / "keys/review.key") == before);
  CHECK(load_public_keys(folder.path())->size() == 2);
}

TEST_CASE("a protected key opens with its passphrase alone") {
  const TemporaryFolder folder;
  REQUIRE_OK(create_keys(folder.path(), protection("correct horse")));
  CHECK_FALSE(unprotected(folder.path(), KeyClass::review));
  const std::string text = read_file(folder / "keys/review.key");
  CHECK(text.find("argon2id") != std::string::npos);
  const auto with = [&](std::string passphrase) {
    return load_private_key(folder.path(), KeyClass::review, protection(std::move(passphrase)).passphrase);
  };
  CHECK(with("correct horse").has_value());
  CHECK(with("wrong").error().code == ErrorCode::no_key);
  CHECK(with("").error().code == ErrorCode::no_key);
  CHECK(load_private_key(folder.path(), KeyClass::review, {}).error().code == ErrorCode::no_key);
}

TEST_CASE("the strongest protection opens again") {
  const std::string secret = random_secret();
  const auto text = write_protected_key(KeyClass::review, secret, "correct horse", Hardness::moderate);
  REQUIRE_OK(text);
  CHECK(read_private_key(KeyClass::review, *text, "correct horse").has_value());
  CHECK(text->find(to_hex(secret)) == std::string::npos);
}

TEST_CASE("an unprotected key says so") {
  const TemporaryFolder folder;
  REQUIRE_OK(create_keys(folder.path(), {}));
  CHECK(unprotected(folder.path(), KeyClass::review));
  CHECK(read_file(folder / "keys/review.key").find("Not protected") != std::string::npos);
  CHECK(load_private_key(folder.path(), KeyClass::review, {}).has_value());
}

TEST_CASE("an empty passphrase and a refusing person leave no keys behind") {
  const TemporaryFolder folder;
  CHECK(create_keys(folder.path(), protection("")).error().code == ErrorCode::usage);
  const KeyProtection refusing{[](KeyClass) -> Result<std::string> { return fail(ErrorCode::no_key, "no terminal"); },
                               Hardness::interactive};
  CHECK(create_keys(folder.path(), refusing).error().code == ErrorCode::no_key);
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("secret keys that others can read are refused") {
  const TemporaryFolder folder;
  REQUIRE_OK(create_keys(folder.path(), {}));
  for (const char* file : {"keys/token.key", "keys/review.key"}) REQUIRE(::chmod((folder / file).c_str(), 0640) == 0);
  CHECK(load_token_key(folder.path()).error().code == ErrorCode::denied);
  CHECK(load_private_key(folder.path(), KeyClass::review, {}).error().code == ErrorCode::denied);
}

TEST_CASE("missing and damaged key files are told apart and named") {
  const TemporaryFolder folder;
  CHECK(load_token_key(folder.path()).error().code == ErrorCode::no_key);
  REQUIRE_OK(create_keys(folder.path(), {}));
  write_file(folder / "keys/token.key", "short");
  CHECK(load_token_key(folder.path()).error().code == ErrorCode::malformed);
  write_file(folder / "keys/review.pub", "review zz\n");
  const auto broken = load_public_keys(folder.path());
  REQUIRE_FALSE(broken.has_value());
  CHECK(broken.error().message.find("review.pub") != std::string::npos);
}

TEST_CASE("a private key's file resists whatever is done to it") {
  const std::string secret = random_secret();
  const std::string open = write_open_key(KeyClass::review, secret);
  CHECK(read_private_key(KeyClass::safeguarding, open, "").error().code == ErrorCode::malformed);
  auto text = write_protected_key(KeyClass::review, secret, "correct horse", Hardness::interactive);
  REQUIRE_OK(text);
  CHECK(read_private_key(KeyClass::safeguarding, *text, "correct horse").error().code == ErrorCode::malformed);
  for (const std::string hostile : {"", "protection argon2id 99999999 99999999999 00\n",
                                    "protection argon2id 3 268435456 00\nsecret 00\nnonce 00\n"})
    CHECK(read_private_key(KeyClass::review, "handlewatch private key 1\nclass review\n" + hostile, "x").error().code ==
          ErrorCode::malformed);
  // Weaker work written over the file's: the head is associated data.
  std::string weaker = *text;
  const auto at = weaker.find("67108864");
  REQUIRE(at != std::string::npos);
  weaker.replace(at, 8, "33554432");
  CHECK(read_private_key(KeyClass::review, weaker, "correct horse").error().code == ErrorCode::no_key);
}

TEST_CASE("several recipients stand in one file, a line each") {
  const auto one = Opener::create(KeyClass::review, random_secret());
  const auto two = Opener::create(KeyClass::review, random_secret());
  const std::string text = write_public_keys(KeyClass::review, {one->public_key(), two->public_key()});
  const auto keys = read_public_keys(KeyClass::review, text);
  REQUIRE_OK(keys);
  CHECK(keys->size() == 2);
  CHECK((*keys)[1].bytes == two->public_key().bytes);
  CHECK_FALSE(read_public_keys(KeyClass::safeguarding, text).has_value());
}
