// Running the built binary the way its user does: arguments, standard input, environment; then its exit status and what
// it printed. A child that outlives its test is killed with it.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include <sys/types.h>

#include "tests/support/support.h"

namespace hw::test {

// The built handlewatch.
std::string binary();

struct Outcome {
  int status = -1;  // exit status; 128 + signal when killed
  std::string out;
  std::string err;
};

struct Invocation {
  std::vector<std::string> arguments;  // after the program's name
  std::string input;
  std::map<std::string, std::string> environment;  // on top of a minimal one
  bool as_nobody = false;                          // gives up root first, so that file modes count
  std::string program = binary();
};

// A running child with its output going to files.
class Process {
 public:
  explicit Process(const Invocation& invocation);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t id() const { return pid_; }
  void signal(int number) const;
  Outcome wait();  // until it ends
  std::string out_so_far() const;
  std::string err_so_far() const;
  // Waits until `text` shows up on standard output; fails the test when the child ends or 20 s pass without it.
  void wait_for_output(std::string_view text) const;

 private:
  TemporaryFolder folder_;
  pid_t pid_ = -1;
};

Outcome run(const Invocation& invocation);
// run() of the binary with `--data folder` in front.
Outcome handlewatch(const std::filesystem::path& data, std::vector<std::string> arguments, std::string input = "");

}  // namespace hw::test
