// Prepares the process, runs the command line, and catches what must not happen.
#include <csignal>
#include <exception>
#include <iostream>
#include <new>
#include <typeinfo>

#include <sys/prctl.h>
#include <sys/resource.h>

#include "app/command_line.h"
#include "app/session.h"
#include "common/memory.h"

namespace {

// A core would hold keys and opened records. The limit alone would not keep one from a program that the system pipes
// cores to; what is not dumpable no debugger of the same user reads, either.
void forbid_cores() {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);
}

}  // namespace

int main(int argc, char** argv) {
  forbid_cores();
  hw::keep_freed_memory();
  std::signal(SIGPIPE, SIG_IGN);
  std::ios::sync_with_stdio(false);
  try {
    hw::app::Session session;
    session.out = &std::cout;
    session.err = &std::cerr;
    return hw::app::run_command_line(session, {argv + 1, argv + argc});
  } catch (const std::bad_alloc&) {
    std::cerr << "handlewatch: out of memory\n";
  } catch (const std::exception& error) {
    // A bug: nothing of ours throws past its folder. The type says more than a message that may quote data.
    std::cerr << "handlewatch: internal error (" << typeid(error).name() << "), please report it\n";
  }
  return hw::app::kSomethingFailed;
}
