// WARC/1.1 (ISO 28500:2017), each record a gzip member of its own, so that any one can be read alone. Streaming: one
// record is in memory at a time.
#pragma once

#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

#include "common/document.h"
#include "common/time.h"

namespace hw::app {

struct WarcRecord {
  std::string type;  // "warcinfo", "resource", "metadata"
  std::string target_uri;
  Time date{};
  std::string content_type;
  std::vector<Header> more;  // further named fields
  std::string body;
};

class WarcWriter {
 public:
  explicit WarcWriter(std::ostream& out) : out_(out) {}  // borrowed
  // Gives the record's id, "<urn:uuid:…>". Whether the bytes arrived, the stream knows.
  std::string write(const WarcRecord& record);
  std::size_t records() const { return records_; }

 private:
  std::ostream& out_;
  std::size_t records_ = 0;
};

}  // namespace hw::app
