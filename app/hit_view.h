// One opened hit as people and machines are shown it.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "db/hits.h"
#include "db/reviews.h"

namespace hw::app {

// DESIGN's "Hit" as one JSON object. `handles` are the row numbers of those it advertises.
std::string hit_json(const db::HitRow& row, const db::Judged& judged);
// For a terminal: control and bidirectional characters escaped, no address live.
void print_hit(std::ostream& out, const db::HitRow& row, const db::Judged& judged,
               const std::vector<db::ReviewRow>& reviews);

// How a version of a hit was captured, and the post as it stood in its page.
void print_evidence(std::ostream& out, std::string_view which, const db::Judged& judged);
// The same of a post that is in no list: without rows, marks and reviews.
void print_judged(std::ostream& out, const db::Judged& judged);

// Text with every address in it defanged.
std::string without_live_links(std::string_view text);

}  // namespace hw::app
