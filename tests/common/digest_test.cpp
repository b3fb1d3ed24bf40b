#include "common/digest.h"

#include <set>

#include <doctest/doctest.h>

#include "common/uuid.h"

using namespace hw;

TEST_CASE("SHA-256, whole and in pieces (FIPS 180-4's example)") {
  constexpr const char* kAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  CHECK(sha256_hex("abc") == kAbc);
  Sha256 pieces;
  pieces.add("a");
  pieces.add("bc");
  CHECK(pieces.finish() == sha256("abc"));
}

TEST_CASE("a certificate's digest is that of its DER form, the first in the text") {
  const std::string pem = "Cert:-----BEGIN CERTIFICATE-----\nYWJj\n-----END CERTIFICATE-----\nanything";
  CHECK(certificate_sha256(pem) == sha256_hex("abc"));
  for (const char* none :
       {"", "YWJj", "-----BEGIN CERTIFICATE-----\nYWJj", "-----BEGIN CERTIFICATE-----\n%%\n-----END"})
    CHECK(certificate_sha256(none).empty());
}

TEST_CASE("random names are of version 4 and never the same") {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string name = random_uuid();
    REQUIRE(name.size() == 36);
    CHECK(name[14] == '4');
    CHECK(std::string("89ab").find(name[19]) != std::string::npos);
    CHECK(seen.insert(name).second);
  }
}
