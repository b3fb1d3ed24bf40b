#include "tests/support/replay.h"

#include <sstream>

#include <doctest/doctest.h>

namespace hw::test {

std::unique_ptr<Replay> Replay::start(std::string_view board) {
  const auto program = recorded("servers/replay");
  const auto file = recorded("fixtures/boards/" + std::string(board) + ".warc.gz");
  if (!program || !file) return nullptr;
  Invocation invocation;
  invocation.program = "python3";
  if (run({{"--version"}, "", {}, false, "python3"}).status != 0) {
    MESSAGE("skipped: python3, which serves the recordings, is not here");
    return nullptr;
  }
  invocation.arguments = {program->string(), file->string(), "--seconds", "300"};
  std::unique_ptr<Replay> replay(new Replay(invocation));
  replay->process_.wait_for_output("/\n");
  replay->url_ = replay->process_.out_so_far();
  replay->url_.pop_back();
  return replay;
}

std::vector<std::string> Replay::requests() const {
  std::vector<std::string> out;
  std::istringstream log(process_.err_so_far());
  for (std::string method, address, rest; log >> method >> address && std::getline(log, rest);) out.push_back(address);
  return out;
}

std::map<std::string, int> Replay::counts() const {
  std::map<std::string, int> out;
  for (const std::string& address : requests()) ++out[address];
  return out;
}

}  // namespace hw::test
