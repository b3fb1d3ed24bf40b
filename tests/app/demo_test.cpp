#include <doctest/doctest.h>

#include "tests/support/process.h"

using hw::test::Invocation;
using hw::test::run;
using hw::test::TemporaryFolder;

namespace {

hw::test::Outcome demo(const TemporaryFolder& folder, std::vector<std::string> arguments = {}) {
  Invocation invocation;
  invocation.arguments = {"demo", "--folder", (folder / "demo").string()};
  invocation.arguments.insert(invocation.arguments.end(), arguments.begin(), arguments.end());
  return run(invocation);
}

}  // namespace

TEST_CASE("the demo shows the main job end to end, and a second run finds nothing new and says so") {
  const TemporaryFolder folder;
  const auto first = demo(folder);
  CHECK_MESSAGE(first.status == 0, first.err);
  for (const char* expected : {"hwdemo_fern71", "hwdemo_moss9", "hwdemo_oak33", "hwdemo_reed_4", "hwdemo_birch.07",
                               "medium", "banned", "export", "What to try next"})
    CHECK_MESSAGE(first.out.find(expected) != std::string::npos, expected);
  const std::string exported = hw::test::read_file(folder / "demo/export.csv");
  CHECK(exported.find("hwdemo_fern71") != std::string::npos);

  const auto second = demo(folder);
  CHECK_MESSAGE(second.status == 0, second.err);
  CHECK(second.out.find("nothing new") != std::string::npos);
}

TEST_CASE("rule 4: the demo's young poster is in no output and no export") {
  const TemporaryFolder folder;
  const auto outcome = demo(folder);
  CHECK(outcome.out.find("hwdemo_young3") == std::string::npos);
  CHECK(outcome.err.find("hwdemo_young3") == std::string::npos);
  CHECK(outcome.out.find("young_finch") == std::string::npos);
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder / "demo"))
    if (file.is_regular_file())
      CHECK_MESSAGE(hw::test::read_file(file.path()).find("hwdemo_young3") == std::string::npos, file.path());
}

TEST_CASE("what the moderator warns about, the journalist's number and the chess player are not raised") {
  const TemporaryFolder folder;
  const auto outcome = demo(folder);
  for (const char* innocent : {"warden_ruth", "202 555", "12025550143", "hwdemo_oldrook_chess", "contour_kate"})
    CHECK_MESSAGE(outcome.out.find(innocent) == std::string::npos, innocent);
}
