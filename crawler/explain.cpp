#include "crawler/explain.h"

#include <fmt/format.h>

#include "common/url.h"
#include "crawler/guard.h"
#include "crawler/host_outcome.h"
#include "crawler/politeness.h"
#include "crawler/redirect.h"
#include "crawler/robots_policy.h"

namespace hw::crawler {
namespace {

constexpr Duration kPatience{std::chrono::minutes(2)};
constexpr Ticket kTicket = 1;

class Explainer {
 public:
  Explainer(Frontier& frontier, Fetcher& fetcher, const Clock& clock, AddressGuard guard, Duration delay, Proxy proxy,
            const std::function<void(Duration)>& waits)
      : frontier_(frontier),
        fetcher_(fetcher),
        clock_(clock),
        guard_(std::move(guard)),
        delay_(delay),
        proxy_(std::move(proxy)),
        waits_(waits) {}

  Result<Explanation> explain(const Url& start);

 private:
  using What = ExplainedStep::What;

  Result<std::optional<Document>> walk(const Url& start, What what);
  Result<std::optional<Document>> ask(const Url& url, ExplainedStep& step);
  Result<bool> permitted(const Url& url, ExplainedStep& step);
  Result<std::optional<RobotsPolicy>> policy_for(const Url& url);
  bool wait_for_turn(const HostState& state, ExplainedStep& step);
  Duration delay_for(const Url& url) const;

  Frontier& frontier_;
  Fetcher& fetcher_;
  const Clock& clock_;
  AddressGuard guard_;
  Duration delay_;
  Proxy proxy_;
  const std::function<void(Duration)>& waits_;
  std::optional<Duration> crawl_delay_;
  Explanation explanation_;
};

void describe(ExplainedStep& step, const Fetched& fetched) {
  step.sent = true;
  step.remote_address = fetched.remote_address;
  step.status = fetched.status;
  step.received_bytes = fetched.received_bytes;
  step.timings = fetched.timings;
  if (!fetched.document) {
    step.headers = fetched.headers;
    step.outcome = fetched.document.error().message;
    return;
  }
  step.headers = fetched.document->headers;
  step.content_type = fetched.document->content_type;
  step.decoded_bytes = fetched.document->body.size();
  step.outcome = fetched.status == 200 ? "read" : fmt::format("the server answers {}", fetched.status);
}

Result<Explanation> Explainer::explain(const Url& start) {
  auto document = walk(start, What::page);
  if (!document) return tl::unexpected(document.error());
  if (*document && (*document)->status == 200) explanation_.document = std::move(**document);
  explanation_.delay = delay_for(start);
  return std::move(explanation_);
}

// From one address through its redirects; nothing where a rule, or the net, ended it.
Result<std::optional<Document>> Explainer::walk(const Url& start, What what) {
  std::vector<std::string> visited{start.text()};
  for (Url target = start;;) {
    ExplainedStep step;
    step.what = what;
    step.url = target.text();
    if (what == What::page) {
      const auto allowed = permitted(target, step);
      if (!allowed) return tl::unexpected(allowed.error());
      if (!*allowed) {
        explanation_.steps.push_back(std::move(step));
        return std::optional<Document>();
      }
    }
    auto document = ask(target, step);
    const bool moved = document && *document && is_redirect((*document)->status);
    const auto next = moved ? judge_redirect(**document, visited) : Result<Url>(target);
    if (moved) step.outcome = next ? "a redirect to " + next->text() : next.error().message;
    explanation_.steps.push_back(std::move(step));
    if (!moved) return document;
    if (!next) return std::optional<Document>();
    target = *next;
    visited.push_back(target.text());
  }
}

Result<bool> Explainer::permitted(const Url& url, ExplainedStep& step) {
  const auto policy = policy_for(url);
  if (!policy) return tl::unexpected(policy.error());
  if (!*policy) {
    step.robots = "robots.txt has no answer that counts, and that means no";
    step.outcome = step.robots;
    return false;
  }
  crawl_delay_ = (*policy)->crawl_delay();
  const RobotsVerdict verdict = (*policy)->judge(url);
  step.robots = verdict.reason;
  if (!verdict.allowed) step.outcome = "forbidden: " + verdict.reason;
  return verdict.allowed;
}

Result<std::optional<RobotsPolicy>> Explainer::policy_for(const Url& url) {
  const auto known = frontier_.robots(url.origin());
  if (!known) return tl::unexpected(known.error());
  if (*known && RobotsPolicy(**known).fresh(clock_.now())) return std::optional(RobotsPolicy(**known));
  Url robots = url;
  robots.path = "/robots.txt";
  robots.query.clear();
  auto document = walk(robots, What::robots);
  if (!document) return tl::unexpected(document.error());
  if (!*document || !settles_robots((*document)->status)) return std::optional<RobotsPolicy>();
  const RobotsRecord record{(*document)->status, (*document)->body.substr(0, kMostRobotsBytes), clock_.now()};
  if (auto saved = frontier_.save_robots(url.origin(), record); !saved) return tl::unexpected(saved.error());
  return std::optional(RobotsPolicy(record));
}

Result<std::optional<Document>> Explainer::ask(const Url& url, ExplainedStep& step) {
  auto state = frontier_.host(url.host);
  if (!state) return tl::unexpected(state.error());
  if (!wait_for_turn(*state, step)) return std::optional<Document>();
  note_start(*state, delay_for(url), clock_.now());
  if (auto saved = frontier_.save_host(url.host, *state); !saved) return tl::unexpected(saved.error());
  const std::string accept = step.what == What::robots ? kAcceptRobots : "";
  FetchRequest request{{url.text(), PageRole::entry, ""}, accept, {}, {}};
  request.proxy = proxy_;
  fetcher_.start(kTicket, request);
  std::vector<Fetched> answers;
  while (answers.empty()) answers = fetcher_.wait(kPatience);
  Fetched& fetched = answers.front();
  describe(step, fetched);
  note_outcome(*state, fetched, 0, clock_.now());
  if (auto saved = frontier_.save_host(url.host, *state); !saved) return tl::unexpected(saved.error());
  if (!fetched.document) return std::optional<Document>();
  return std::optional(std::move(*fetched.document));
}

// False when the host is to be left alone for longer than a person waits.
bool Explainer::wait_for_turn(const HostState& state, ExplainedStep& step) {
  const Time begun = clock_.now();
  const Time ready = ready_at(state, delay_, begun);
  if (blocked(state, begun) && ready - begun > kPatience) {
    step.outcome = fmt::format("not sent: the host is to be left alone until {}", to_rfc3339(ready));
    return false;
  }
  if (waits_ && ready > begun) waits_(ready - begun);
  while (clock_.now() < ready) fetcher_.wait(ready - clock_.now());
  step.waited = clock_.now() - begun;
  return true;
}

Duration Explainer::delay_for(const Url& url) const {
  const auto literal = parse_address(url.host);
  const bool listed = literal && guard_.lists(*literal);
  return delay_between(listed ? Duration{0} : delay_, crawl_delay_, listed ? Reach::listed : Reach::open_network);
}

}  // namespace

Result<Explanation> explain(std::string_view url, Frontier& frontier, Fetcher& fetcher, const Clock& clock,
                            const FetchRules& rules, Duration delay, const Proxy& proxy,
                            const std::function<void(Duration)>& waits) {
  const auto start = parse_url(url);
  if (!start) return tl::unexpected(start.error());
  auto guard = AddressGuard::create(rules.network_allow);
  if (!guard) return tl::unexpected(guard.error());
  return Explainer(frontier, fetcher, clock, std::move(*guard), delay, proxy, waits).explain(*start);
}

}  // namespace hw::crawler
