// The hash tree of RFC 6962 §2.1 over leaf hashes. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/digest.h"

namespace hw::db {

using Digest = std::string;  // 32 bytes

using hw::Sha256;
using hw::sha256;

// SHA-256(0x00 ‖ entry) and SHA-256(0x01 ‖ left ‖ right).
Digest leaf_hash(std::string_view entry);
Digest node_hash(std::string_view left, std::string_view right);

// The right edge of a growing tree: the roots of its complete subtrees, largest first. Appending costs log₂ of the size
// at most, and so does the root.
class MerkleEdge {
 public:
  MerkleEdge() = default;
  // As size() and bytes() gave them. Empty where they do not fit each other.
  static MerkleEdge restore(std::uint64_t size, std::string_view bytes);

  void append(Digest leaf);
  std::uint64_t size() const { return size_; }
  Digest root() const;  // of the empty tree: SHA-256 of nothing
  std::string bytes() const;

 private:
  std::uint64_t size_ = 0;
  std::vector<Digest> roots_;
};

}  // namespace hw::db
