// Whether a site's robots.txt lets a stream of its be opened: the same policy as for pages, kept in the same frontier.
#pragma once

#include "common/error.h"
#include "common/time.h"
#include "common/url.h"
#include "crawler/fetcher.h"
#include "crawler/frontier.h"

namespace hw::crawler {

// Fetches robots.txt where none is known that is fresh. Fails (refused) with the rule that forbids it, or where there
// is no answer that counts.
Status may_stream(const Url& url, Frontier& frontier, Fetcher& fetcher, const Clock& clock);

}  // namespace hw::crawler
