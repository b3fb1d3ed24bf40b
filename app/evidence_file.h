// An exported evidence file, looked at by itself, without a store and without a key: every record as it was written,
// every record that the manifest names, every text as it was captured.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "common/error.h"

namespace hw::app {

struct EvidenceFile {
  std::size_t records = 0;
  std::size_t hits = 0;               // that the manifest names
  std::string sha256;                 // of the file, as exports list and the audit log have it
  std::vector<std::string> problems;  // of rows and records, never of what they say
};

// A WARC file of ours, packed or not; one record is in memory at a time. io: it cannot be read. What is damaged is a
// problem, and ends the reading where no further record can be found.
Result<EvidenceFile> check_evidence_file(const std::string& path);

}  // namespace hw::app
