#include "parsers/arena.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <new>
#include <utility>

namespace hw::parsers {
namespace {

constexpr std::size_t kSmallestBlock = std::size_t{64} << 10;
constexpr std::size_t kLargestBlock = std::size_t{4} << 20;
constexpr std::uint32_t kCallsBetweenLooks = 256;

// Of this thread: a busy machine must not make a page look hostile.
std::int64_t cpu_time() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

}  // namespace

Arena::Arena(std::size_t most_bytes, std::chrono::nanoseconds most_time)
    : bytes_left_(most_bytes), deadline_(cpu_time() + most_time.count()) {}

void Arena::give_up() { std::longjmp(way_out, 1); }  // NOLINT(cert-err52-cpp): over frames of C alone

void Arena::check_time() {
  if (++calls_ % kCallsBetweenLooks == 0 && cpu_time() > deadline_) give_up();
}

void* Arena::take(std::size_t bytes) {
  check_time();
  constexpr std::size_t kAlignment = alignof(std::max_align_t);
  bytes = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  if (bytes > left_) {
    const std::size_t grown = std::min(kLargestBlock, kSmallestBlock << std::min<std::size_t>(blocks_.size(), 6));
    const std::size_t size = std::max(bytes, grown);
    if (size > bytes_left_) give_up();
    bytes_left_ -= size;
    std::unique_ptr<std::byte[]> block(new (std::nothrow) std::byte[size]);  // make_unique would clear it
    if (block == nullptr) give_up();
    mark_ = block.get();
    blocks_.push_back(std::move(block));
    left_ = size;
  }
  last_ = mark_;
  mark_ += bytes;
  left_ -= bytes;
  return last_;
}

void Arena::give_back(void* taken) {
  if (taken != last_ || last_ == nullptr) return;
  left_ += static_cast<std::size_t>(mark_ - last_);
  mark_ = last_;
  last_ = nullptr;
}

}  // namespace hw::parsers
