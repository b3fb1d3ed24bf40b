// A crawling process that is begun, gets somewhere, and is killed, again and again; each notes what it does a line at a
// time in the folder's files "asked" and "stored".
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <thread>

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/support.h"

namespace hw::test {

// One line, whole or not at all, as a commit is.
inline void append_line(const std::filesystem::path& file, const std::string& line) {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const std::string text = line + "\n";
  if (::write(descriptor, text.data(), text.size()) != static_cast<ssize_t>(text.size())) ::_exit(3);
  ::close(descriptor);
}

// How often each line stands there; nothing where there is no file yet.
inline std::map<std::string, int> lines_of(const std::filesystem::path& file) {
  std::map<std::string, int> out;
  if (!std::filesystem::exists(file)) return out;
  std::istringstream stream(read_file(file));
  for (std::string line; std::getline(stream, line);) ++out[line];
  return out;
}

inline std::uintmax_t size_of(const std::filesystem::path& file) {
  std::error_code absent;
  const auto size = std::filesystem::file_size(file, absent);
  return absent ? 0 : size;
}

// Until the crawl has asked for so many pages more than `before`: else a busy machine would see it killed before it
// gets anywhere.
inline void wait_until_it_asks(pid_t child, const std::filesystem::path& asked, std::uintmax_t before,
                               std::size_t pages) {
  constexpr std::size_t kLine = 20;  // about as long is a line of "asked"
  siginfo_t ended{};
  for (int tries = 0; tries < 20000 && size_of(asked) <= before + pages * kLine && ended.si_pid == 0; ++tries) {
    std::this_thread::sleep_for(std::chrono::microseconds(500));
    REQUIRE(::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOHANG | WNOWAIT) == 0);
  }
}

// `live` runs in a process of its own and never returns.
template <class Live>
pid_t begin_life(Live live) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) live();
  return child;
}

inline int end_life(pid_t child) {
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  return status;
}

// How many lives were killed, each at up to `longest` after it got somewhere. Fewer than `lives` where the crawl ended
// before: a further one would ask every entry page once more.
template <class Live>
int kill_lives(const std::filesystem::path& folder, int lives, std::chrono::microseconds longest, Live live) {
  std::mt19937 random(1);
  for (int life = 0; life < lives; ++life) {
    const auto before = size_of(folder / "asked");
    const pid_t child = begin_life([&] { live(life); });
    wait_until_it_asks(child, folder / "asked", before, random() % 20);
    std::this_thread::sleep_for(std::chrono::microseconds(random() % longest.count()));
    ::kill(child, SIGKILL);
    if (!WIFSIGNALED(end_life(child))) return life;
  }
  return lives;
}

}  // namespace hw::test
