// Everything that can be wrong around the program, and the one clear line that says so.
#include <algorithm>

#include <doctest/doctest.h>
#include <sys/mount.h>
#include <unistd.h>

#include "common/sqlite.h"
#include "tests/support/process.h"

using hw::test::handlewatch;
using hw::test::TemporaryFolder;
using hw::test::write_file;

namespace {

const std::string kAdvert =
    R"({"id":"ad","platform":"board","author":"hwdemo_poster","text":"#taboo #nolimits wickr: hwdemo_fern71"})";

bool one_line(const std::string& text) {
  return std::count(text.begin(), text.end(), '\n') == 1 && text.starts_with("handlewatch: ");
}

hw::test::Outcome crawl_with(const std::string& yaml) {
  const TemporaryFolder folder;
  REQUIRE(handlewatch(folder / "d", {"init", "--no-passphrase"}).status == 0);
  write_file(folder / "d/handlewatch.yaml", yaml);
  return handlewatch(folder / "d", {"crawl"});
}

// A small file system of its own, for a disk that is really full. Needs root.
class SmallDisk {
 public:
  explicit SmallDisk(const std::filesystem::path& folder) : folder_(folder) {
    std::filesystem::create_directories(folder_);
    mounted_ = ::mount("tmpfs", folder_.c_str(), "tmpfs", 0, "size=1m,mode=0755") == 0;
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(folder_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  bool mounted() const { return mounted_; }

 private:
  std::filesystem::path folder_;
  bool mounted_ = false;
};

}  // namespace

TEST_CASE("a mistake in the configuration names file, line, column and the mend, and exits with 2") {
  const auto unknown =
      crawl_with("sources:\n  - name: a\n    kind: phpbb\n    url: http://127.0.0.1/\n    evry: 30m\n");
  CHECK(unknown.status == 2);
  CHECK(unknown.err.find("handlewatch.yaml:5:5: unknown key \"evry\", did you mean \"every\"?") != std::string::npos);
  const auto kind = crawl_with("sources:\n  - {name: a, kind: phpb, url: \"http://127.0.0.1/\"}\n");
  CHECK(kind.status == 2);
  CHECK(kind.err.find(":2:21: sources[0].kind: no adapter \"phpb\", did you mean \"phpbb\"?") != std::string::npos);
  const auto broken = crawl_with("sources: [\n");
  CHECK(broken.status == 2);
  CHECK(broken.err.find("handlewatch.yaml:2:") != std::string::npos);
}

TEST_CASE("rule: a source beyond loopback is refused until the operator is named, and placeholders do not count") {
  const std::string source = "sources:\n  - {name: a, kind: phpbb, url: \"https://forum.invalid/\"}\n";
  const auto nobody = crawl_with(source);
  CHECK(nobody.status == 2);
  CHECK(nobody.err.find("operator.organisation is missing") != std::string::npos);
  const auto placeholder = crawl_with(
      "operator: {organisation: Example Hotline, contact: crawler@example.org, legal_basis: x, controller: y, "
      "assessment: z}\n" +
      source);
  CHECK(placeholder.status == 2);
  CHECK(placeholder.err.find("operator.contact is a placeholder") != std::string::npos);
}

TEST_CASE("a slip on the command line exits with 2 and says where help is") {
  const TemporaryFolder folder;
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"crwl"}, {"hits"}, {"hits", "list", "--format", "xml"}, {"crawl", "--nonsense"}, {}}) {
    const auto outcome = handlewatch(folder.path(), arguments);
    CHECK(outcome.status == 2);
    CHECK_MESSAGE(outcome.err.find("handlewatch: ") == 0, outcome.err);
  }
}

TEST_CASE("without a store, commands that need one say how to make one") {
  const TemporaryFolder folder;
  for (const char* command : {"list"}) {
    const auto outcome = handlewatch(folder / "absent", {"hits", command});
    CHECK(outcome.status == 1);
    CHECK_MESSAGE(one_line(outcome.err), outcome.err);
    CHECK(outcome.err.find("handlewatch init") != std::string::npos);
  }
}

TEST_CASE("a store from the future is refused in one line") {
  const TemporaryFolder folder;
  REQUIRE(handlewatch(folder / "d", {"init", "--no-passphrase"}).status == 0);
  {
    auto database = hw::Database::open(folder / "d/store.db", hw::Durability::full);
    REQUIRE_OK(database);
    REQUIRE_OK(database->execute("PRAGMA user_version=9999"));
  }
  const auto outcome = handlewatch(folder / "d", {"import", "-"}, kAdvert);
  CHECK(outcome.status == 1);
  CHECK_MESSAGE(one_line(outcome.err), outcome.err);
  CHECK(outcome.err.find("newer version") != std::string::npos);
}

TEST_CASE("a locked store is one line, and the import can be repeated") {
  const TemporaryFolder folder;
  REQUIRE(handlewatch(folder / "d", {"init", "--no-passphrase"}).status == 0);
  auto database = hw::Database::open(folder / "d/store.db", hw::Durability::full);
  REQUIRE_OK(database);
  REQUIRE_OK(database->execute("BEGIN IMMEDIATE"));
  const auto locked = handlewatch(folder / "d", {"import", "-"}, kAdvert);
  CHECK(locked.status == 1);
  CHECK_MESSAGE(one_line(locked.err), locked.err);
  CHECK(locked.err.find("try again") != std::string::npos);
  REQUIRE_OK(database->execute("COMMIT"));
  const auto freed = handlewatch(folder / "d", {"import", "-"}, kAdvert);
  CHECK(freed.status == 0);
  CHECK(freed.out == "1 posts, 1 new, 1 hits\n");
}

TEST_CASE("two crawls never work on one folder") {
  const TemporaryFolder folder;
  REQUIRE(handlewatch(folder / "d", {"init", "--no-passphrase"}).status == 0);
  write_file(folder / "d/handlewatch.yaml",
             "sources:\n  - {name: a, kind: phpbb, url: \"http://127.0.0.1:1/\", every: 1h}\n");
  hw::test::Invocation invocation;
  invocation.arguments = {"--data", (folder / "d").string(), "daemon"};
  const hw::test::Process daemon(invocation);
  for (int tries = 0; tries < 400 && daemon.err_so_far().find("started") == std::string::npos; ++tries)
    ::usleep(10'000);
  const auto second = handlewatch(folder / "d", {"crawl", "a"});
  CHECK(second.status == 1);
  CHECK_MESSAGE(one_line(second.err), second.err);
  CHECK(second.err.find("another crawl or daemon works in") != std::string::npos);
}

TEST_CASE("an unwritable folder is one line") {
  const TemporaryFolder folder;
  REQUIRE(handlewatch(folder / "d", {"init", "--no-passphrase"}).status == 0);
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0755));
  std::filesystem::permissions(folder / "d", std::filesystem::perms(0555));
  hw::test::Invocation invocation;
  invocation.as_nobody = true;
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"import", "-"}, {"crawl"}, {"init", "--no-passphrase"}}) {
    invocation.arguments = {"--data", (folder / "d/sub").string()};
    if (command[0] != "init") invocation.arguments[1] = (folder / "d").string();
    invocation.arguments.insert(invocation.arguments.end(), command.begin(), command.end());
    invocation.input = kAdvert;
    const auto outcome = hw::test::run(invocation);
    CHECK(outcome.status != 0);
    CHECK_MESSAGE(one_line(outcome.err), outcome.err);
  }
  std::filesystem::permissions(folder / "d", std::filesystem::perms(0755));
}

TEST_CASE("a full disk is one line, and what was committed stays") {
  const TemporaryFolder folder;
  const SmallDisk disk(folder / "disk");
  if (!disk.mounted()) {
    MESSAGE("skipped: mounting a small file system needs root");
    return;
  }
  REQUIRE(handlewatch(folder / "disk/d", {"init", "--no-passphrase"}).status == 0);
  std::string posts;
  for (int i = 0; i < 3000; ++i) {
    std::string post = kAdvert;
    post.replace(post.find("\"ad\""), 4, "\"ad" + std::to_string(i) + "\"");
    posts += post + "\n";
  }
  const auto full = handlewatch(folder / "disk/d", {"import", "-"}, posts);
  CHECK(full.status == 1);
  CHECK_MESSAGE(one_line(full.err), full.err);
  CHECK(full.err.find("free some space") != std::string::npos);
  const auto after = handlewatch(folder / "disk/d", {"hits", "list", "--format", "jsonl"});
  CHECK_MESSAGE(after.status == 0, after.err);
}
