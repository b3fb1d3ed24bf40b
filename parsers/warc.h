// Web archives, WARC/1.0 and 1.1 (ISO 28500), and the WET files derived from them: what was captured, as documents.
//
// A record is read in bounded memory and a broken one never costs the rest: it is told with its place, and reading goes
// on at the next. The stream is unpacked already (common/unpack.h).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "common/byte_stream.h"
#include "common/document.h"

namespace hw::parsers {

enum class RecordState {
  page,         // a response or a resource: a document as a server sent it, decoded
  text,         // a conversion record: the text of a page, as WET files hold it
  damaged,      // no record, or one cut short
  too_large,    // its body, packed or unpacked
  not_text,     // of a type that is not wanted; its body was passed over
  undecodable,  // in a transfer or content coding that is unknown or broken
};

struct ArchiveRecord {
  RecordState state = RecordState::page;
  std::uint64_t offset = 0;  // of its record in the file; of its member where the file is packed
  Document document;         // of a page or a text
};

// Whether the first bytes of a stream are those of a web archive.
bool begins_like_warc(std::string_view bytes);

class WarcReader {
 public:
  static constexpr std::size_t kLargestBody = std::size_t{16} << 20;

  // `wants` judges a media type ("text/html", empty when none is stated) before the body is read. Borrows the stream.
  WarcReader(ByteStream& stream, std::function<bool(std::string_view)> wants)
      : stream_(stream), wants_(std::move(wants)) {}

  // The next record; requests, metadata, revisits and the like are passed over. Nothing at the end.
  std::optional<ArchiveRecord> next();

 private:
  struct Head;  // of a record

  std::optional<std::uint64_t> find_record();
  std::optional<std::string> read_line(std::uint64_t& room);
  std::optional<std::vector<Header>> read_headers(std::uint64_t& room);
  bool read(std::string& into, std::uint64_t count);
  bool pass(std::uint64_t count);
  std::optional<RecordState> read_record(ArchiveRecord& record);
  RecordState read_http(const Head& head, Document& document);
  RecordState read_body(Document& document, std::uint64_t length);

  ByteStream& stream_;
  std::function<bool(std::string_view)> wants_;
  bool found_ = false;           // the version line of a record is read, and no more of it
  std::uint64_t record_at_ = 0;  // where it stands
  bool told_ = false;            // what stands before the next record is known to be damage
};

}  // namespace hw::parsers
