// What systemd hears of the daemon, what its lines look like in the journal, and the unit that comes with it.
#include <csignal>
#include <cstdlib>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "app/service_manager.h"
#include "tests/support/process.h"
#include "tests/support/support.h"

using namespace hw;
using namespace std::chrono_literals;
using hw::test::handlewatch;
using hw::test::TemporaryFolder;

namespace {

// The socket that systemd would listen on.
class Manager {
 public:
  explicit Manager(const std::string& path) : descriptor_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    if (path.front() == '@') address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
    REQUIRE(::bind(descriptor_, reinterpret_cast<const sockaddr*>(&address), size) == 0);
  }
  ~Manager() { ::close(descriptor_); }
  Manager(const Manager&) = delete;
  Manager& operator=(const Manager&) = delete;

  // The next message; empty when none comes in time.
  std::string next(int millis = 20'000) {
    pollfd watched{descriptor_, POLLIN, 0};
    if (::poll(&watched, 1, millis) <= 0) return "";
    std::string text(4096, '\0');
    const ssize_t size = ::recv(descriptor_, text.data(), text.size(), 0);
    text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
    return text;
  }
  std::string wait_for(std::string_view beginning) {
    std::string text = next();
    while (!text.empty() && !text.starts_with(beginning)) text = next();
    return text;
  }

 private:
  int descriptor_;
};

void prepare(const TemporaryFolder& folder, std::string_view more = "") {
  REQUIRE(handlewatch(folder / "d", {"init", "--no-passphrase"}).status == 0);
  hw::test::write_file(folder / "d/handlewatch.yaml", "sources: []\n" + std::string(more));
}

hw::test::Invocation daemon_in(const TemporaryFolder& folder, std::vector<std::string> options = {}) {
  hw::test::Invocation invocation;
  invocation.arguments = {"--data", (folder / "d").string()};
  invocation.arguments.insert(invocation.arguments.end(), options.begin(), options.end());
  invocation.arguments.emplace_back("daemon");
  return invocation;
}

void wait_for_log(const hw::test::Process& process, std::string_view text) {
  for (int tries = 0; tries < 3000 && process.err_so_far().find(text) == std::string::npos; ++tries) ::usleep(10'000);
  REQUIRE_MESSAGE(process.err_so_far().find(text) != std::string::npos, process.err_so_far());
}

}  // namespace

TEST_CASE("the messages of sd_notify(3), to a path and to an abstract name") {
  const TemporaryFolder folder;
  for (const std::string& name : {(folder / "notify").string(), "@handlewatch-test-" + std::to_string(::getpid())}) {
    Manager manager(name);
    app::ServiceManager told(name, 30s);
    told.ready();
    CHECK(manager.next() == "READY=1");
    told.status("two\nlines");
    CHECK(manager.next() == "STATUS=two\\nlines");
    told.stopping();
    CHECK(manager.next() == "STOPPING=1");
    told.reloading();
    CHECK(manager.next().starts_with("RELOADING=1\nMONOTONIC_USEC="));
  }
}

TEST_CASE("the watchdog is told well within its time, and not at every turn") {
  const TemporaryFolder folder;
  Manager manager((folder / "notify").string());
  app::ServiceManager told((folder / "notify").string(), 30s);
  test::FakeClock clock;
  int heard = 0;
  for (int turn = 0; turn < 1200; ++turn, clock.advance(100ms)) {
    told.alive(clock.now());
    while (manager.next(0) == "WATCHDOG=1") ++heard;
  }
  CHECK(heard >= 8);
  CHECK(heard <= 20);
  clock.set(clock.now() - 24h);  // a clock that was set back must not starve it
  told.alive(clock.now());
  CHECK(manager.next(0) == "WATCHDOG=1");
  app::ServiceManager without((folder / "notify").string(), 0s);
  without.alive(clock.now());
  CHECK(manager.next(0).empty());
}

TEST_CASE("nobody listens, or the name is none: nothing happens") {
  for (const std::string& name : std::vector<std::string>{"", "/nowhere/notify", "relative", std::string(200, '/')})
    app::ServiceManager(name, 1s).ready();
}

TEST_CASE("the daemon tells systemd that it is ready, reloads and ends, and keeps the watchdog content") {
  const TemporaryFolder folder;
  prepare(folder);
  Manager manager((folder / "notify").string());
  hw::test::Invocation invocation = daemon_in(folder);
  invocation.environment = {{"NOTIFY_SOCKET", (folder / "notify").string()}, {"WATCHDOG_USEC", "400000"}};
  hw::test::Process process(invocation);
  CHECK(manager.wait_for("READY=1") == "READY=1");
  CHECK(manager.wait_for("STATUS=").starts_with("STATUS=0 sources; well"));
  for (int i = 0; i < 3; ++i) CHECK(manager.wait_for("WATCHDOG=1") == "WATCHDOG=1");
  process.signal(SIGHUP);
  CHECK(manager.wait_for("RELOADING=1").starts_with("RELOADING=1\nMONOTONIC_USEC="));
  CHECK(manager.wait_for("READY=1") == "READY=1");
  process.signal(SIGTERM);
  CHECK(manager.wait_for("STOPPING=1") == "STOPPING=1");
  CHECK(process.wait().status == 0);
}

TEST_CASE("lines for a terminal, for the journal, and as JSON") {
  const TemporaryFolder folder;
  prepare(folder);
  const auto log_of = [&](const std::vector<std::string>& options,
                          const std::map<std::string, std::string>& environment) {
    hw::test::Invocation invocation = daemon_in(folder, options);
    invocation.environment = environment;
    hw::test::Process process(invocation);
    wait_for_log(process, "started");
    process.signal(SIGTERM);
    return process.wait().err;
  };
  const std::string text = log_of({}, {});
  CHECK(text.find("Z info: started with 0 sources") != std::string::npos);
  CHECK(log_of({}, {{"JOURNAL_STREAM", "8:1"}}).starts_with("<6>started with 0 sources\n"));
  const std::string json = log_of({"--log-format", "json"}, {{"JOURNAL_STREAM", "8:1"}});
  std::size_t lines = 0;
  for (std::size_t at = 0; at < json.size(); ++lines) {
    const std::size_t end = json.find('\n', at);
    const auto line = nlohmann::json::parse(json.substr(at, end - at));
    CHECK(line.at("level") == "info");
    CHECK(parse_rfc3339(line.at("time").get<std::string>()).has_value());
    CHECK(line.at("message").is_string());
    at = end + 1;
  }
  CHECK(lines >= 2);
  CHECK(handlewatch(folder / "d", {"--log-format", "xml", "daemon"}).status == 2);
}

TEST_CASE("a second daemon on the same folder says who holds it, and leaves it alone") {
  const TemporaryFolder folder;
  prepare(folder);
  hw::test::Process first(daemon_in(folder));
  wait_for_log(first, "started");
  const auto second = hw::test::run(daemon_in(folder));
  CHECK(second.status == 1);
  CHECK(second.err.find("another crawl or daemon works in") != std::string::npos);
  CHECK(second.err.find("(process ") != std::string::npos);
  first.signal(SIGTERM);
  CHECK(first.wait().status == 0);
}

TEST_CASE("the unit that it prints is hardened") {
  const TemporaryFolder folder;
  const std::string unit = handlewatch(folder / "d", {"service"}).out;
  for (const char* line : {"Type=notify", "WatchdogSec=", "ExecReload=", "LimitCORE=0", "LoadCredential=",
                           "StateDirectory=", "ProtectSystem=strict", "NoNewPrivileges=yes", "CapabilityBoundingSet=\n",
                           "SystemCallFilter=", "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX",
                           "MemoryDenyWriteExecute=yes", "UMask=0077"})
    CHECK_MESSAGE(unit.find(std::string("\n") + line) != std::string::npos, std::string(line));
  if (std::system("command -v systemd-analyze >/dev/null") != 0) {
    MESSAGE("skipped: no systemd-analyze here to judge the unit");
    return;
  }
  hw::test::write_file(folder / "handlewatch.service", unit);
  const std::string judge = "systemd-analyze security --offline=true --no-pager --threshold=20 " +
                            (folder / "handlewatch.service").string() + " >/dev/null 2>&1";
  CHECK(std::system(judge.c_str()) == 0);  // an exposure of 2.0 at most
}
