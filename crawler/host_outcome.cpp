#include "crawler/host_outcome.h"

#include <algorithm>

#include <fmt/format.h>

#include "crawler/rate_limits.h"

namespace hw::crawler {
namespace {

bool overloaded(const Fetched& fetched) {
  return fetched.document && (fetched.document->status == 429 || fetched.document->status == 503);
}

const std::vector<Header>& headers_of(const Fetched& fetched) {
  return fetched.document ? fetched.document->headers : fetched.headers;
}

}  // namespace

bool host_failed(const Fetched& fetched) {
  if (!fetched.document) return fetched.document.error().code != ErrorCode::refused;
  return fetched.document->status >= 500 || fetched.document->status == 408 || overloaded(fetched);
}

std::string failure_words(const Fetched& fetched) {
  if (!fetched.document) return fetched.document.error().message;
  return fmt::format("the server answers {}", fetched.document->status);
}

void note_outcome(HostState& state, const Fetched& fetched, double jitter, Time now) {
  state.next_allowed = std::max(state.next_allowed, now);
  const std::vector<Header>& headers = headers_of(fetched);
  if (!host_failed(fetched)) {
    note_success(state, now);
  } else if (!overloaded(fetched)) {
    note_failure(state, Failure::broken, {}, jitter, now);
  } else {
    auto retry_after = parse_retry_after(fetched.document->header("retry-after").value_or(""), now);
    if (!retry_after) retry_after = allowance_reset(headers, now);
    note_failure(state, Failure::overloaded, retry_after, jitter, now);
  }
  if (const auto wait = allowance_wait(headers, now)) state.blocked_until = std::max(state.blocked_until, now + *wait);
}

std::string allowance_words(const Fetched& fetched, Time now) {
  if (!allowance_wait(headers_of(fetched), now)) return {};
  return "the API's allowance is used up";
}

}  // namespace hw::crawler
