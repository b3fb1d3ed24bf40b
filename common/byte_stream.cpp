#include "common/byte_stream.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace hw {
namespace {

constexpr std::size_t kPiece = std::size_t{256} << 10;

class FileBytes final : public ByteStream {
 public:
  FileBytes(int descriptor, std::string name) : descriptor_(descriptor), name_(std::move(name)), buffer_(kPiece) {}
  FileBytes(const FileBytes&) = delete;
  FileBytes& operator=(const FileBytes&) = delete;
  ~FileBytes() override {
    if (descriptor_ != STDIN_FILENO) ::close(descriptor_);
  }

  std::string_view peek() override {
    if (at_ == filled_) fill();
    return {buffer_.data() + at_, filled_ - at_};
  }
  void skip(std::size_t count) override {
    at_ += count;
    used_ += count;
  }
  std::string trouble() const override { return trouble_; }
  std::uint64_t offset() const override { return used_; }

 private:
  void fill() {
    at_ = filled_ = 0;
    if (!trouble_.empty()) return;
    ssize_t got = 0;
    do got = ::read(descriptor_, buffer_.data(), buffer_.size());
    while (got < 0 && errno == EINTR);
    if (got < 0)
      trouble_ = fmt::format("{} broke off: {}", name_, std::strerror(errno));
    else
      filled_ = static_cast<std::size_t>(got);
  }

  int descriptor_;
  std::string name_;
  std::vector<char> buffer_;
  std::size_t at_ = 0;
  std::size_t filled_ = 0;
  std::uint64_t used_ = 0;
  std::string trouble_;
};

}  // namespace

Result<std::unique_ptr<ByteStream>> open_bytes(const std::string& path) {
  if (path.empty() || path == "-") return std::make_unique<FileBytes>(STDIN_FILENO, "standard input");
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return fail(ErrorCode::io, fmt::format("cannot read {}: {}", path, std::strerror(errno)));
  auto stream = std::make_unique<FileBytes>(descriptor, path);
  struct stat status{};
  if (::fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode))
    return fail(ErrorCode::io, fmt::format("cannot read {}: it is a folder, name a file", path));
  return stream;
}

Prefetched::Prefetched(std::unique_ptr<ByteStream> inner, std::size_t count) : inner_(std::move(inner)) {
  while (first_.size() < count) {
    const std::string_view piece = inner_->peek().substr(0, count - first_.size());
    if (piece.empty()) break;
    first_ += piece;
    inner_->skip(piece.size());
  }
}

std::string_view Prefetched::peek() {
  return at_ < first_.size() ? std::string_view(first_).substr(at_) : inner_->peek();
}

void Prefetched::skip(std::size_t count) {
  if (at_ < first_.size())
    at_ += count;
  else
    inner_->skip(count);
}

std::uint64_t Prefetched::offset() const { return inner_->offset() - (first_.size() - at_); }

}  // namespace hw
