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
  return {[passphrase](std::string_view) -> Result<std::string> { return passphrase; }, Hardness::interactive};
}

Person alice() {
  auto made = Person::make("alice", {Role::reviewer});
  REQUIRE_OK(made);
  return std::move(*made);
}

}  // namespace

TEST_CASE("keys are made once, readable by their owner alone") {
  const TemporaryFolder folder;
  REQUIRE_OK(create_keys(folder.path()));
  REQUIRE_OK(save_person(folder.path(), alice(), {}));
  CHECK(mode_of(folder / "keys") == 0700);
  CHECK(mode_of(folder / "keys/people") == 0700);
  for (const char* file : {"keys/token.key", "keys/host.key", "keys/people/alice.key"})
    CHECK(mode_of(folder / file) == 0600);
  CHECK(read_file(folder / "keys/token.key").size() == 32);
  const std::string before = read_file(folder / "keys/host.key");
  REQUIRE_OK(create_keys(folder.path()));
  CHECK(read_file(folder / "keys/host.key") == before);
  CHECK(people_here(folder.path()) == std::vector<std::string>{"alice"});
}

TEST_CASE("a protected key opens with its passphrase alone") {
  const TemporaryFolder folder;
  REQUIRE_OK(create_keys(folder.path()));
  const Person person = alice();
  REQUIRE_OK(save_person(folder.path(), person, protection("correct horse")));
  CHECK_FALSE(unprotected(folder.path(), "alice"));
  const std::string text = read_file(folder / "keys/people/alice.key");
  CHECK(text.find("argon2id") != std::string::npos);
  CHECK(text.find(to_hex(person.secret()).substr(0, 64)) == std::string::npos);
  const auto with = [&](std::string passphrase) {
    return load_person(folder.path(), "Alice", protection(std::move(passphrase)).passphrase);
  };
  const auto loaded = with("correct horse");
  REQUIRE_OK(loaded);
  CHECK(loaded->face().sign_key == person.face().sign_key);
  CHECK(loaded->face().box_key == person.face().box_key);
  CHECK(loaded->roles() == Roles{});  // the store says them
  CHECK(with("wrong").error().code == ErrorCode::no_key);
  CHECK(with("").error().code == ErrorCode::no_key);
  CHECK(load_person(folder.path(), "alice", {}).error().code == ErrorCode::no_key);
}

TEST_CASE("the strongest protection opens again") {
  const std::string secret = random_secret();
  const auto text = write_protected_key("person alice", secret, "correct horse", Hardness::moderate);
  REQUIRE_OK(text);
  CHECK(*read_secret("person alice", *text, "correct horse") == secret);
  CHECK(text->find(to_hex(secret)) == std::string::npos);
}

TEST_CASE("an unprotected key says so") {
  const TemporaryFolder folder;
  REQUIRE_OK(create_keys(folder.path()));
  REQUIRE_OK(save_person(folder.path(), alice(), {}));
  CHECK(unprotected(folder.path(), "alice"));
  CHECK(read_file(folder / "keys/people/alice.key").find("Not protected") != std::string::npos);
  CHECK(load_person(folder.path(), "alice", {}).has_value());
}

TEST_CASE("an empty passphrase and a refusing person leave no key behind") {
  const TemporaryFolder folder;
  REQUIRE_OK(create_keys(folder.path()));
  CHECK(save_person(folder.path(), alice(), protection("")).error().code == ErrorCode::usage);
  const KeyProtection refusing{
      [](std::string_view) -> Result<std::string> { return fail(ErrorCode::no_key, "no terminal"); },
      Hardness::interactive};
  CHECK(save_person(folder.path(), alice(), refusing).error().code == ErrorCode::no_key);
  CHECK(people_here(folder.path()).empty());
}

TEST_CASE("secret keys that others can read are refused") {
  const TemporaryFolder folder;
  REQUIRE_OK(create_keys(folder.path()));
  REQUIRE_OK(save_person(folder.path(), alice(), {}));
  for (const char* file : {"keys/token.key", "keys/host.key", "keys/people/alice.key"})
    REQUIRE(::chmod((folder / file).c_str(), 0640) == 0);
  CHECK(load_token_key(folder.path()).error().code == ErrorCode::denied);
  CHECK(load_host(folder.path()).error().code == ErrorCode::denied);
  CHECK(load_person(folder.path(), "alice", {}).error().code == ErrorCode::denied);
}

TEST_CASE("missing and damaged key files are told apart and named") {
  const TemporaryFolder folder;
  CHECK(load_token_key(folder.path()).error().code == ErrorCode::no_key);
  CHECK(load_host(folder.path()).error().code == ErrorCode::no_key);
  REQUIRE_OK(create_keys(folder.path()));
  write_file(folder / "keys/token.key", "short");
  CHECK(load_token_key(folder.path()).error().code == ErrorCode::malformed);
  write_file(folder / "keys/review.pub", "review zz\n");
  const auto broken = load_class_keys(folder.path());
  REQUIRE_FALSE(broken.has_value());
  CHECK(broken.error().message.find("review.pub") != std::string::npos);
}

TEST_CASE("a private key's file resists whatever is done to it") {
  const std::string secret = random_secret();
  const std::string open = write_open_key("person alice", secret);
  CHECK(read_secret("person bob", open, "").error().code == ErrorCode::malformed);
  auto text = write_protected_key("person alice", secret, "correct horse", Hardness::interactive);
  REQUIRE_OK(text);
  CHECK(read_secret("person bob", *text, "correct horse").error().code == ErrorCode::malformed);
  for (const std::string hostile : {"", "protection argon2id 99999999 99999999999 00\n",
                                    "protection argon2id 3 268435456 00\nsecret 00\nnonce 00\n"})
    CHECK(read_secret("person alice", "handlewatch private key 1\nperson alice\n" + hostile, "x").error().code ==
          ErrorCode::malformed);
  // Weaker work written over the file's: the head is associated data.
  std::string weaker = *text;
  const auto at = weaker.find("67108864");
  REQUIRE(at != std::string::npos);
  weaker.replace(at, 8, "33554432");
  CHECK(read_secret("person alice", weaker, "correct horse").error().code == ErrorCode::no_key);
}

TEST_CASE("a person's name is a plain word") {
  for (const char* good : {"alice", " Alice ", "kim-2", "a.b_c"}) CHECK(person_name(good).has_value());
  for (const std::string bad : {"", ".", "..", "../x", "a/b", "-x", "a b", "al\nice", "\xC3\xA9"})
    CHECK(person_name(bad).error().code == ErrorCode::usage);
  CHECK(person_name(std::string(65, 'a')).error().code == ErrorCode::usage);
}

TEST_CASE("roles are written and read alike, and say what they read") {
  for (const Roles& roles : {Roles{Role::reviewer}, Roles{Role::auditor, Role::exporter}, Roles::everything()})
    CHECK(*Roles::parse(roles.text()) == roles);
  CHECK_FALSE(Roles::parse("").has_value());
  CHECK_FALSE(Roles::parse("reviewer,king").has_value());
  CHECK(Roles{Role::exporter}.reads(KeyClass::review));
  CHECK_FALSE(Roles{Role::reviewer}.reads(KeyClass::safeguarding));
  CHECK(Roles{Role::recovery}.reads(KeyClass::safeguarding));
  for (const Role role : {Role::collector, Role::auditor})
    for (const KeyClass key_class : {KeyClass::review, KeyClass::safeguarding})
      CHECK_FALSE(Roles{role}.reads(key_class));
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
