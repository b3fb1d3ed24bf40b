#include "crawler/readers.h"

#include <utility>

namespace hw::crawler {
namespace {

constexpr std::size_t kPagesPerThread = 16;

}  // namespace

Readers::Readers(const PageStages& stages, std::size_t threads, std::uint64_t most_bytes,
                 std::function<void()> announce)
    : stages_(stages), most_bytes_(most_bytes), announce_(std::move(announce)) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

Readers::~Readers() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    waiting_.clear();
  }
  submitted_.notify_all();
}

void Readers::read(PageInHand& page) const {
  page.reading = stages_.read(*page.job.source->spec, std::exchange(page.document, {}));
}

void Readers::submit(PageInHand page) {
  ++in_hand_;
  bytes_in_hand_ += page.bytes;
  if (threads_.empty()) {
    read(page);
    read_.push_back(std::move(page));
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(page));
  }
  submitted_.notify_one();
}

void Readers::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    submitted_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    if (ending_) return;
    PageInHand page = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    read(page);
    lock.lock();
    read_.push_back(std::move(page));
    const bool first = read_.size() == 1;  // who is told once takes all
    lock.unlock();
    finished_.notify_one();
    if (first) announce_();
    lock.lock();
  }
}

std::vector<PageInHand> Readers::take_read() {
  std::vector<PageInHand> out;
  {
    const std::lock_guard lock(mutex_);
    out.swap(read_);
  }
  in_hand_ -= out.size();
  for (const PageInHand& page : out) bytes_in_hand_ -= page.bytes;
  return out;
}

void Readers::wait_for_any() {
  std::unique_lock lock(mutex_);
  finished_.wait(lock, [this] { return in_hand_ == 0 || !read_.empty(); });
}

bool Readers::has_room() const {
  return in_hand_ < kPagesPerThread * (threads_.size() + 1) && bytes_in_hand_ < most_bytes_;
}

}  // namespace hw::crawler
