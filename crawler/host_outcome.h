// What an answer says of the host that gave it. Pure.
#pragma once

#include <string>

#include "crawler/fetcher.h"
#include "crawler/politeness.h"

namespace hw::crawler {

// No usable answer, 5xx, 408 or 429. What our own rules refused is no fault of the host.
bool host_failed(const Fetched& fetched);
// In words, for one that failed: "the server answers 503".
std::string failure_words(const Fetched& fetched);
// Backoff, Retry-After or forgiveness, as the answer asks for.
void note_outcome(HostState& state, const Fetched& fetched, double jitter, Time now);

}  // namespace hw::crawler
