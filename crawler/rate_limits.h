// What an API's headers say of its allowance: how long a client must leave it alone. Pure.
//
// Read are the pairs "…remaining" and "…reset" as they are found in the wild:
//   X-Ratelimit-Remaining, -Reset                          Reddit (seconds), Mastodon (RFC 3339)
//   x-rate-limit-remaining, -reset                         X (Unix time)
//   RateLimit-Remaining, -Reset                            Bluesky (Unix time), others (seconds)
//   X-Ratelimit-Perhour-Remaining, -Perday-Remaining, …    Tumblr (seconds)
// A reset is told by its form: a date, a number that can only be a Unix time, or else seconds from now.
#pragma once

#include <optional>
#include <vector>

#include "common/document.h"
#include "common/time.h"

namespace hw::crawler {

// How long until an allowance that is used up is renewed, a day at most; nothing while some of each is left, or where
// the answer does not say.
std::optional<Duration> allowance_wait(const std::vector<Header>& headers, Time now);

// The latest reset that the headers name, used up or not: what 429 without Retry-After means.
std::optional<Duration> allowance_reset(const std::vector<Header>& headers, Time now);

}  // namespace hw::crawler
