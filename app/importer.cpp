#include "app/importer.h"

#include <utility>

namespace hw::app {
namespace {

constexpr std::size_t kBatch = 500;                               // posts a transaction
constexpr std::size_t kMostBytesOfBatch = std::size_t{16} << 20;  // of text, held at a time

}  // namespace

Status Importer::take(Post post) {
  if (post.state == PostState::deleted) ++deleted_;  // the pipeline notes it on its hit, if it was one
  if (post.source.empty()) post.source = source_;
  batch_bytes_ += post.text.size();
  batch_.push_back(std::move(post));
  return batch_.size() < kBatch && batch_bytes_ < kMostBytesOfBatch ? Status{} : flush();
}

Status Importer::flush() {
  batch_bytes_ = 0;
  const auto judgement = pipeline_.judge(std::exchange(batch_, {}));
  if (!judgement) return tl::unexpected(judgement.error());
  total_.posts += judgement->posts;
  total_.new_posts += judgement->new_posts;
  total_.hits += judgement->hits;
  return {};
}

}  // namespace hw::app
