#include "app/export_stream.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <streambuf>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "common/text.h"
#include "db/merkle.h"

namespace hw::app {
namespace {

tl::unexpected<Error> cannot_write(const std::string& output) {
  const int error = errno;
  if (error == EEXIST)
    return fail(ErrorCode::refused, fmt::format("{} is there already; name another file with --output", output));
  const ErrorCode code = error == ENOSPC ? ErrorCode::disk_full : error == EACCES ? ErrorCode::denied : ErrorCode::io;
  return fail(code, fmt::format("cannot write {}: {}", output, std::strerror(error)));
}

// Hands on what it is given and digests it.
class DigestingBuffer final : public std::streambuf {
 public:
  explicit DigestingBuffer(std::ostream& target) : target_(target) {}
  std::string digest() { return to_hex(hash_.finish()); }

 protected:
  int_type overflow(int_type c) override {
    if (traits_type::eq_int_type(c, traits_type::eof())) return traits_type::not_eof(c);
    const char byte = traits_type::to_char_type(c);
    return xsputn(&byte, 1) == 1 ? c : traits_type::eof();
  }

  std::streamsize xsputn(const char* bytes, std::streamsize size) override {
    hash_.add({bytes, static_cast<std::size_t>(size)});
    return target_.write(bytes, size) ? size : 0;
  }

  int sync() override { return target_.flush() ? 0 : -1; }

 private:
  std::ostream& target_;
  db::Sha256 hash_;
};

}  // namespace

struct ExportStream::Impl {
  std::string output;
  std::ofstream file;
  bool unfinished_file = false;
  std::unique_ptr<DigestingBuffer> buffer;
  std::unique_ptr<std::ostream> stream;

  ~Impl() {
    if (unfinished_file) ::unlink(output.c_str());
  }
};

ExportStream::ExportStream(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ExportStream::ExportStream(ExportStream&&) noexcept = default;
ExportStream& ExportStream::operator=(ExportStream&&) noexcept = default;
ExportStream::~ExportStream() = default;

Result<ExportStream> ExportStream::open(const std::string& output, std::ostream& standard_output) {
  auto impl = std::make_unique<Impl>();
  impl->output = output;
  if (output != "-") {
    const int descriptor = ::open(output.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0) return cannot_write(output);
    ::close(descriptor);
    impl->unfinished_file = true;
    impl->file.open(output, std::ios::binary);
    if (!impl->file) return cannot_write(output);
  }
  impl->buffer = std::make_unique<DigestingBuffer>(output == "-" ? standard_output : impl->file);
  impl->stream = std::make_unique<std::ostream>(impl->buffer.get());
  return ExportStream(std::move(impl));
}

std::ostream& ExportStream::stream() { return *impl_->stream; }

Result<std::string> ExportStream::finish() {
  if (!impl_->stream->flush()) return cannot_write(impl_->output == "-" ? "standard output" : impl_->output);
  impl_->unfinished_file = false;
  return impl_->buffer->digest();
}

}  // namespace hw::app
