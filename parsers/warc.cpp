#include "parsers/warc.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "common/media_type.h"
#include "common/text.h"
#include "common/unpack.h"

namespace hw::parsers {
namespace {

constexpr std::uint64_t kMostHeaderBytes = std::uint64_t{64} << 10;
// A longer block is a number that was damaged: passing over it would lose all that follows.
constexpr std::uint64_t kLongestBlock = std::uint64_t{4} << 30;

std::optional<std::string_view> find(const std::vector<Header>& headers, std::string_view name) {
  const auto found = std::find_if(headers.begin(), headers.end(),
                                  [&](const Header& header) { return equals_ignoring_case(header.name, name); });
  return found == headers.end() ? std::nullopt : std::optional<std::string_view>(found->value);
}

std::optional<std::uint64_t> number(std::string_view text, int base) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return error == std::errc{} && end != text.data() ? std::optional(value) : std::nullopt;
}

// RFC 9112 §7.1. What is cut short comes as far as it goes; a body that is not in chunks, whatever its headers say,
// as it is.
std::string without_chunks(std::string body) {
  std::string out;
  for (std::string_view rest = body; !rest.empty();) {
    const std::size_t line = rest.find('\n');
    const auto size = number(trim(rest.substr(0, line)), 16);
    if (line == std::string_view::npos || !size) return out.empty() ? body : out;
    rest.remove_prefix(line + 1);
    if (*size == 0) break;
    out += rest.substr(0, *size);
    rest.remove_prefix(std::min<std::uint64_t>(rest.size(), *size));
    if (rest.starts_with('\r')) rest.remove_prefix(1);
    if (rest.starts_with('\n')) rest.remove_prefix(1);
  }
  return out;
}

std::optional<Coding> coding_named(std::string_view name) {
  if (name == "gzip" || name == "x-gzip") return Coding::gzip;
  if (name == "deflate") return Coding::deflate;
  if (name == "br") return Coding::brotli;
  return std::nullopt;
}

// Some archivers store bodies decoded and leave the header as it was.
bool looks_decoded(std::string_view body, Coding coding) {
  if (coding == Coding::gzip) return !body.starts_with("\x1F\x8B");
  const std::string_view start = trim(body.substr(0, 64));
  return valid_utf8(start) && (start.starts_with('<') || start.starts_with('{'));
}

RecordState decode(Document& document) {
  std::string codings(document.header("content-encoding").value_or(""));
  for (const std::string_view each : split(codings, ',')) {
    const std::string name = to_lower(trim(each));
    if (name.empty() || name == "identity") continue;
    const auto coding = coding_named(name);
    if (!coding) return RecordState::undecodable;
    if (looks_decoded(document.body, *coding)) continue;
    auto body = unpack(document.body, *coding, WarcReader::kLargestBody);
    if (!body) return RecordState::undecodable;
    document.body = std::move(*body);
  }
  return RecordState::page;
}

void set_type(Document& document, std::string_view header) {
  const MediaType type = parse_media_type(header);
  document.content_type = type.type;
  document.charset = type.charset;
}

// wget wrote addresses within <>.
std::string address(std::string_view written) {
  if (written.starts_with('<') && written.ends_with('>')) written = written.substr(1, written.size() - 2);
  return repair_utf8(written);
}

}  // namespace

struct WarcReader::Head {
  std::string type;
  std::string content_type;  // of the block
  std::uint64_t length = 0;  // of the block
};

bool begins_like_warc(std::string_view bytes) { return bytes.starts_with("WARC/1.") || bytes.starts_with("WARC/0."); }

std::optional<ArchiveRecord> WarcReader::next() {
  for (;;) {
    ArchiveRecord record;
    if (!found_) {
      if (const auto damage = find_record()) {
        record.state = RecordState::damaged;
        record.offset = *damage;
        return record;
      }
      if (!found_) return std::nullopt;
    }
    found_ = false;
    record.offset = record_at_;
    const auto state = read_record(record);
    if (!state) continue;
    record.state = *state;
    told_ = *state == RecordState::damaged;
    return record;
  }
}

// Reads the version line of the next record, if there is one. The place of what stood before it and is no record,
// unless that was told already.
std::optional<std::uint64_t> WarcReader::find_record() {
  std::optional<std::uint64_t> damage;
  const auto note = [&](std::uint64_t offset) {
    if (!std::exchange(told_, true)) damage = offset;
  };
  for (;;) {
    const std::string_view piece = stream_.peek();
    const std::uint64_t offset = stream_.offset();
    if (piece.empty()) {
      if (stream_.trouble().empty()) return damage;
      note(offset);
      if (!stream_.resume()) return damage;
    } else if (piece.front() == '\r' || piece.front() == '\n') {
      stream_.skip(1);
    } else if (std::uint64_t room = kMostHeaderBytes; begins_like_warc(read_line(room).value_or(""))) {
      found_ = true;
      told_ = false;
      record_at_ = offset;
      return damage;
    } else {
      note(offset);
    }
  }
}

// Without its line end, at most `room` bytes, which are used up. Nothing at the end of the stream or without room.
std::optional<std::string> WarcReader::read_line(std::uint64_t& room) {
  std::string line;
  bool any = false;
  for (std::string_view piece = stream_.peek(); !piece.empty() && room > 0; piece = stream_.peek()) {
    any = true;
    const std::size_t end = piece.find('\n');
    piece = piece.substr(0, std::min<std::uint64_t>(end == std::string_view::npos ? piece.size() : end + 1, room));
    line += piece;
    room -= piece.size();
    stream_.skip(piece.size());
    if (line.ends_with('\n')) break;
  }
  while (line.ends_with('\n') || line.ends_with('\r')) line.pop_back();
  return any ? std::optional(line) : std::nullopt;
}

// To the empty line. Nothing when there is no end to them.
std::optional<std::vector<Header>> WarcReader::read_headers(std::uint64_t& room) {
  std::vector<Header> headers;
  for (;;) {
    const auto line = read_line(room);
    if (!line) return std::nullopt;
    if (line->empty()) return headers;
    const std::size_t colon = line->find(':');
    const std::string_view text = *line;
    if ((text.front() == ' ' || text.front() == '\t') && !headers.empty())
      headers.back().value += " " + std::string(trim(text));
    else if (colon != std::string_view::npos)
      headers.push_back({std::string(trim(text.substr(0, colon))), std::string(trim(text.substr(colon + 1)))});
  }
}

bool WarcReader::read(std::string& into, std::uint64_t count) {
  into.reserve(std::min<std::uint64_t>(count, 256 << 10));
  while (count > 0) {
    const std::string_view piece = stream_.peek().substr(0, count);
    if (piece.empty()) return false;
    into += piece;
    stream_.skip(piece.size());
    count -= piece.size();
  }
  return true;
}

bool WarcReader::pass(std::uint64_t count) {
  while (count > 0) {
    const std::size_t piece = std::min<std::uint64_t>(stream_.peek().size(), count);
    if (piece == 0) return false;
    stream_.skip(piece);
    count -= piece;
  }
  return true;
}

// Nothing for a record of another kind.
std::optional<RecordState> WarcReader::read_record(ArchiveRecord& record) {
  std::uint64_t room = kMostHeaderBytes;
  const auto headers = read_headers(room);
  const auto type = headers ? find(*headers, "WARC-Type") : std::nullopt;
  const auto length = headers ? number(find(*headers, "Content-Length").value_or(""), 10) : std::nullopt;
  if (!type || !length || *length > kLongestBlock) return RecordState::damaged;
  Head head{to_lower(*type), std::string(find(*headers, "Content-Type").value_or("")), *length};
  Document& document = record.document;
  document.url = document.request.url = address(find(*headers, "WARC-Target-URI").value_or(""));
  document.request.role = PageRole::thread;
  document.fetched_at = parse_rfc3339(find(*headers, "WARC-Date").value_or("")).value_or(Time{});
  if (head.type == "response" && to_lower(head.content_type).starts_with("application/http"))
    return read_http(head, document);
  if (head.type == "resource" || head.type == "conversion") {
    document.status = 200;
    set_type(document, head.content_type);
    const RecordState state = read_body(document, head.length);
    return state == RecordState::page && head.type == "conversion" ? RecordState::text : state;
  }
  return pass(head.length) ? std::nullopt : std::optional(RecordState::damaged);
}

RecordState WarcReader::read_http(const Head& head, Document& document) {
  std::uint64_t room = std::min(head.length, kMostHeaderBytes);
  const std::uint64_t all = room;
  const auto status = read_line(room);
  auto headers = read_headers(room);
  if (!status || !headers) return RecordState::damaged;
  const std::size_t space = status->find(' ');
  if (space != std::string::npos)
    document.status = static_cast<int>(number(trim(std::string_view(*status).substr(space)), 10).value_or(0) % 1000);
  document.headers = std::move(*headers);
  set_type(document, document.header("content-type").value_or(""));
  const std::uint64_t left = head.length - (all - room);
  const RecordState state = read_body(document, left);
  if (state != RecordState::page) return state;
  const std::string transfer = to_lower(document.header("transfer-encoding").value_or(""));
  if (transfer.find("chunked") != std::string::npos) document.body = without_chunks(std::move(document.body));
  return decode(document);
}

RecordState WarcReader::read_body(Document& document, std::uint64_t length) {
  const bool wanted = wants_(document.content_type);
  if (!wanted || length > kLargestBody) {
    if (!pass(length)) return RecordState::damaged;
    return wanted ? RecordState::too_large : RecordState::not_text;
  }
  return read(document.body, length) ? RecordState::page : RecordState::damaged;
}

}  // namespace hw::parsers
