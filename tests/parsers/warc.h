// Recorded responses, by the product's own reader.
#pragma once

#include <filesystem>
#include <vector>

#include <doctest/doctest.h>

#include "common/unpack.h"
#include "parsers/warc.h"
#include "tests/support/support.h"

namespace hw::test {

// Every record of a recording, in its order.
inline std::vector<parsers::ArchiveRecord> records_in(const std::filesystem::path& warc) {
  auto file = open_bytes(warc.string());
  REQUIRE_OK(file);
  const auto bytes = unpacked(std::move(*file));
  parsers::WarcReader reader(*bytes, [](std::string_view) { return true; });
  std::vector<parsers::ArchiveRecord> records;
  while (auto record = reader.next()) records.push_back(std::move(*record));
  return records;
}

// The whole of a packed file.
inline std::string gunzip(const std::filesystem::path& file) {
  auto packed = open_bytes(file.string());
  REQUIRE_OK(packed);
  const auto bytes = unpacked(std::move(*packed));
  std::string out;
  for (std::string_view piece = bytes->peek(); !piece.empty(); piece = bytes->peek()) {
    out += piece;
    bytes->skip(piece.size());
  }
  return out;
}

inline std::vector<Document> responses_in(const std::filesystem::path& warc) {
  std::vector<Document> documents;
  for (parsers::ArchiveRecord& record : records_in(warc)) {
    REQUIRE(record.state == parsers::RecordState::page);
    documents.push_back(std::move(record.document));
  }
  return documents;
}

}  // namespace hw::test
