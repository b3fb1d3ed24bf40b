// The completion script, in the shell that it is for; and the help that it leads to.
#include <doctest/doctest.h>

#include "tests/support/process.h"

using hw::test::handlewatch;
using hw::test::TemporaryFolder;

namespace {

// What bash offers after these words, the last of which is being typed.
std::string offered(const TemporaryFolder& folder, const std::string& words) {
  hw::test::Invocation invocation;
  invocation.program = "/bin/bash";
  invocation.arguments = {"-c", "source '" + (folder / "script").string() + "'\nCOMP_WORDS=(handlewatch " + words +
                                    ")\nCOMP_CWORD=$((${#COMP_WORDS[@]} - 1))\n_handlewatch\necho \"${COMPREPLY[@]}\""};
  const auto outcome = hw::test::run(invocation);
  CHECK(outcome.err.empty());
  return outcome.out;
}

}  // namespace

TEST_CASE("bash completes commands, their subcommands and options, and file names elsewhere") {
  const TemporaryFolder folder;
  const auto script = handlewatch(folder / "d", {"completion", "bash"});
  REQUIRE(script.status == 0);
  hw::test::write_file(folder / "script", script.out);
  CHECK(offered(folder, "daem") == "daemon\n");
  CHECK(offered(folder, "sources p") == "pause\n");
  CHECK(offered(folder, "--data somewhere sources res") == "resume\n");
  CHECK(offered(folder, "sources list --f") == "--format\n");
  CHECK(offered(folder, "--log-f") == "--log-format\n");
  CHECK(offered(folder, "parse /etc/passw").find("/etc/passwd") != std::string::npos);
}

TEST_CASE("every command's help has an example") {
  const TemporaryFolder folder;
  const auto commands = [&](const std::vector<std::string>& path) {
    std::vector<std::string> arguments = path;
    arguments.emplace_back("--help");
    const std::string help = handlewatch(folder / "d", arguments).out;
    std::vector<std::string> out;
    const auto begin = help.find("Subcommands:\n");
    if (begin == std::string::npos) {
      CHECK_MESSAGE(help.find("Example") != std::string::npos, help);
      return out;
    }
    for (auto at = begin; (at = help.find("\n  ", at)) != std::string::npos; ++at)
      if (help[at + 3] != ' ') out.push_back(help.substr(at + 3, help.find(' ', at + 3) - at - 3));
    return out;
  };
  const auto top = commands({});
  CHECK(top.size() > 15);
  for (const std::string& command : top)
    for (const std::string& sub : commands({command})) commands({command, sub});
}
