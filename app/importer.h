// Posts from anywhere into the store: collected into batches, each judged and recorded in one transaction.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "app/pipeline.h"

namespace hw::app {

class Importer {
 public:
  // `source` is what posts that name none are said to come from. Borrows the pipeline.
  Importer(Pipeline& pipeline, std::string source) : pipeline_(pipeline), source_(std::move(source)) {}

  // Deleted posts are counted, and noted on the hits that they were. Fails only when the store does.
  Status take(Post post);
  Status flush();

  const Judgement& total() const { return total_; }
  std::size_t deleted() const { return deleted_; }

 private:
  Pipeline& pipeline_;
  std::string source_;
  std::vector<Post> batch_;
  std::size_t batch_bytes_ = 0;
  Judgement total_;
  std::size_t deleted_ = 0;
};

}  // namespace hw::app
