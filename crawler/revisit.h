// When a page that says nothing of its freshness is worth reading again: intervals grow while nothing changes and
// shrink when something did, and an old discussion is looked at less often than a young one. Pure.
#pragma once

#include <optional>

#include "common/time.h"

namespace hw::crawler {

inline constexpr Duration kLongestPause{std::chrono::days(7)};

enum class Found { changed, the_same };

// The pause after a read. `pause` is the one before; `every` is how often its source is read, below which nothing is
// asked again anyway; `newest` the time of its newest post, where it has one.
Duration pause_after(Found found, Duration pause, Duration every, std::optional<Time> newest, Time now);

// Until when it rests. Half an interval early, so that a run that begins a little sooner than the last one still asks.
Time rest_until(Duration pause, Duration every, Time now);

}  // namespace hw::crawler
