// Recorded responses: just enough of WARC/1.0 for the boards in the recorded fixtures.
#pragma once

#include <charconv>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "common/document.h"
#include "common/text.h"

namespace hw::test {

// By the system's gzip: a test needs no library for it.
inline std::string gunzip(const std::filesystem::path& file) {
  std::string out;
  FILE* stream = popen(("gzip -dc '" + file.string() + "'").c_str(), "r");
  if (stream == nullptr) return out;
  char piece[65536];
  for (std::size_t got = fread(piece, 1, sizeof piece, stream); got > 0; got = fread(piece, 1, sizeof piece, stream))
    out.append(piece, got);
  pclose(stream);
  return out;
}

inline std::string header_value(std::string_view head, std::string_view name) {
  for (const std::string_view line : split(head, '\n')) {
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos && equals_ignoring_case(trim(line.substr(0, colon)), name))
      return std::string(trim(line.substr(colon + 1)));
  }
  return {};
}

inline std::size_t number_of(std::string_view text, int base = 10) {
  std::size_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, base);
  return value;
}

// RFC 9112 §7.1.
inline std::string dechunked(std::string_view body) {
  std::string out;
  while (!body.empty()) {
    const std::size_t line = body.find("\r\n");
    const std::size_t size = number_of(body.substr(0, line), 16);
    if (line == std::string_view::npos || size == 0) break;
    out += body.substr(line + 2, size);
    body.remove_prefix(std::min(body.size(), line + 2 + size + 2));
  }
  return out;
}

inline Document document_of(std::string_view url, std::string_view response) {
  Document document;
  const std::size_t end = response.find("\r\n\r\n");
  const std::string_view head = response.substr(0, end);
  document.url = url;
  document.request.url = url;
  document.status = static_cast<int>(number_of(head.substr(head.find(' ') + 1, 3)));
  const std::string type = to_lower(header_value(head, "Content-Type"));
  document.content_type = trim(std::string_view(type).substr(0, type.find(';')));
  if (const std::size_t charset = type.find("charset="); charset != std::string::npos)
    document.charset = type.substr(charset + 8);
  document.headers.push_back({"Date", header_value(head, "Date")});
  if (const auto made = parse_http_date(document.headers.front().value)) document.fetched_at = *made;
  document.body = response.substr(end + 4);
  if (to_lower(header_value(head, "Transfer-Encoding")).find("chunked") != std::string::npos)
    document.body = dechunked(document.body);
  return document;
}

// Every response of a recording, in its order.
inline std::vector<Document> responses_in(const std::filesystem::path& warc) {
  const std::string bytes = gunzip(warc);
  std::vector<Document> documents;
  for (std::size_t at = bytes.find("WARC/1."); at != std::string::npos;) {
    const std::size_t end = bytes.find("\r\n\r\n", at);
    const std::string_view head = std::string_view(bytes).substr(at, end - at);
    const std::size_t size = number_of(header_value(head, "Content-Length"));
    std::string url = header_value(head, "WARC-Target-URI");
    if (url.starts_with('<')) url = url.substr(1, url.size() - 2);
    if (header_value(head, "WARC-Type") == "response")
      documents.push_back(document_of(url, std::string_view(bytes).substr(end + 4, size)));
    at = bytes.find("WARC/1.", end + 4 + size);
  }
  return documents;
}

}  // namespace hw::test
