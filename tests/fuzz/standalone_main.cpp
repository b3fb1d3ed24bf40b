// Runs a fuzz target without libFuzzer: every file named (or found in a folder named), then mutations of them for a
// moment. The mutations are the same on every run, so that a failure comes back.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr std::size_t kMostSeedBytes = 128 << 10;
constexpr std::chrono::seconds kMutationTime(2);
constexpr int kFewestMutations = 50;  // also on a machine that is so slow that the time is over at once

void run(std::string_view input) {
  // A copy of its own size, so that a sanitizer sees a read one byte past the end.
  const std::vector<std::uint8_t> bytes(input.begin(), input.end());
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

std::string content_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::vector<std::string> seeds_in(const std::filesystem::path& place) {
  if (!std::filesystem::is_directory(place)) return {content_of(place)};
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(place))
    if (entry.is_regular_file()) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<std::string> seeds;
  for (const auto& file : files) seeds.push_back(content_of(file));
  return seeds;
}

class Mutator {
 public:
  explicit Mutator(const std::vector<std::string>& seeds) : seeds_(seeds) {}

  std::string next() {
    std::string input = seeds_[below(seeds_.size())].substr(0, kMostSeedBytes);
    for (std::size_t edits = 1 + below(8); edits > 0; --edits) edit(input);
    return input;
  }

 private:
  void edit(std::string& input) {
    const std::size_t at = below(input.size() + 1);
    const std::size_t length = below(std::min<std::size_t>(input.size() - at, 64) + 1);
    switch (below(5)) {
      case 0:
        input.erase(at, length);
        break;
      case 1:
        input.insert(at, input.substr(at, length));
        break;
      case 2:
        input.insert(at, kTokens[below(std::size(kTokens))]);
        break;
      case 3:
        input.resize(at);
        break;
      default:
        if (at < input.size()) input[at] = static_cast<char>(below(256));
    }
  }

  std::size_t below(std::size_t bound) {  // xorshift64
    state_ ^= state_ << 13U;
    state_ ^= state_ >> 7U;
    state_ ^= state_ << 17U;
    return static_cast<std::size_t>(state_ % bound);
  }

  static constexpr std::string_view kTokens[] = {std::string_view("\0", 1),
                                                 "\xFF",
                                                 "\xED\xA0\x80",
                                                 "\\ud800",
                                                 "<",
                                                 "</",
                                                 "<!--",
                                                 "&#x110000;",
                                                 "[[[[[[[[",
                                                 "-9223372036854775808",
                                                 "\r\n",
                                                 "\"",
                                                 "://",
                                                 "%00",
                                                 "@",
                                                 "\xE2\x80\xAE"};
  const std::vector<std::string>& seeds_;
  std::uint64_t state_ = 0x9e3779b97f4a7c15U;
};

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> seeds = {""};
  for (int i = 1; i < argc; ++i)
    for (std::string& seed : seeds_in(argv[i])) seeds.push_back(std::move(seed));
  for (const std::string& seed : seeds) run(seed);
  Mutator mutator(seeds);
  const auto end = std::chrono::steady_clock::now() + kMutationTime;
  int mutations = 0;
  for (; mutations < kFewestMutations || std::chrono::steady_clock::now() < end; ++mutations) run(mutator.next());
  std::printf("%zu inputs and %d mutations of them went well\n", seeds.size(), mutations);
  return EXIT_SUCCESS;
}
