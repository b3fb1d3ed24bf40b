// Bytes from somewhere, a piece at a time, in bounded memory: a file, standard input, memory, and what unpacks another
// stream (common/unpack.h).
//
// A reader looks at what is at hand and says how much of it it has used. A stream that breaks ends, and trouble() says
// why. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "common/error.h"

namespace hw {

class ByteStream {
 public:
  virtual ~ByteStream() = default;
  // What is at hand, more being read when there is nothing; valid until the next call. Empty: the end.
  virtual std::string_view peek() = 0;
  // Uses up `count` bytes of what peek() gave.
  virtual void skip(std::size_t count) = 0;
  // Why the stream ended before its end; empty when it did not.
  virtual std::string trouble() const { return {}; }
  // After trouble within the data: goes on behind the damage, where the stream has places to go on at.
  virtual bool resume() { return false; }
  // Where the file can be read again from to see what is at hand: for messages.
  virtual std::uint64_t offset() const = 0;
  // How much of the file is used up: for progress.
  virtual std::uint64_t used() const { return offset(); }
};

// A file, or standard input for "-" and nothing. Fails with io, and says why.
Result<std::unique_ptr<ByteStream>> open_bytes(const std::string& path);

// Bytes in memory, borrowed. Hands them out in pieces of at most `piece`.
class MemoryBytes final : public ByteStream {
 public:
  explicit MemoryBytes(std::string_view bytes, std::size_t piece = 65536) : bytes_(bytes), piece_(piece) {}
  std::string_view peek() override { return bytes_.substr(at_, piece_); }
  void skip(std::size_t count) override { at_ += count; }
  std::uint64_t offset() const override { return at_; }

 private:
  std::string_view bytes_;
  std::size_t piece_;
  std::size_t at_ = 0;
};

// A stream whose beginning can be looked at first: the first `count` bytes of a stream, fewer when it ends before.
// They are not used up.
class Prefetched final : public ByteStream {
 public:
  explicit Prefetched(std::unique_ptr<ByteStream> inner, std::size_t count);
  std::string_view first() const { return first_; }
  std::string_view peek() override;
  void skip(std::size_t count) override;
  std::string trouble() const override { return inner_->trouble(); }
  bool resume() override { return inner_->resume(); }
  std::uint64_t offset() const override;
  std::uint64_t used() const override { return inner_->used(); }

 private:
  std::unique_ptr<ByteStream> inner_;
  std::string first_;
  std::size_t at_ = 0;
};

}  // namespace hw
