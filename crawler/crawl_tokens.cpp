// The part of CrawlRun that deals with tokens: they are had before the page that needs one, as the lane's own request,
// and the endpoint's host is asked as rarely as any other.
#include <fmt/format.h>

#include "crawler/crawl_run.h"
#include "crawler/host_outcome.h"

namespace hw::crawler {

bool CrawlRun::lacks_token(const Lane& lane) const {
  const Source& source = *lane.page->source;
  return credentials_.lacks_token(source.access, source.secrets, clock_.now());
}

// The state of a host that may be another lane's.
Result<HostState*> CrawlRun::state_of_host(const std::string& host, HostState& otherwise) {
  for (const auto& lane : lanes_)
    if (lane->host == host) return &lane->state;
  const auto state = frontier_.host(host);
  if (!state) return tl::unexpected(state.error());
  otherwise = *state;
  return &otherwise;
}

// False where the endpoint's host is to be left alone for now.
Result<bool> CrawlRun::send_token(std::size_t index) {
  Lane& lane = *lanes_[index];
  const Source& source = *lane.page->source;
  const auto endpoint = parse_url(source.access.exchange.endpoint);
  if (!endpoint) return tl::unexpected(endpoint.error());
  HostState stored;
  const auto state = state_of_host(endpoint->host, stored);
  if (!state) return tl::unexpected(state.error());
  const Time now = clock_.now();
  const Duration delay = delay_of(lane);
  const Time ready = ready_at(**state, delay, now);
  if (ready > now) {
    if (blocked(**state, now) && ready - now > patience_with(lane)) {
      auto off = put_off(lane, "its token endpoint is to be left alone", ready);
      return off ? Result<bool>(false) : tl::unexpected(off.error());
    }
    schedule(index, ready);
    return false;
  }
  note_start(**state, delay, now);
  if (auto saved = frontier_.save_host(endpoint->host, **state); !saved) return tl::unexpected(saved.error());
  lane.asks_token = true;
  outbox_.emplace_back(index, Credentials::exchange(source.access, source.secrets));
  outbox_.back().second.proxy = source.proxy;
  return true;
}

Status CrawlRun::finish_token(Lane& lane, Fetched& fetched) {
  lane.asks_token = false;
  Source& source = *lane.page->source;
  const auto endpoint = parse_url(source.access.exchange.endpoint);
  if (!endpoint) return tl::unexpected(endpoint.error());
  HostState stored;
  const auto state = state_of_host(endpoint->host, stored);
  if (!state) return tl::unexpected(state.error());
  const Time now = clock_.now();
  note_outcome(**state, fetched, options_.jitter(), now);
  if (auto saved = frontier_.save_host(endpoint->host, **state); !saved) return saved;
  if (host_failed(fetched)) {  // asked again when its host may be
    tell(EventKind::failed, lane, &source, "token: " + failure_words(fetched), (*state)->blocked_until - now);
    return {};
  }
  const Status accepted = fetched.document ? credentials_.accept(source.access, source.secrets, *fetched.document, now)
                                           : Status(tl::unexpected(fetched.document.error()));
  if (accepted) return {};
  source.trouble = accepted.error().message;
  tell(EventKind::failed, lane, &source, source.trouble);
  lane.page.reset();
  return end_source(source, RunEnd::cut_short, now + source.spec->every);
}

// A token that the API calls no good before its time (revoked, a server's clock) is had anew, once for a page.
bool CrawlRun::token_was_refused(Lane& lane, const Document& answer) {
  PageJob& job = *lane.page;
  const Source& source = *job.source;
  if (answer.status != 401 || job.refused_before) return false;
  if (source.access.exchange.endpoint.empty() || !credentials_.holds_token(source.access, source.secrets)) return false;
  job.refused_before = true;
  credentials_.forget(source.access, source.secrets);
  return true;
}

}  // namespace hw::crawler
