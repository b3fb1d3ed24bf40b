#include "app/hook.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace hw::app {
namespace {

constexpr Duration kTurn{std::chrono::milliseconds(100)};

// How the program begins: a process group of its own, no signal blocked, nothing to read.
class SpawnSettings {
 public:
  SpawnSettings() {
    posix_spawnattr_init(&attributes_);
    posix_spawn_file_actions_init(&files_);
    posix_spawn_file_actions_addopen(&files_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files_, STDERR_FILENO, STDOUT_FILENO);  // our standard output holds results
    sigset_t none;
    sigemptyset(&none);
    sigset_t usual;
    sigfillset(&usual);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &usual);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnSettings() {
    posix_spawnattr_destroy(&attributes_);
    posix_spawn_file_actions_destroy(&files_);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;

  const posix_spawnattr_t* attributes() const { return &attributes_; }
  const posix_spawn_file_actions_t* files() const { return &files_; }

 private:
  posix_spawnattr_t attributes_{};
  posix_spawn_file_actions_t files_{};
};

Result<pid_t> start(std::vector<std::string> command) {
  std::vector<char*> arguments;
  for (std::string& argument : command) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  std::string path = "PATH=/usr/local/bin:/usr/bin:/bin";
  std::array<char*, 2> environment{path.data(), nullptr};
  const SpawnSettings settings;
  pid_t child = -1;
  const int error = ::posix_spawn(&child, arguments.front(), settings.files(), settings.attributes(), arguments.data(),
                                  environment.data());
  if (error == 0) return child;
  return fail(ErrorCode::configuration, fmt::format("the hook {} cannot be started: {}; check alerts.run",
                                                    command.front(), std::strerror(error)));
}

// True: it ended by itself in time.
bool ends_within(pid_t child, Duration within, const std::stop_token& stop) {
  const int descriptor = static_cast<int>(::syscall(SYS_pidfd_open, child, 0));  // glibc 2.36 declares it for C alone
  const auto until = std::chrono::steady_clock::now() + within;
  bool ended = false;
  while (!ended && !stop.stop_requested() && std::chrono::steady_clock::now() < until) {
    pollfd watched{descriptor, POLLIN, 0};
    ended = ::poll(&watched, 1, static_cast<int>(std::min(kTurn, within).count())) > 0;
  }
  if (descriptor >= 0) ::close(descriptor);
  return ended;
}

}  // namespace

Status run_hook(const std::vector<std::string>& command, Duration within, const std::stop_token& stop) {
  const auto child = start(command);
  if (!child) return tl::unexpected(child.error());
  const bool ended = ends_within(*child, within, stop);
  if (!ended) ::kill(-*child, SIGKILL);
  int status = 0;
  while (::waitpid(*child, &status, 0) < 0 && errno == EINTR) continue;
  if (!ended)
    return fail(ErrorCode::cancelled,
                fmt::format("the hook {} did not end within {} and was killed", command.front(), to_words(within)));
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  return fail(ErrorCode::io,
              WIFEXITED(status) ? fmt::format("the hook {} ended with status {}", command.front(), WEXITSTATUS(status))
                                : fmt::format("the hook {} was ended by signal {}", command.front(), WTERMSIG(status)));
}

}  // namespace hw::app
