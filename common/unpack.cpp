#include "common/unpack.h"

#include <algorithm>
#include <vector>

#include <brotli/decode.h>
#include <fmt/format.h>
#include <zlib.h>

namespace hw {
namespace {

constexpr std::size_t kPiece = std::size_t{256} << 10;
constexpr std::string_view kMagic{"\x1F\x8B\x08", 3};
constexpr int kGzip = 16 + MAX_WBITS;
constexpr int kZlib = MAX_WBITS;
constexpr int kRaw = -MAX_WBITS;

Bytef* bytes(const char* data) { return reinterpret_cast<Bytef*>(const_cast<char*>(data)); }

// zlib's state with its end.
class Inflater {
 public:
  explicit Inflater(int window) { ready_ = inflateInit2(&state_, window) == Z_OK; }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() {
    if (ready_) inflateEnd(&state_);
  }
  void restart() { inflateReset(&state_); }

  struct Step {
    int result = Z_OK;
    std::size_t used = 0;
    std::size_t made = 0;
  };
  Step step(std::string_view in, char* out, std::size_t room) {
    if (!ready_) return {Z_MEM_ERROR, 0, 0};
    state_.next_in = bytes(in.data());
    state_.avail_in = static_cast<uInt>(std::min<std::size_t>(in.size(), kPiece));
    state_.next_out = bytes(out);
    state_.avail_out = static_cast<uInt>(room);
    const uInt offered = state_.avail_in;
    const int result = inflate(&state_, Z_NO_FLUSH);
    return {result, offered - state_.avail_in, room - state_.avail_out};
  }

 private:
  z_stream state_{};
  bool ready_ = false;
};

class GzipBytes final : public ByteStream {
 public:
  GzipBytes(std::unique_ptr<ByteStream> packed, UnpackLimits limits)
      : packed_(std::move(packed)), limits_(limits), buffer_(kPiece) {}

  std::string_view peek() override {
    while (at_ == filled_ && !ended_ && trouble_.empty()) fill();
    return {buffer_.data() + at_, filled_ - at_};
  }
  void skip(std::size_t count) override { at_ += count; }
  std::string trouble() const override { return trouble_.empty() ? packed_->trouble() : trouble_; }
  std::uint64_t offset() const override { return member_; }
  std::uint64_t used() const override { return packed_->used(); }

  // At the next place that begins like a member: past the header of the one that broke, when nothing else was read.
  bool resume() override {
    if (trouble_.empty()) return false;
    at_ = filled_ = 0;
    if (packed_->offset() == member_) advance(1);
    if (!find_member()) return false;
    trouble_.clear();
    return true;
  }

 private:
  void fill() {
    at_ = filled_ = 0;
    if (!within_member_ && !begin_member()) return;
    const std::string_view in = packed_->peek();
    if (in.empty()) return stop("the gzip data is cut short");
    const Inflater::Step step = inflater_.step(in, buffer_.data(), buffer_.size());
    packed_->skip(step.used);
    filled_ = step.made;
    made_ += step.made;
    if (step.result == Z_STREAM_END) {
      within_member_ = false;
    } else if (step.result != Z_OK && step.result != Z_BUF_ERROR) {
      stop("the gzip data is damaged");
    } else if (made_ > limits_.ratio_counts_from && made_ / limits_.most_ratio > packed_->offset() - member_) {
      filled_ = 0;
      stop(fmt::format("the gzip data unpacks to more than {} times its size: a bomb", limits_.most_ratio));
    }
  }

  // False at the end of the file. Zeros between members are padding; anything else that is no member is not read.
  bool begin_member() {
    for (std::string_view in = packed_->peek(); !in.empty() && in.front() == '\0'; in = packed_->peek())
      packed_->skip(std::min(in.find_first_not_of('\0'), in.size()));
    member_ = packed_->offset();
    ended_ = packed_->peek().empty();
    if (ended_) return false;
    start();
    return true;
  }

  void start() {
    member_ = packed_->offset();
    made_ = 0;
    inflater_.restart();
    within_member_ = true;
  }

  void stop(std::string why) {
    within_member_ = false;
    trouble_ = std::move(why);
  }

  // Where the magic is split between two pieces the next one is tried: a member more is lost, no more.
  bool find_member() {
    for (std::string_view in = packed_->peek(); !in.empty(); in = packed_->peek()) {
      const std::size_t found = in.find(kMagic);
      packed_->skip(found == std::string_view::npos ? in.size() : found);
      if (found == std::string_view::npos) continue;
      start();
      return true;
    }
    return false;
  }

  void advance(std::size_t count) { packed_->skip(std::min(count, packed_->peek().size())); }

  std::unique_ptr<ByteStream> packed_;
  UnpackLimits limits_;
  std::vector<char> buffer_;
  Inflater inflater_{kGzip};
  std::size_t at_ = 0;
  std::size_t filled_ = 0;
  std::uint64_t member_ = 0;  // where the present member begins
  std::uint64_t made_ = 0;    // bytes unpacked from it
  bool within_member_ = false;
  bool ended_ = false;
  std::string trouble_;
};

std::optional<std::string> inflated(std::string_view body, int window, std::size_t most) {
  Inflater inflater(window);
  std::string out;
  std::vector<char> room(kPiece);
  for (;;) {
    const Inflater::Step step = inflater.step(body, room.data(), room.size());
    body.remove_prefix(step.used);
    if (out.size() + step.made > most) return std::nullopt;
    out.append(room.data(), step.made);
    if (step.result == Z_STREAM_END) return out;
    const bool stuck = step.used == 0 && step.made == 0;
    if (step.result == Z_OK && !stuck) continue;
    const bool cut_short = body.empty() && (step.result == Z_OK || step.result == Z_BUF_ERROR);
    return cut_short && !out.empty() ? std::optional(std::move(out)) : std::nullopt;
  }
}

std::optional<std::string> unbrotlied(std::string_view body, std::size_t most) {
  const std::unique_ptr<BrotliDecoderState, void (*)(BrotliDecoderState*)> decoder(
      BrotliDecoderCreateInstance(nullptr, nullptr, nullptr), &BrotliDecoderDestroyInstance);
  if (decoder == nullptr) return std::nullopt;
  std::string out;
  std::size_t left = body.size();
  const auto* next = reinterpret_cast<const std::uint8_t*>(body.data());
  for (;;) {
    std::size_t none = 0;
    const auto result = BrotliDecoderDecompressStream(decoder.get(), &left, &next, &none, nullptr, nullptr);
    std::size_t made = 0;
    const std::uint8_t* piece = BrotliDecoderTakeOutput(decoder.get(), &made);
    if (out.size() + made > most) return std::nullopt;
    out.append(reinterpret_cast<const char*>(piece), made);
    if (result == BROTLI_DECODER_RESULT_SUCCESS) return out;
    if (result == BROTLI_DECODER_RESULT_ERROR) return std::nullopt;
    if (result == BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT && made == 0)
      return out.empty() ? std::nullopt : std::optional(std::move(out));
  }
}

}  // namespace

std::unique_ptr<ByteStream> unpacked(std::unique_ptr<ByteStream> stream, UnpackLimits limits) {
  auto seen = std::make_unique<Prefetched>(std::move(stream), kMagic.size());
  if (seen->first() != kMagic) return seen;
  return std::make_unique<GzipBytes>(std::move(seen), limits);
}

std::optional<std::string> unpack(std::string_view body, Coding coding, std::size_t most) {
  if (body.empty()) return std::string();
  if (coding == Coding::brotli) return unbrotlied(body, most);
  if (coding == Coding::gzip) return inflated(body, kGzip, most);
  auto framed = inflated(body, kZlib, most);
  return framed ? framed : inflated(body, kRaw, most);
}

}  // namespace hw
