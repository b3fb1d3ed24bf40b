#include "db/checkpoint.h"

#include <doctest/doctest.h>
#include <sodium.h>

#include "db/audit.h"
#include "db/hex.h"
#include "tests/db/helpers.h"

using namespace hw;
using namespace hw::test;

TEST_CASE("the text of a checkpoint is that of C2SP tlog-checkpoint") {
  // Origin, size, root in base64, each with its newline.
  CHECK(db::note_text("example.com/behind-the-sofa", 20852163,
                      *db::from_hex("0971170955f0ac6f9f50d7ec7f1dbaa5d5b3a0ec6b0cc9a"
                                    "5c4b8a6f1d2e3f405")) ==
        "example.com/behind-the-sofa\n20852163\nCXEXCVXwrG+fUNfsfx26pdWzoOxrDMmlxLim8dLj9AU=\n");
}

TEST_CASE("a key's hash is the first four bytes of SHA-256 of name, newline, algorithm and key") {
  const std::string key(32, 'k');
  const std::string hashed = "name\n\x01" + key;
  std::string digest(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(digest.data()),
                     reinterpret_cast<const unsigned char*>(hashed.data()), hashed.size());
  CHECK(db::note_key_hash("name", key) == digest.substr(0, 4));
}

TEST_CASE("a signed checkpoint is read again, and nothing else is") {
  TestStore test;
  const auto note = db::checkpoint_note(*test.store);
  REQUIRE_OK(note);
  CHECK(note->text.find("\n\n\xE2\x80\x94 handlewatch/") != std::string::npos);
  CHECK(note->verifier_key.starts_with("handlewatch/"));
  const auto read = db::read_checkpoint(*test.store, note->text);
  REQUIRE_OK(read);
  CHECK(*read == *db::audit_checkpoint(*test.store));
  CHECK(*db::read_checkpoint(*test.store, read->text() + "\n") == *read);
  // A witness adds a line; that changes nothing for us.
  CHECK(db::read_checkpoint(*test.store, note->text + "\xE2\x80\x94 witness AAAA\n").has_value());

  const auto code = [&](const std::string& text) { return db::read_checkpoint(*test.store, text).error().code; };
  for (const std::string bad : {"", "x", "a\nb\n", "a\nb\nc\n\n\xE2\x80\x94 a AAAA\n"})
    CHECK(code(bad) == ErrorCode::malformed);
  std::string other_size = note->text;
  other_size.insert(other_size.find('\n') + 1, "1");
  CHECK(code(other_size) == ErrorCode::tampered);
  for (std::size_t at = 0; at < note->text.size(); ++at) {
    std::string changed = note->text;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    CHECK_FALSE(db::read_checkpoint(*test.store, changed).has_value());
  }
  TestStore other;
  CHECK(db::read_checkpoint(*other.store, note->text).error().code == ErrorCode::tampered);
}

TEST_CASE("a checkpoint of a host that was replaced still counts") {
  TestStore test;
  const auto note = db::checkpoint_note(*test.store);
  test.store.reset();
  std::filesystem::remove(test.folder / "keys/host.key");
  test.reopen();
  const auto read = db::read_checkpoint(*test.store, note->text);
  REQUIRE_OK(read);
  CHECK(db::verify_audit(*test.store, std::vector{*read})->problems.empty());
  CHECK(db::checkpoint_note(*test.store)->text != note->text);
}
