// Only one process crawls into a data folder at a time. The lock goes with the process, however that ends.
#pragma once

#include <filesystem>

#include "common/error.h"

namespace hw::app {

class FolderLock {
 public:
  // Fails with busy, naming the process that holds it.
  static Result<FolderLock> take(const std::filesystem::path& folder);
  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock();

 private:
  explicit FolderLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace hw::app
