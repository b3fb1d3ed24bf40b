#include "classifier/first_look.h"

namespace hw::classifier {
namespace {

constexpr std::size_t kOften = 10000;  // posts; a command that reads a few lines need not pay for compiling

}  // namespace

void FirstLooker::prepare() const {
  std::call_once(once_, [this] {
    prescan_ = std::make_unique<const Prescan>(rules_.patterns(), finder_.telling_words());
    ready_.store(true, std::memory_order_release);
  });
}

FirstLook FirstLooker::look_thoroughly(const FoldedPost& post) const {
  return {finder_.mentions(post), rules_.scan(post)};
}

FirstLook FirstLooker::look(const FoldedPost& post) const {
  if (!ready_.load(std::memory_order_acquire)) {
    if (asked_.fetch_add(1, std::memory_order_relaxed) < kOften) return look_thoroughly(post);
    prepare();
  }
  const Prescan::Found found = prescan_->scan(post.text());
  FirstLook out;
  if (found.word) out.mentions = finder_.mentions(post);
  if (!found.patterns.empty()) out.firings = rules_.judge(post, found.patterns);
  return out;
}

}  // namespace hw::classifier
