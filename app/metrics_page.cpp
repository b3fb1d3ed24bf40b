#include "app/metrics_page.h"

#include <optional>

#include <fmt/format.h>

#include "web/metrics.h"
#include "web/server.h"

namespace hw::app {
namespace {

using web::Metric;
using web::MetricKind;

constexpr std::chrono::minutes kDeadAfter{2};

// A page in a browser on this machine may not read it through a name of its own that leads here.
bool asked_here(const web::HttpRequest& request) {
  const std::string_view host = request.header("host").value_or("");
  const std::string_view name = host.substr(0, host.find(':'));
  return name == "127.0.0.1" || name == "localhost";
}

double seconds(Time time) { return static_cast<double>(to_millis(time)) / 1000; }
double seconds(std::optional<Time> time) { return time ? seconds(*time) : 0; }

template <class Value>
Metric of_sources(std::string name, std::string help, MetricKind kind,
                  const std::vector<crawler::SourceHealth>& sources, Value value) {
  Metric metric{"handlewatch_source_" + name, std::move(help), kind, {}};
  for (const crawler::SourceHealth& source : sources)
    metric.samples.push_back({{{"source", source.source}}, static_cast<double>(value(source))});
  return metric;
}

Metric of_process(std::string name, std::string help, MetricKind kind, double value) {
  return {"handlewatch_" + name, std::move(help), kind, {{{}, value}}};
}

void add_process(const DaemonNumbers& numbers, std::vector<Metric>& out) {
  const crawler::RunReport& totals = numbers.totals;
  const auto count = [&](std::string name, std::string help, std::size_t value) {
    out.push_back(of_process(name + "_total", std::move(help), MetricKind::counter, static_cast<double>(value)));
  };
  out.push_back(
      {"handlewatch_build_info", "The version that runs.", MetricKind::gauge, {{{{"version", numbers.version}}, 1}}});
  out.push_back(
      of_process("start_time_seconds", "When the daemon started.", MetricKind::gauge, seconds(numbers.started)));
  count("requests", "Requests sent since the start, robots.txt and redirects included.", totals.requests);
  count("answers", "Requests that a server answered, whatever it said.", totals.answered);
  count("received_bytes", "Bytes received since the start, before decoding.", totals.bytes);
  count("pages", "Pages read since the start.", totals.pages);
  count("unchanged_pages", "Pages that had not changed.", totals.not_modified);
  count("refused", "What robots.txt, the address guard, the type or the host forbade.", totals.refused);
  count("failures", "Requests that failed.", totals.failed);
  count("posts", "Posts read since the start.", totals.posts);
  count("new_posts", "Posts that had not been judged before.", totals.new_posts);
  count("hits", "Hits that a reviewer sees, found since the start.", totals.hits);
  out.push_back(of_process("troubles", "Troubles that are open: sources, disk, store, network.", MetricKind::gauge,
                           static_cast<double>(numbers.troubles)));
  out.push_back(of_process("disk_free_bytes", "Room on the disk of the data folder.", MetricKind::gauge,
                           static_cast<double>(numbers.free_bytes)));
}

void add_sources(const std::vector<crawler::SourceHealth>& sources, std::vector<Metric>& out) {
  using Health = crawler::SourceHealth;
  const auto total = [&](std::string name, std::string help, auto value) {
    out.push_back(of_sources(name + "_total", std::move(help), MetricKind::counter, sources, value));
  };
  const auto gauge = [&](std::string name, std::string help, auto value) {
    out.push_back(of_sources(std::move(name), std::move(help), MetricKind::gauge, sources, value));
  };
  total("pages", "Pages read over the source's life.", [](const Health& source) { return source.pages; });
  total("posts", "Posts read over the source's life.", [](const Health& source) { return source.posts; });
  total("new_posts", "Posts of the source that were new.", [](const Health& source) { return source.new_posts; });
  total("errors", "Failed requests over the source's life.", [](const Health& source) { return source.errors; });
  gauge("queued_pages", "Pages that wait to be read.", [](const Health& source) { return source.queued; });
  gauge("paused", "1: paused by a person.", [](const Health& source) { return source.paused ? 1 : 0; });
  gauge("in_trouble", "1: the last run ended in trouble.",
        [](const Health& source) { return source.trouble.empty() ? 0 : 1; });
  gauge("last_success_timestamp_seconds", "When it was last read to the end without trouble; 0: never.",
        [](const Health& source) { return seconds(source.last_success); });
  gauge("next_run_timestamp_seconds", "When it is read next.",
        [](const Health& source) { return seconds(source.next_run); });
}

}  // namespace

std::string metrics_text(const DaemonNumbers& numbers) {
  std::vector<Metric> metrics;
  add_process(numbers, metrics);
  add_sources(numbers.sources, metrics);
  return web::exposition(metrics);
}

crawler::RunReport sum(crawler::RunReport a, const crawler::RunReport& b) {
  using Report = crawler::RunReport;
  for (const auto count :
       {&Report::requests, &Report::answered, &Report::pages, &Report::not_modified, &Report::skipped, &Report::refused,
        &Report::failed, &Report::posts, &Report::new_posts, &Report::hits})
    a.*count += b.*count;
  a.bytes += b.bytes;
  a.stopped = a.stopped || b.stopped;
  return a;
}

struct MetricsPage::Impl {
  std::mutex mutex;
  std::string metrics;
  std::string trouble;
  std::chrono::steady_clock::time_point last_alive = std::chrono::steady_clock::now();
  std::optional<web::Server> server;  // last: its threads end before the rest goes

  web::HttpResponse answer(const web::HttpRequest& request) {
    if (!asked_here(request)) return {403, "text/plain; charset=utf-8", "only asked for by this machine's own name\n"};
    const std::lock_guard lock(mutex);
    if (request.path == "/metrics") return {200, std::string(web::kMetricsType), metrics};
    if (request.path == "/healthz") return health();
    return {404, "text/plain; charset=utf-8", "there are /metrics and /healthz\n"};
  }

  web::HttpResponse health() const {
    const bool dead = std::chrono::steady_clock::now() - last_alive > kDeadAfter;
    if (!dead && trouble.empty()) return {200, "text/plain; charset=utf-8", "ok\n"};
    return {503, "text/plain; charset=utf-8", dead ? "the main loop does not move\n" : trouble + "\n"};
  }
};

Result<std::unique_ptr<MetricsPage>> MetricsPage::open(std::uint16_t port) {
  auto impl = std::make_unique<Impl>();
  web::ServerOptions options;
  options.port = port;
  auto server = web::Server::start([raw = impl.get()](const web::HttpRequest& request) { return raw->answer(request); },
                                   std::move(options));
  if (!server) {
    const auto error = within("metrics.port", server.error());
    return fail(ErrorCode::configuration, error.value().message);
  }
  impl->server.emplace(std::move(*server));
  return std::unique_ptr<MetricsPage>(new MetricsPage(std::move(impl)));
}

MetricsPage::MetricsPage(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
MetricsPage::~MetricsPage() = default;

void MetricsPage::publish(std::string metrics) {
  const std::lock_guard lock(impl_->mutex);
  impl_->metrics = std::move(metrics);
}

void MetricsPage::alive() {
  const std::lock_guard lock(impl_->mutex);
  impl_->last_alive = std::chrono::steady_clock::now();
}

void MetricsPage::set_trouble(std::string trouble) {
  const std::lock_guard lock(impl_->mutex);
  impl_->trouble = std::move(trouble);
}

std::uint16_t MetricsPage::port() const { return impl_->server->port(); }

}  // namespace hw::app
