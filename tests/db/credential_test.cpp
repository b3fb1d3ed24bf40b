#include <cstdlib>

#include <sys/stat.h>

#include "tests/db/helpers.h"

using namespace hw;
using namespace hw::test;

TEST_CASE("the token key may come as a systemd credential, apart from the store, whatever that file's mode") {
  TestStore test;
  test.store.reset();
  const TemporaryFolder credentials;
  std::filesystem::copy_file(test.folder / "keys/token.key", credentials / "token.key");
  std::filesystem::remove(test.folder / "keys/token.key");
  REQUIRE(::chmod((credentials / "token.key").c_str(), 0440) == 0);
  CHECK_FALSE(db::Store::open(test.folder, test.clock, {}).has_value());
  ::setenv("CREDENTIALS_DIRECTORY", credentials.path().c_str(), 1);
  CHECK(db::Store::open(test.folder, test.clock, {}).has_value());
  write_file(credentials / "token.key", std::string(32, 'x'));
  const auto foreign = db::Store::open(test.folder, test.clock, {});
  CHECK_FALSE(foreign.has_value());
  ::unsetenv("CREDENTIALS_DIRECTORY");
}
