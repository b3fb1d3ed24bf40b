// The threads that read documents: pages in, readings out, in any order.
//
// One thread owns it and calls everything; the readers only run PageStages::read. What is in hand is bounded by whoever
// submits: has_room() says when to stop fetching, so that a slow disk slows the fetching instead of filling the memory.
// The end of its life discards what waits and finishes what is being read.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "crawler/crawl_state.h"
#include "crawler/page_stages.h"

namespace hw::crawler {

// A page between its fetching and its storing.
struct PageInHand {
  PageJob job;
  std::size_t lane = 0;
  Validators validators;
  std::size_t bytes = 0;
  Document document;                 // until it is read
  std::unique_ptr<Reading> reading;  // from then on, until it is stored
  PageOutcome outcome;               // from then on
};

class Readers {
 public:
  // Without threads a page is read when it is submitted. `announce` is called by the readers' threads when a page has
  // been read.
  Readers(const PageStages& stages, std::size_t threads, std::uint64_t most_bytes, std::function<void()> announce);
  ~Readers();
  Readers(const Readers&) = delete;
  Readers& operator=(const Readers&) = delete;

  void submit(PageInHand page);
  // What has been read since the last call.
  std::vector<PageInHand> take_read();
  // Sleeps until something has been read; returns at once when nothing is in hand.
  void wait_for_any();
  std::size_t in_hand() const { return in_hand_; }  // submitted and not taken
  bool has_room() const;

 private:
  void work();
  void read(PageInHand& page) const;

  const PageStages& stages_;
  std::uint64_t most_bytes_;
  std::function<void()> announce_;
  std::size_t in_hand_ = 0;
  std::uint64_t bytes_in_hand_ = 0;
  std::mutex mutex_;
  std::condition_variable submitted_;
  std::condition_variable finished_;
  std::deque<PageInHand> waiting_;
  std::vector<PageInHand> read_;
  bool ending_ = false;
  std::vector<std::jthread> threads_;  // ended before the rest goes
};

}  // namespace hw::crawler
