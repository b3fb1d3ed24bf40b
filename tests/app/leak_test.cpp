// Everything that a collector leaves on its machine, byte by byte: store, write-ahead log, journals, logs, temporary
// files, history, and a core where it is made to crash.
#include <csignal>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/process.h"
#include "tests/support/traces.h"
#include "web/demo_board.h"
#include "web/server.h"

using hw::test::handlewatch;
using hw::test::Invocation;
using hw::test::Process;
using hw::test::read_file;
using hw::test::TemporaryFolder;
using hw::test::TraceFinder;
using hw::test::write_file;
using nlohmann::json;

namespace {

constexpr int kPosts = 2'000;

// All share what is searched for, so that a few texts find any of them.
std::string posts() {
  std::string lines;
  for (int i = 0; i < kPosts; ++i) {
    const std::string n = std::to_string(10'000 + i);
    lines += json{{"id", "postid" + n},
                  {"platform", "board.example"},
                  {"author", "AuthorName" + n},
                  {"author_id", "authorid" + n},
                  {"text",
                   (i % 20 == 0 ? "15 yo here " : "") + std::string("#perv #nolimits sentencewords kik: hwdemo_") + n},
                  {"url", "https://board.example/addresspath/" + n}}
                 .dump() +
             "\n";
  }
  return lines;
}

const std::set<std::string> kSecrets{"hwdemo",      "postid1",       "AuthorName", "authorid1",
                                     "addresspath", "sentencewords", "15 yo here"};

void check_nothing_readable(const std::filesystem::path& place) {
  const TraceFinder finder(kSecrets);
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(place)) {
    if (!entry.is_regular_file()) continue;
    ++files;
    for (const std::string& word : finder.find(read_file(entry.path())))
      FAIL_CHECK("\"" << word << "\" can be read in " << entry.path().filename().string());
    CHECK(finder.find(entry.path().filename().string()).empty());
  }
  CHECK(files > 5);
}

// A collector, and the place where it and all that it writes lies.
struct Collector {
  TemporaryFolder reader;
  TemporaryFolder place;
  std::filesystem::path data = place / "d";

  Collector() {
    REQUIRE(handlewatch(reader / "d", {"init", "--no-passphrase", "--as", "owner"}).status == 0);
    const auto roster = handlewatch(reader / "d", {"keys", "export-public", "--with-token-key"});
    REQUIRE(roster.status == 0);
    write_file(reader / "roster", roster.out);
    std::filesystem::create_directories(place / "tmp");
    REQUIRE(handlewatch(data, {"init", "--collector", "--recipients", (reader / "roster").string()}).status == 0);
  }

  Invocation call(std::vector<std::string> arguments) const {
    Invocation invocation;
    invocation.arguments = {"--data", data.string(), "--log-level", "debug"};
    invocation.arguments.insert(invocation.arguments.end(), arguments.begin(), arguments.end());
    invocation.environment["TMPDIR"] = (place / "tmp").string();
    invocation.environment["HOME"] = place.path().string();
    return invocation;
  }

  void keep(const hw::test::Outcome& outcome, const char* name) const {
    write_file(place / name, outcome.out + outcome.err);
  }
};

}  // namespace

TEST_CASE("an import leaves nothing readable on a collector, in no file and in no writing") {
  const Collector collector;
  Invocation import = collector.call({"import", "-"});
  import.input = posts();
  const auto done = hw::test::run(import);
  REQUIRE_MESSAGE(done.status == 0, done.err);
  collector.keep(done, "import.log");
  for (const char* command : {"doctor", "hits list", "handles list", "audit log"}) {
    const std::string words = command;
    std::vector<std::string> arguments{words.substr(0, words.find(' '))};
    if (words.find(' ') != std::string::npos) arguments.push_back(words.substr(words.find(' ') + 1));
    collector.keep(hw::test::run(collector.call(arguments)), (arguments.front() + ".log").c_str());
  }
  CHECK(read_file(collector.place / "hits.log").size() > 100'000);
  check_nothing_readable(collector.place.path());
}

TEST_CASE("a crawl with the fullest log leaves nothing readable either, and neither does a crash") {
  const hw::web::DemoBoard board = *hw::web::DemoBoard::create();
  const auto server = *hw::web::Server::start(
      [&](const hw::web::HttpRequest& request) { return board.answer(request.path, request.query); });
  const Collector collector;
  write_file(collector.data / "handlewatch.yaml",
             "network: {allow: [127.0.0.0/8]}\nsources:\n  - {name: board, kind: phpbb, url: \"" + server.url() +
                 "\", platform: board, delay: 0s, every: 1h}\n");
  Process daemon(collector.call({"daemon"}));
  for (int tries = 0; tries < 2000 && daemon.err_so_far().find("hits") == std::string::npos; ++tries) ::usleep(10'000);
  daemon.signal(SIGABRT);
  const auto ended = daemon.wait();
  CHECK(ended.status == 128 + SIGABRT);
  CHECK(ended.err.find("hits") != std::string::npos);
  collector.keep(ended, "daemon.log");
  CHECK(std::filesystem::exists(collector.data / "store.db-wal"));
  check_nothing_readable(collector.place.path());
}

// The files of what is not dumpable belong to root in /proc, whoever runs it: neither a core nor a debugger of the same
// user has it.
TEST_CASE("no debugger of the same user and no program that collects cores reads the memory of handlewatch") {
  const TemporaryFolder folder;
  std::filesystem::permissions(folder.path(), std::filesystem::perms(0755));
  const std::filesystem::path waiting = folder / "posts";
  REQUIRE(::mkfifo(waiting.c_str(), 0644) == 0);
  REQUIRE(::chmod(waiting.c_str(), 0644) == 0);
  const auto owner = [](const Process& process) {
    struct stat about{};
    REQUIRE(::stat(("/proc/" + std::to_string(process.id()) + "/environ").c_str(), &about) == 0);
    return about.st_uid;
  };
  Invocation other;
  other.program = "/bin/sleep";
  other.arguments = {"60"};
  other.as_nobody = true;
  const Process sleeping(other);
  for (int tries = 0; tries < 2000 && owner(sleeping) == 0; ++tries) ::usleep(10'000);
  CHECK(owner(sleeping) != 0);  // else this would show nothing
  Invocation ours;
  ours.arguments = {"classify", waiting.string()};
  ours.as_nobody = true;
  const Process reading(ours);
  int reader = -1;  // until it is there, the end that writes cannot be opened
  for (int tries = 0; tries < 2000 && reader < 0; ++tries) {
    reader = ::open(waiting.c_str(), O_WRONLY | O_NONBLOCK);
    if (reader < 0) ::usleep(10'000);
  }
  REQUIRE(reader >= 0);
  CHECK(owner(reading) == 0);
  ::close(reader);
}
