// The evidence of confirmed hits as one WARC file.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/reading.h"

namespace hw::app {

struct EvidenceExport {
  std::vector<std::int64_t> hits;  // empty: every confirmed one
  Grounds grounds;
  std::string output = "-";
};

struct EvidenceExported {
  std::int64_t id = 0;
  std::size_t hits = 0;
  std::size_t records = 0;
  std::size_t unconfirmed = 0;  // left out: they advertise a handle that is not confirmed
  std::size_t deleted = 0;      // left out: deleted at the source since they were reviewed
};

// One resource record for each version of a post as it stood in its page, the whole page where it was kept, and a
// metadata record with the capture, the post, the verdict and what became of it. The last record is the manifest.
// Refused where a hit that was named may not leave.
Result<EvidenceExported> export_evidence(Session& session, db::Store& store, const db::Person& by,
                                         const db::Opener& opener, const EvidenceExport& order);

// What of a hit's evidence does not fit together, one a line; empty: nothing.
std::vector<std::string> evidence_problems(const db::Judged& judged);

}  // namespace hw::app
