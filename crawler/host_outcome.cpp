#include "crawler/host_outcome.h"

#include <algorithm>

#include <fmt/format.h>

namespace hw::crawler {
namespace {

bool overloaded(const Fetched& fetched) {
  return fetched.document && (fetched.document->status == 429 || fetched.document->status == 503);
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
  if (!host_failed(fetched)) return note_success(state, now);
  if (!overloaded(fetched)) return note_failure(state, Failure::broken, {}, jitter, now);
  const auto retry_after = parse_retry_after(fetched.document->header("retry-after").value_or(""), now);
  note_failure(state, Failure::overloaded, retry_after, jitter, now);
}

}  // namespace hw::crawler
