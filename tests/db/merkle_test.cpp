#include "db/merkle.h"

#include <vector>

#include <doctest/doctest.h>

#include "common/text.h"

using namespace hw::db;

namespace {

// RFC 6962 §2.1, word for word: split at the largest power of two smaller than n.
Digest by_definition(const std::vector<Digest>& leaves, std::size_t from, std::size_t to) {
  if (from == to) return sha256({});
  if (to - from == 1) return leaves[from];
  std::size_t split = 1;
  while (split * 2 < to - from) split *= 2;
  return node_hash(by_definition(leaves, from, from + split), by_definition(leaves, from + split, to));
}

}  // namespace

TEST_CASE("the published vectors of RFC 6962 trees") {
  const std::vector<std::string> inputs{"",
                                        std::string(1, '\0'),
                                        "\x10",
                                        "\x20\x21",
                                        "\x30\x31",
                                        "\x40\x41\x42\x43",
                                        "\x50\x51\x52\x53\x54\x55\x56\x57",
                                        "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f"};
  MerkleEdge edge;
  std::vector<std::string> roots;
  for (const std::string& input : inputs) {
    edge.append(leaf_hash(input));
    roots.push_back(hw::to_hex(edge.root()));
  }
  CHECK(roots[0] == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
  CHECK(roots[1] == "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125");
  CHECK(roots[7] == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
  CHECK(hw::to_hex(MerkleEdge().root()) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("the edge gives the root of the definition at every size, also after being stored") {
  std::vector<Digest> leaves;
  MerkleEdge edge;
  for (int i = 0; i < 70; ++i) {
    leaves.push_back(leaf_hash(std::to_string(i)));
    edge = MerkleEdge::restore(edge.size(), edge.bytes());
    edge.append(leaves.back());
    CHECK(edge.root() == by_definition(leaves, 0, leaves.size()));
  }
  CHECK(MerkleEdge::restore(3, "short").size() == 0);
}
