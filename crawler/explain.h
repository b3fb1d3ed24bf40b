// Fetches one address under the crawler's rules and tells what each of them said: for `fetch URL`.
//
// The same judges as in a crawl, in the same order: the host's delay and backoff (kept in the frontier), robots.txt,
// the address guard, the type gate, redirects. Nothing is queued. Waiting is done by Fetcher::wait.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/document.h"
#include "common/error.h"
#include "common/time.h"
#include "crawler/fetcher.h"
#include "crawler/frontier.h"

namespace hw::crawler {

// One request that was sent, or that a rule forbade.
struct ExplainedStep {
  enum class What { robots, page };
  What what = What::page;
  std::string url;
  std::string robots;  // for a page: what robots.txt says of it, with the rule and its line
  Duration waited{0};  // before it was sent, for the host's delay
  bool sent = false;
  std::string remote_address;
  int status = 0;
  std::vector<Header> headers;
  std::string content_type;
  std::uint64_t received_bytes = 0;  // on the wire
  std::uint64_t decoded_bytes = 0;
  FetchTimings timings;
  std::string outcome;  // in words: "read", "a redirect to …", or what refused it
};

struct Explanation {
  std::vector<ExplainedStep> steps;
  Duration delay{0};                 // between two requests to this host
  std::optional<Document> document;  // what a crawl would have handed on
};

// `delay` is what a source would configure; for addresses that network.allow lists there is none. Fails when the
// address cannot be read or the frontier cannot be used; everything else is part of the explanation. `waits` is told
// before the host's delay is waited for.
Result<Explanation> explain(std::string_view url, Frontier& frontier, Fetcher& fetcher, const Clock& clock,
                            const FetchRules& rules, Duration delay, const Proxy& proxy = {},
                            const std::function<void(Duration)>& waits = {});

}  // namespace hw::crawler
