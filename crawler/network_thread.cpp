// A fetcher on a thread of its own: requests in by one box, answers out by another. Both hold at most what is under
// way, which whoever asks keeps in bounds.
#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "crawler/fetcher.h"

namespace hw::crawler {
namespace {

constexpr Duration kUntilWoken{std::chrono::hours(1)};
// Where many are under way, answers are handed over some at a time: what a turn of the crawl costs is then shared.
constexpr Duration kGathered{std::chrono::milliseconds(30)};
constexpr std::size_t kMostGathered = 32;

class NetworkThread final : public Fetcher {
 public:
  explicit NetworkThread(std::unique_ptr<Fetcher> fetcher)
      : fetcher_(std::move(fetcher)), thread_([this] { work(); }) {}
  NetworkThread(const NetworkThread&) = delete;
  NetworkThread& operator=(const NetworkThread&) = delete;
  ~NetworkThread() override {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    fetcher_->wake();
  }

  // Handed over by the next wait(), several at once.
  void start(Ticket ticket, const FetchRequest& request) override {
    to_send_.emplace_back(ticket, request);
    ++under_way_;
  }

  std::vector<Fetched> wait(Duration at_most) override {
    hand_over();
    std::vector<Fetched> finished;
    {
      std::unique_lock lock(mutex_);
      arrived_.wait_for(lock, at_most, [this] { return woken_ || !answers_.empty(); });
      gather(lock);
      woken_ = false;
      finished.swap(answers_);
    }
    under_way_ -= finished.size();
    return finished;
  }

  std::size_t under_way() const override { return under_way_; }

  void wake() override {
    {
      const std::lock_guard lock(mutex_);
      woken_ = true;
    }
    arrived_.notify_one();
  }

 private:
  // Called with the lock held, once there is something to do.
  void gather(std::unique_lock<std::mutex>& lock) {
    wanted_ = std::min(under_way_ / 2, kMostGathered);
    if (wanted_ > 1) arrived_.wait_for(lock, kGathered, [this] { return answers_.size() >= wanted_; });
    wanted_ = 1;
  }

  using Sent = std::pair<Ticket, FetchRequest>;

  void hand_over() {
    if (to_send_.empty()) return;
    {
      const std::lock_guard lock(mutex_);
      std::move(to_send_.begin(), to_send_.end(), std::back_inserter(requests_));
    }
    to_send_.clear();
    fetcher_->wake();
  }

  void work() {
    for (;;) {
      std::vector<Sent> requests;
      {
        const std::lock_guard lock(mutex_);
        if (ending_) return;
        requests.swap(requests_);
      }
      for (const auto& [ticket, request] : requests) fetcher_->start(ticket, request);
      deliver(fetcher_->wait(kUntilWoken));
    }
  }

  void deliver(std::vector<Fetched> finished) {
    if (finished.empty()) return;
    bool enough = false;
    {
      const std::lock_guard lock(mutex_);
      std::move(finished.begin(), finished.end(), std::back_inserter(answers_));
      enough = answers_.size() >= wanted_;
    }
    if (enough) arrived_.notify_one();
  }

  std::unique_ptr<Fetcher> fetcher_;
  std::vector<Sent> to_send_;  // of the asking thread, as is under_way_
  std::size_t under_way_ = 0;
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<Sent> requests_;
  std::vector<Fetched> answers_;
  std::size_t wanted_ = 1;
  bool woken_ = false;
  bool ending_ = false;
  std::jthread thread_;  // ended before the rest goes
};

}  // namespace

std::unique_ptr<Fetcher> on_its_own_thread(std::unique_ptr<Fetcher> fetcher) {
  return std::make_unique<NetworkThread>(std::move(fetcher));
}

}  // namespace hw::crawler
