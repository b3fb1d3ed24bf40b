#include "tests/support/process.h"

#include <csignal>
#include <cstdlib>
#include <thread>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace hw::test {
namespace {

constexpr uid_t kNobody = 65534;
constexpr auto kPatience = std::chrono::seconds(20);

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (std::string& text : texts) out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

void redirect(const std::filesystem::path& file, int flags, int onto) {
  const int descriptor = ::open(file.c_str(), flags, 0600);
  if (descriptor < 0 || ::dup2(descriptor, onto) < 0) ::_exit(126);
  ::close(descriptor);
}

}  // namespace

std::string binary() { return HANDLEWATCH_BINARY; }

Process::Process(const Invocation& invocation) {
  write_file(folder_ / "in", invocation.input);
  std::vector<std::string> arguments{invocation.program};
  arguments.insert(arguments.end(), invocation.arguments.begin(), invocation.arguments.end());
  std::vector<std::string> environment{"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8",
                                       "HOME=" + folder_.path().string()};
  if (const char* options = std::getenv("ASAN_OPTIONS")) environment.push_back(std::string("ASAN_OPTIONS=") + options);
  for (const auto& [name, value] : invocation.environment) environment.push_back(name + "=" + value);
  std::vector<char*> argument_pointers = pointers(arguments);
  std::vector<char*> environment_pointers = pointers(environment);
  pid_ = ::fork();
  REQUIRE(pid_ >= 0);
  if (pid_ != 0) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  redirect(folder_ / "in", O_RDONLY, STDIN_FILENO);
  redirect(folder_ / "out", O_WRONLY | O_CREAT | O_TRUNC, STDOUT_FILENO);
  redirect(folder_ / "err", O_WRONLY | O_CREAT | O_TRUNC, STDERR_FILENO);
  if (invocation.as_nobody && ::geteuid() == 0 && (::setgid(kNobody) != 0 || ::setuid(kNobody) != 0)) ::_exit(126);
  ::execvpe(argument_pointers[0], argument_pointers.data(), environment_pointers.data());
  ::_exit(127);
}

Process::~Process() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void Process::signal(int number) const { REQUIRE(::kill(pid_, number) == 0); }

Outcome Process::wait() {
  int status = 0;
  REQUIRE(::waitpid(pid_, &status, 0) == pid_);
  pid_ = -1;
  Outcome outcome;
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  outcome.out = out_so_far();
  outcome.err = err_so_far();
  return outcome;
}

// A child that has only just been forked has not made its files yet.
std::string Process::out_so_far() const {
  return std::filesystem::exists(folder_ / "out") ? read_file(folder_ / "out") : "";
}
std::string Process::err_so_far() const {
  return std::filesystem::exists(folder_ / "err") ? read_file(folder_ / "err") : "";
}

void Process::wait_for_output(std::string_view text) const {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < deadline) {
    if (out_so_far().find(text) != std::string::npos) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  FAIL("the child never printed what was awaited: " << std::string(text));
}

Outcome run(const Invocation& invocation) {
  Process process(invocation);
  return process.wait();
}

Outcome handlewatch(const std::filesystem::path& data, std::vector<std::string> arguments, std::string input) {
  Invocation invocation;
  invocation.arguments = {"--data", data.string()};
  invocation.arguments.insert(invocation.arguments.end(), arguments.begin(), arguments.end());
  invocation.input = std::move(input);
  return run(invocation);
}

}  // namespace hw::test
