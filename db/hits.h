// Hits as a reader sees them: rows of what is in the clear, which need no key, and one hit opened with the reader's.
//
// Row numbers are how people name things; they are never used twice. Nothing held is ever among the rows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/error.h"
#include "common/verdict.h"
#include "db/marks.h"
#include "db/store.h"

namespace hw::db {

struct HitFilter {
  std::optional<HitState> state{};
  bool deleted = false;  // those alone that were seen deleted at their source since they were reviewed
  Band at_least = Band::low;
  std::string platform{};       // empty: any
  std::string source{};         // empty: any
  std::optional<Time> since{};  // first seen on that day or later
  std::int64_t before = 0;      // rows before this one; 0: from the newest
  std::size_t limit = 50;       // 0: all
};

struct HitRow {
  std::int64_t hit = 0;
  Band band = Band::none;    // with the store's own signs: medium and an independent sign is high
  Band judged = Band::none;  // the classifier's alone
  HitState state = HitState::fresh;
  std::string platform;
  std::string source;
  std::string day;       // first seen, "2026-11-22"
  std::string last_day;  // last seen
  std::vector<std::string> rules;
  std::vector<std::string> flags;
  std::vector<Mark> marks;
  std::vector<std::int64_t> handles;  // rows of the handles it advertises
  std::optional<std::int64_t> account;
};

// Newest first.
Result<std::vector<HitRow>> list_hits(Store& store, const HitFilter& filter);
Result<std::size_t> count_hits(Store& store, const HitFilter& filter);
// not_found where there is no such hit (any more).
Result<HitRow> find_hit(Store& store, std::int64_t hit);

// The post as it was last recorded. Its platform, source, band, flags and rules are checked against the row.
Result<Judged> open_hit(Store& store, const Opener& opener, std::int64_t hit);
// Earlier versions, oldest first, of a hit that people had reviewed before its author edited it.
Result<std::vector<Judged>> open_earlier(Store& store, const Opener& opener, std::int64_t hit);

}  // namespace hw::db
