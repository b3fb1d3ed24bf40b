#include "crawler/gate.h"

#include <algorithm>
#include <array>

#include "common/text.h"

namespace hw::crawler {
namespace {

using std::string_view_literals::operator""sv;

struct Magic {
  std::size_t offset;
  std::string_view bytes;
  std::string_view what;
};

constexpr Magic kMagic[] = {
    {0, "\x89PNG\r\n\x1A\n"sv, "a PNG image"},
    {0, "\xFF\xD8\xFF"sv, "a JPEG image"},
    {0, "GIF87a"sv, "a GIF image"},
    {0, "GIF89a"sv, "a GIF image"},
    {0, "II*\0"sv, "a TIFF image"},
    {0, "MM\0*"sv, "a TIFF image"},
    {0, "\0\0\x01\0"sv, "an icon"},
    {0, "\0\0\x02\0"sv, "a cursor image"},
    {0, "\xFF\x0A"sv, "a JPEG XL image"},
    {0, "\0\0\0\x0CJXL "sv, "a JPEG XL image"},
    {0, "\0\0\0\x0CjP  "sv, "a JPEG 2000 image"},
    {0, "8BPS"sv, "a Photoshop image"},
    {4, "ftyp"sv, "a video or an image in an ISO container"},
    {4, "moov"sv, "a video"},
    {4, "mdat"sv, "a video"},
    {0, "\x1A\x45\xDF\xA3"sv, "a Matroska video"},
    {0, "OggS\0"sv, "an Ogg file"},
    {0, "FLV\x01"sv, "a Flash video"},
    {0, "\0\0\x01\xBA"sv, "an MPEG video"},
    {0, "\0\0\x01\xB3"sv, "an MPEG video"},
    {0, "\x30\x26\xB2\x75\x8E\x66\xCF\x11"sv, "a Windows media file"},
    {0, "ID3\x02"sv, "an MP3 file"},
    {0, "ID3\x03"sv, "an MP3 file"},
    {0, "ID3\x04"sv, "an MP3 file"},
    {0, "\xFF\xFB"sv, "an MP3 file"},
    {0, "\xFF\xF3"sv, "an MP3 file"},
    {0, "\xFF\xF2"sv, "an MP3 file"},
    {0, "\xFF\xF1"sv, "an AAC file"},
    {0, "\xFF\xF9"sv, "an AAC file"},
    {0, "fLaC"sv, "a FLAC file"},
    {0, "MThd\0\0\0\x06"sv, "a MIDI file"},
    {0, "#!AMR"sv, "an AMR file"},
    {0, "PK\x03\x04"sv, "a ZIP archive"},
    {0, "PK\x05\x06"sv, "a ZIP archive"},
    {0, "\x1F\x8B"sv, "a gzip file"},
    {0, "7z\xBC\xAF\x27\x1C"sv, "a 7z archive"},
    {0, "Rar!\x1A\x07"sv, "a RAR archive"},
    {0,
     "\xFD"
     "7zXZ\0"sv,
     "an xz file"},
    {0, "\x28\xB5\x2F\xFD"sv, "a zstd file"},
    {0, "\x04\x22\x4D\x18"sv, "an LZ4 file"},
    {4, "1AY&SY"sv, "a bzip2 file"},
    {257, "ustar"sv, "a tar archive"},
    {0, "MSCF\0\0\0\0"sv, "a cabinet archive"},
    {0, "%PDF-"sv, "a PDF document"},
    {0, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"sv, "an Office document"},
    {0,
     "\x7F"
     "ELF"sv,
     "a program"},
    {0, "MZ\x90\0"sv, "a program"},
    {0, "\0asm"sv, "a program"},
    {0, "SQLite format 3\0"sv, "a database"},
    {0, "wOFF"sv, "a font"},
    {0, "wOF2"sv, "a font"},
};

bool at(std::string_view bytes, std::size_t offset, std::string_view wanted) {
  return bytes.size() >= offset + wanted.size() && bytes.substr(offset, wanted.size()) == wanted;
}

// RIFF and BMP begin with letters that text may begin with, so they are told by more than those.
std::string_view container_in(std::string_view bytes) {
  if (at(bytes, 0, "RIFF"))
    return at(bytes, 8, "WEBP")                           ? "a WebP image"
           : at(bytes, 8, "AVI ")                         ? "a video"
           : at(bytes, 8, "WAVE") || at(bytes, 8, "RMID") ? "a sound file"
                                                          : "";
  if (at(bytes, 0, "BM") && at(bytes, 6, "\0\0\0\0"sv)) return "a BMP image";
  return {};
}

// An SVG is an image, whatever it is sent as. It begins with its tag, perhaps after a declaration, comments or a
// doctype.
bool is_svg(std::string_view bytes) {
  std::string_view rest = bytes;
  if (rest.starts_with("\xEF\xBB\xBF")) rest.remove_prefix(3);
  for (;;) {
    const auto tag = rest.find_first_not_of(" \t\r\n");
    if (tag == std::string_view::npos) return false;
    rest.remove_prefix(tag);
    if (rest.size() >= 4 && equals_ignoring_case(rest.substr(0, 4), "<svg")) return true;
    const bool preamble = rest.starts_with("<?") || rest.starts_with("<!--") ||
                          (rest.size() >= 14 && equals_ignoring_case(rest.substr(0, 13), "<!DOCTYPE svg"));
    const std::string_view end = rest.starts_with("<!--") ? "-->" : ">";
    const auto close = preamble ? rest.find(end) : std::string_view::npos;
    if (close == std::string_view::npos) return false;
    rest.remove_prefix(close + end.size());
  }
}

// A page never holds these so early; a byte-order mark says that NULs are part of the encoding.
bool is_binary(std::string_view bytes) {
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF") || at(bytes, 0, "\0\0\xFE\xFF"sv)) return false;
  const auto odd = std::count_if(bytes.begin(), bytes.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x09 || (byte > 0x0D && byte < 0x1B) || (byte > 0x1B && byte < 0x20);
  });
  return bytes.size() >= 64 && static_cast<std::size_t>(odd) * 8 > bytes.size();
}

}  // namespace

bool is_text_type(std::string_view type) {
  constexpr std::array kRead{"",
                             "text/html",
                             "text/plain",
                             "text/xml",
                             "application/xhtml+xml",
                             "application/json",
                             "application/feed+json",
                             "application/xml",
                             "application/rss+xml",
                             "application/atom+xml"};
  if (std::find(kRead.begin(), kRead.end(), type) != kRead.end()) return true;
  const bool structured = type.ends_with("+json") || type.ends_with("+xml");
  return structured && (type.starts_with("application/") || type.starts_with("text/"));
}

std::string_view media_in(std::string_view first_bytes) {
  const std::string_view bytes = first_bytes.substr(0, kSniffedBytes);
  for (const Magic& magic : kMagic)
    if (at(bytes, magic.offset, magic.bytes)) return magic.what;
  if (const std::string_view what = container_in(bytes); !what.empty()) return what;
  if (is_svg(bytes)) return "an SVG image";
  return is_binary(bytes) ? "binary data" : "";
}

}  // namespace hw::crawler
