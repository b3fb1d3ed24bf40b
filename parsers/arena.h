// Memory for one tree: handed out by a moving mark, given back all at once, and limited in bytes and in time.
//
// A tree builder written in C cannot be told to stop, but it asks for memory at every token. When a limit is reached
// the arena leaves through the jump buffer that its owner set; nothing the builder held needs more than the arena's
// end.
#pragma once

#include <chrono>
#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace hw::parsers {

class Arena {
 public:
  Arena(std::size_t most_bytes, std::chrono::nanoseconds most_time);

  // Never nullptr. Past a limit it does not return: longjmp(way_out, 1).
  void* take(std::size_t bytes);
  // What was taken last is taken again; anything else waits for the arena's end.
  void give_back(void* taken);
  std::jmp_buf way_out;

 private:
  [[noreturn]] void give_up();
  void check_time();

  std::vector<std::unique_ptr<std::byte[]>> blocks_;
  std::byte* mark_ = nullptr;
  std::byte* last_ = nullptr;  // taken from the current block
  std::size_t left_ = 0;
  std::size_t bytes_left_;
  std::uint32_t calls_ = 0;
  std::int64_t deadline_;  // thread CPU time, in nanoseconds
};

}  // namespace hw::parsers
