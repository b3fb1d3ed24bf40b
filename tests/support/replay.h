// A recorded board served on loopback by the recorder's own replay program, and what was asked of it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/process.h"

namespace hw::test {

class Replay {
 public:
  // Prints why and returns nothing where the recordings (or Python, which serves them) are absent.
  static std::unique_ptr<Replay> start(std::string_view board);

  const std::string& url() const { return url_; }  // "http://127.0.0.1:PORT/"
  // Every request so far, as "/viewtopic.php?t=2", in order.
  std::vector<std::string> requests() const;
  // The same, with how often each was asked.
  std::map<std::string, int> counts() const;

 private:
  explicit Replay(const Invocation& invocation) : process_(invocation) {}
  Process process_;
  std::string url_;
};

}  // namespace hw::test
