#include "db/merkle.h"

#include <bit>

namespace hw::db {
namespace {

constexpr std::size_t kSize = 32;

}  // namespace

Digest leaf_hash(std::string_view entry) {
  Sha256 hash;
  hash.add(std::string_view("\x00", 1));
  hash.add(entry);
  return hash.finish();
}

Digest node_hash(std::string_view left, std::string_view right) {
  Sha256 hash;
  hash.add("\x01");
  hash.add(left);
  hash.add(right);
  return hash.finish();
}

MerkleEdge MerkleEdge::restore(std::uint64_t size, std::string_view bytes) {
  MerkleEdge edge;
  if (bytes.size() != static_cast<std::size_t>(std::popcount(size)) * kSize) return edge;
  edge.size_ = size;
  for (std::size_t at = 0; at < bytes.size(); at += kSize) edge.roots_.emplace_back(bytes.substr(at, kSize));
  return edge;
}

// Two complete subtrees of one size become one, as carries do in binary addition.
void MerkleEdge::append(Digest leaf) {
  for (std::uint64_t size = size_++; (size & 1U) != 0; size >>= 1U) {
    leaf = node_hash(roots_.back(), leaf);
    roots_.pop_back();
  }
  roots_.push_back(std::move(leaf));
}

Digest MerkleEdge::root() const {
  if (roots_.empty()) return sha256({});
  Digest root = roots_.back();
  for (std::size_t i = roots_.size() - 1; i > 0; --i) root = node_hash(roots_[i - 1], root);
  return root;
}

std::string MerkleEdge::bytes() const {
  std::string bytes;
  for (const Digest& root : roots_) bytes += root;
  return bytes;
}

}  // namespace hw::db
