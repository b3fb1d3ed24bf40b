#include "crawler/gate.h"

#include <string>

#include <doctest/doctest.h>

using namespace hw::crawler;
using namespace std::string_view_literals;

TEST_CASE("a Content-Type comes apart") {
  CHECK(parse_media_type("Text/HTML").type == "text/html");
  CHECK(parse_media_type(" text/html ; charset=ISO-8859-1").charset == "iso-8859-1");
  CHECK(parse_media_type("text/html;charset=\"Utf-8\"; x=y").charset == "utf-8");
  CHECK(parse_media_type("text/html; boundary=a; CHARSET='koi8-r'").charset == "koi8-r");
  CHECK(parse_media_type("text/html; charset").charset == "");
  CHECK(parse_media_type("").type == "");
  CHECK(parse_media_type(";;;").type == "");
}

TEST_CASE("text, markup, JSON and feeds are read; everything else is not") {
  for (const auto type :
       {"", "text/html", "text/plain", "application/xhtml+xml", "application/json", "application/ld+json",
        "application/activity+json", "application/rss+xml", "application/atom+xml", "application/xml", "text/xml"})
    CHECK_MESSAGE(is_text_type(type), type);
  for (const auto type :
       {"image/png", "image/svg+xml", "image/svg+json", "video/mp4", "audio/mpeg", "application/zip", "application/pdf",
        "application/octet-stream", "application/javascript", "text/css", "text/javascript", "font/woff", "model/x+xml",
        "multipart/x-mixed-replace", "application/gzip", "html", "text/html,image/png", "+xml"})
    CHECK_MESSAGE(!is_text_type(type), type);
}

TEST_CASE("media are known by their first bytes") {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"\x89PNG\r\n\x1A\n"sv, "a PNG image"},
      {"\xFF\xD8\xFF\xDB"sv, "a JPEG image"},
      {"GIF89a...."sv, "a GIF image"},
      {"RIFF\x10\0\0\0WEBPVP8 "sv, "a WebP image"},
      {"RIFF\x10\0\0\0AVI LIST"sv, "a video"},
      {"RIFF\x10\0\0\0WAVEfmt "sv, "a sound file"},
      {"BM\x36\x10\0\0\0\0\0\0\x36"sv, "a BMP image"},
      {"\0\0\0\x20"
       "ftypavif"sv,
       "a video or an image in an ISO container"},
      {"\0\0\0\x18"
       "ftypmp42"sv,
       "a video or an image in an ISO container"},
      {"\x1A\x45\xDF\xA3\x01"sv, "a Matroska video"},
      {"OggS\0\x02"sv, "an Ogg file"},
      {"ID3\x03\0"sv, "an MP3 file"},
      {"fLaC\0"sv, "a FLAC file"},
      {"PK\x03\x04\x14"sv, "a ZIP archive"},
      {"\x1F\x8B\x08"sv, "a gzip file"},
      {"7z\xBC\xAF\x27\x1C\0"sv, "a 7z archive"},
      {"Rar!\x1A\x07\x01"sv, "a RAR archive"},
      {"\xFD"
       "7zXZ\0\0"sv,
       "an xz file"},
      {"BZh91AY&SY"sv, "a bzip2 file"},
      {"%PDF-1.7"sv, "a PDF document"},
      {"<svg xmlns='x'>"sv, "an SVG image"},
      {"\xEF\xBB\xBF <?xml version='1.0'?>\n<!-- a > b --><!DOCTYPE svg PUBLIC 'x'>\n<SVG>"sv, "an SVG image"},
  };
  for (const auto& [bytes, what] : cases) CHECK_MESSAGE(media_in(bytes) == what, what);
  CHECK(media_in(std::string(257, 'a') + "ustar") == "a tar archive");
  std::string noise;
  for (int i = 0; i < 300; ++i) noise += static_cast<char>(i * 37 % 32);
  CHECK(media_in(noise) == "binary data");
}

TEST_CASE("text that begins like media is text") {
  for (const std::string_view text :
       {""sv, "G"sv, "GIF animation of a map"sv, "BMX bikes and board games"sv, "RIFF raff"sv, "PK is a player"sv,
        "ID3 tags explained"sv, "<!DOCTYPE html><html><body><svg></svg>"sv, "<?xml version='1.0'?><rss>"sv,
        "{\"posts\":[]}"sv, "Rar! said the lion"sv, "\xFF\xFEh\0i\0"sv, "\xEF\xBB\xBF<html>"sv, "MThd"sv,
        "<p>caf\xE9 in Latin-1, \x93quoted\x94</p>"sv, "<!-- unclosed"sv, "<?xml unclosed"sv})
    CHECK_MESSAGE(media_in(text) == "", text);
  CHECK(media_in("\x1B$B2?\x1B(B ISO-2022-JP uses escapes \x1B$B2?\x1B(B and more of them, to be sure of it all") ==
        "");
}
