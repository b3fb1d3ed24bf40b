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
// Backoff, Retry-After, an allowance that is used up, or forgiveness, as the answer asks for.
void note_outcome(HostState& state, const Fetched& fetched, double jitter, Time now);
// Why the host holds us off after a good answer: "the API's allowance is used up"; else empty.
std::string allowance_words(const Fetched& fetched, Time now);

}  // namespace hw::crawler
