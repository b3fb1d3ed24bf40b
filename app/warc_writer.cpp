#include "app/warc_writer.h"

#include <array>

#include <fmt/format.h>
#include <zlib.h>

#include "common/digest.h"
#include "common/uuid.h"

namespace hw::app {
namespace {

constexpr int kGzipWindow = 15 + 16;  // zlib: the largest window, with a gzip header

// A field ends where its line ends.
std::string one_line(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  return text;
}

void write_gzip(std::ostream& out, std::string_view head, std::string_view body) {
  z_stream stream{};
  deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY);
  std::array<char, 1U << 14> buffer{};
  const auto add = [&](std::string_view bytes, int flush) {
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    do {
      stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
      stream.avail_out = buffer.size();
      deflate(&stream, flush);
      out.write(buffer.data(), static_cast<std::streamsize>(buffer.size() - stream.avail_out));
    } while (stream.avail_out == 0);
  };
  add(head, Z_NO_FLUSH);
  add(body, Z_NO_FLUSH);
  add("\r\n\r\n", Z_FINISH);
  deflateEnd(&stream);
}

}  // namespace

std::string WarcWriter::write(const WarcRecord& record) {
  const std::string id = "<urn:uuid:" + random_uuid() + ">";
  std::string head = fmt::format("WARC/1.1\r\nWARC-Type: {}\r\nWARC-Record-ID: {}\r\nWARC-Date: {}\r\n", record.type,
                                 id, to_rfc3339(record.date));
  if (!record.target_uri.empty()) head += fmt::format("WARC-Target-URI: {}\r\n", one_line(record.target_uri));
  for (const Header& field : record.more) head += fmt::format("{}: {}\r\n", field.name, one_line(field.value));
  head += fmt::format("WARC-Block-Digest: sha256:{}\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n",
                      sha256_hex(record.body), record.content_type, record.body.size());
  write_gzip(out_, head, record.body);
  ++records_;
  return id;
}

}  // namespace hw::app
