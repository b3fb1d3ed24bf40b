#include "app/stream_sample.h"

#include <algorithm>

#include "app/crawl_run.h"
#include "app/pipeline.h"
#include "common/url.h"
#include "crawler/stream_permission.h"
#include "crawler/web_socket.h"

namespace hw::app {
namespace {

constexpr Duration kLongestLook{std::chrono::seconds(10)};
constexpr int kEnough = 20;  // messages

}  // namespace

Result<Document> sample_stream(const Session& session, const config::Settings& settings,
                               const config::SourceSpec& source, const std::stop_token& stop) {
  const std::vector<Request> requests = plan_entry(source, {});
  const auto url = parse_url(requests.empty() ? source.url : requests.front().url);
  if (!url) return tl::unexpected(url.error());
  const crawler::FetchRules rules = fetch_rules(settings);
  auto frontier = crawler::Frontier::open(":memory:", *session.clock);
  if (!frontier) return tl::unexpected(frontier.error());
  const auto fetcher = crawler::make_curl_fetcher(rules);
  if (!fetcher) return tl::unexpected(fetcher.error());
  if (auto allowed = crawler::may_stream(*url, *frontier, **fetcher, *session.clock); !allowed)
    return tl::unexpected(allowed.error());
  const auto socket = crawler::open_web_socket(rules, *url, {}, stop);
  if (!socket) return tl::unexpected(socket.error());
  Document document;
  document.url = document.request.url = url->text();
  document.status = 200;
  document.content_type = "application/json";
  const Time until = session.clock->now() + kLongestLook;
  for (int messages = 0; messages < kEnough && session.clock->now() < until && !stop.stop_requested();) {
    auto message = (*socket)->next(std::chrono::milliseconds(250));
    if (!message) break;
    if (!*message) continue;
    ++messages;
    std::replace((*message)->begin(), (*message)->end(), '\n', ' ');
    document.body += **message + "\n";
  }
  (*socket)->close();
  document.fetched_at = session.clock->now();
  return document;
}

}  // namespace hw::app
