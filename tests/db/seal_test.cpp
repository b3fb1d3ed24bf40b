#include "db/seal.h"

#include <functional>
#include <random>

#include <doctest/doctest.h>

using namespace hw;
using namespace hw::db;

namespace {

struct Pair {
  Opener opener;
  PublicKey key;
};

Pair make_pair(KeyClass key_class) {
  auto opener = Opener::create(key_class, random_secret());
  REQUIRE(opener.has_value());
  PublicKey key = opener->public_key();
  return {std::move(*opener), std::move(key)};
}

struct Keys {
  Pair reviewer = make_pair(KeyClass::review);
  Pair second = make_pair(KeyClass::review);
  Pair safeguarding = make_pair(KeyClass::safeguarding);
  Sealer sealer = *Sealer::create({reviewer.key, second.key, safeguarding.key});
};

const RecordName kName{std::string(16, 's'), KeyClass::review, RecordKind::hit, 7, 3};

}  // namespace

TEST_CASE("every recipient of the class opens a record, nobody else") {
  const Keys keys;
  const SealedRecord record = keys.sealer.seal(kName, "words");
  CHECK(record.keys.size() == 2);
  CHECK(*keys.reviewer.opener.open(kName, record) == "words");
  CHECK(*keys.second.opener.open(kName, record) == "words");
  CHECK(keys.safeguarding.opener.open(kName, record).error().code == ErrorCode::no_key);
  CHECK(make_pair(KeyClass::review).opener.open(kName, record).error().code == ErrorCode::no_key);
  RecordName held = kName;
  held.key_class = KeyClass::safeguarding;
  const SealedRecord sealed = keys.sealer.seal(held, "words");
  CHECK(sealed.keys.size() == 1);
  CHECK(*keys.safeguarding.opener.open(held, sealed) == "words");
  CHECK(keys.reviewer.opener.open(held, sealed).error().code == ErrorCode::no_key);
}

TEST_CASE("lengths are hidden in steps of 256 bytes, and every length comes back") {
  const Keys keys;
  for (std::size_t size = 0; size < 1030; size += 1 + size / 7) {
    const std::string text(size, 'x');
    const SealedRecord record = keys.sealer.seal(kName, text);
    CHECK((record.body.size() - 16) % 256 == 0);
    CHECK(record.keys.front().box.size() == 80);
    CHECK(*keys.reviewer.opener.open(kName, record) == text);
  }
}

TEST_CASE("a record under another name is tampered with") {
  const Keys keys;
  const SealedRecord record = keys.sealer.seal(kName, "words");
  const auto moved = [&](const std::function<void(RecordName&)>& change) {
    RecordName name = kName;
    change(name);
    return keys.reviewer.opener.open(name, record).error().code;
  };
  CHECK(moved([](RecordName& name) { name.owner = 8; }) == ErrorCode::tampered);
  CHECK(moved([](RecordName& name) { name.revision = 2; }) == ErrorCode::tampered);
  CHECK(moved([](RecordName& name) { name.kind = RecordKind::account; }) == ErrorCode::tampered);
  CHECK(moved([](RecordName& name) { name.store_id[0] = 't'; }) == ErrorCode::tampered);
}

TEST_CASE("a key of one class does not pass as one of the other") {
  const std::string secret = random_secret();
  const auto reviewer = Opener::create(KeyClass::review, secret);
  const auto other = make_pair(KeyClass::safeguarding);
  const auto sealer = Sealer::create({reviewer->public_key(), other.key});
  RecordName held = kName;
  held.key_class = KeyClass::safeguarding;
  const SealedRecord record = sealer->seal(held, "words");
  const auto pretender = Opener::create(KeyClass::safeguarding, secret);
  CHECK(pretender->open(held, record).error().code == ErrorCode::no_key);
}

TEST_CASE("ten thousand random changes are all noticed") {
  const Keys keys;
  std::mt19937 random(1);
  const SealedRecord record = keys.sealer.seal(kName, "a record of some length that is sealed");
  for (int i = 0; i < 10'000; ++i) {
    SealedRecord changed = record;
    std::string* part = &changed.body;
    if (i % 3 == 1) part = &changed.nonce;
    if (i % 3 == 2) part = &changed.keys.front().box;
    const std::size_t at = random() % part->size();
    switch (random() % 3) {
      case 0:
        (*part)[at] = static_cast<char>((*part)[at] ^ (1 << (random() % 8)));
        break;
      case 1:
        part->resize(at);
        break;
      default:
        part->insert(at, 1, 'x');
    }
    REQUIRE(keys.reviewer.opener.open(kName, changed).error().code == ErrorCode::tampered);
  }
}

TEST_CASE("a sealer needs a recipient of either class") {
  CHECK(Sealer::create({make_pair(KeyClass::review).key}).error().code == ErrorCode::no_key);
  CHECK(Sealer::create({make_pair(KeyClass::safeguarding).key}).error().code == ErrorCode::no_key);
  PublicKey cut = make_pair(KeyClass::review).key;
  cut.bytes.pop_back();
  CHECK(Sealer::create({cut, make_pair(KeyClass::safeguarding).key}).error().code == ErrorCode::malformed);
}
