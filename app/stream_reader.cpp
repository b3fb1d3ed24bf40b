#include "app/stream_reader.h"

#include <algorithm>
#include <random>
#include <utility>

#include <fmt/format.h>

#include "app/capture.h"
#include "app/crawl_run.h"
#include "app/signals.h"
#include "common/url.h"
#include "crawler/stream_permission.h"
#include "parsers/streams.h"

namespace hw::app {
namespace {

constexpr std::size_t kMostOfBatch = 500;
constexpr std::size_t kMostBytesOfBatch = std::size_t{4} << 20;
constexpr Duration kLongestBatch{std::chrono::seconds(1)};  // a quiet stream's posts do not wait for company
constexpr Duration kPausedLook{std::chrono::seconds(5)};
constexpr Duration kFirstPause{std::chrono::seconds(1)};
constexpr Duration kLongestPause{std::chrono::minutes(5)};

// Between a half and the whole, so that those who were cut off together do not come back together.
Duration with_jitter(Duration pause) {
  std::random_device random;
  return pause / 2 + Duration(static_cast<Duration::rep>(random() % static_cast<unsigned>(pause.count() / 2 + 1)));
}

}  // namespace

bool is_stream(const config::SourceSpec& source) { return parsers::is_stream(source.kind); }

std::string summary(const StreamReport& report) {
  return fmt::format("{} connections, {} messages, {} posts, {} new, {} hits", report.connections, report.messages,
                     report.posts, report.new_posts, report.hits);
}

Result<std::unique_ptr<StreamReader>> StreamReader::open(const Session& session, const config::Settings& settings,
                                                         const config::SourceSpec& source,
                                                         const classifier::Classifier& classifier) {
  if (auto allowed = may_crawl(settings.operated_by, source); !allowed) return tl::unexpected(allowed.error());
  auto store = session.store(settings);
  if (!store) return tl::unexpected(store.error());
  auto frontier = crawler::Frontier::open(session.frontier_file(), *session.clock);
  if (!frontier) return tl::unexpected(frontier.error());
  auto fetcher = crawler::make_curl_fetcher(fetch_rules(settings));
  if (!fetcher) return tl::unexpected(fetcher.error());
  return std::unique_ptr<StreamReader>(new StreamReader(session, settings, source, classifier, std::move(*store),
                                                        std::move(*frontier), std::move(*fetcher)));
}

StreamReader::StreamReader(const Session& session, const config::Settings& settings, const config::SourceSpec& source,
                           const classifier::Classifier& classifier, std::unique_ptr<db::Store> store,
                           crawler::Frontier frontier, std::unique_ptr<crawler::Fetcher> fetcher)
    : session_(session),
      source_(source),
      rules_(fetch_rules(settings)),
      store_(std::move(store)),
      frontier_(std::move(frontier)),
      fetcher_(std::move(fetcher)),
      pipeline_(classifier, *store_, *session.clock, capture_context(settings, *store_)) {}

bool StreamReader::over(const std::stop_token& stop) const {
  return stop.stop_requested() || (bounds_.time && session_.clock->now() - began_ >= *bounds_.time) ||
         (bounds_.messages && report_.messages >= *bounds_.messages);
}

bool StreamReader::paused() const { return frontier_.standing(source_.name).paused; }

Result<Request> StreamReader::where_to() const {
  std::vector<Request> requests = plan_entry(source_, frontier_.cursor(source_.name));
  if (!requests.empty()) return std::move(requests.front());
  return fail(ErrorCode::configuration,
              "its address is none that can be read as a stream, or it follows named accounts");
}

Result<StreamReport> StreamReader::run(const StreamBounds& bounds, const std::function<void(const std::string&)>& say,
                                       const std::stop_token& stop) {
  bounds_ = bounds;
  began_ = session_.clock->now();
  report_ = {};
  if (auto begun = frontier_.begin_run(source_.name, {}, Duration{0}); !begun) return tl::unexpected(begun.error());
  Duration pause = kFirstPause;
  while (!over(stop)) {
    if (paused()) {
      wait_or_stop(stop, kPausedLook);
      continue;
    }
    const auto well = connect_and_read(stop);
    if (!well) {
      if (auto noted = finish(well.error().message); !noted) return tl::unexpected(noted.error());
      return tl::unexpected(well.error());
    }
    if (over(stop)) break;
    say(trouble_);
    pause = *well ? kFirstPause : std::min(pause * 2, kLongestPause);
    if (auto noted = finish(trouble_); !noted) return tl::unexpected(noted.error());
    wait_or_stop(stop, with_jitter(pause));
  }
  if (auto noted = finish(report_.messages > 0 ? "" : trouble_); !noted) return tl::unexpected(noted.error());
  return report_;
}

// True when the connection brought something. What is wrong with the site is trouble_; an error ends the reading.
Result<bool> StreamReader::connect_and_read(const std::stop_token& stop) {
  auto request = where_to();
  if (!request) return tl::unexpected(request.error());
  const auto url = parse_url(request->url);
  if (!url) return tl::unexpected(url.error());
  request_ = std::move(*request);
  if (auto allowed = crawler::may_stream(*url, frontier_, *fetcher_, *session_.clock); !allowed) {
    if (allowed.error().code != ErrorCode::network) return tl::unexpected(allowed.error());
    trouble_ = allowed.error().message;
    return false;
  }
  auto socket = crawler::open_web_socket(rules_, *url, {}, stop);
  if (!socket) {
    const bool of_the_site = socket.error().code == ErrorCode::network || socket.error().code == ErrorCode::cancelled;
    if (!of_the_site) return tl::unexpected(socket.error());
    trouble_ = socket.error().message;
    return false;
  }
  ++report_.connections;
  return read(**socket, stop);
}

Result<bool> StreamReader::read(crawler::WebSocket& socket, const std::stop_token& stop) {
  const std::size_t before = report_.messages;
  Time batch_began = session_.clock->now();
  while (!over(stop) && !paused()) {
    auto message = socket.next(std::chrono::milliseconds(250));
    if (message && *message) {
      if (batch_messages_ == 0) batch_began = session_.clock->now();
      std::replace((*message)->begin(), (*message)->end(), '\n', ' ');
      batch_ += **message + "\n";
      ++batch_messages_;
      ++report_.messages;
    }
    const bool full = batch_messages_ >= kMostOfBatch || batch_.size() >= kMostBytesOfBatch;
    const bool old = batch_messages_ > 0 && session_.clock->now() - batch_began >= kLongestBatch;
    if (full || old || !message)
      if (auto committed = commit(); !committed) return tl::unexpected(committed.error());
    if (message) continue;
    trouble_ = message.error().message;
    return report_.messages > before;
  }
  if (auto committed = commit(); !committed) return tl::unexpected(committed.error());
  socket.close();
  trouble_.clear();
  return true;
}

// The posts first, then how far the stream was read: in between, posts are read twice, which changes nothing.
Status StreamReader::commit() {
  if (batch_messages_ == 0) return {};
  Document document;
  document.request = request_;
  document.url = request_.url;
  document.status = 200;
  document.content_type = "application/json";
  document.body = std::exchange(batch_, {});
  document.fetched_at = session_.clock->now();
  document.cursor = frontier_.cursor(source_.name);
  batch_messages_ = 0;
  parsers::ParsedPage page = read_page(source_, document);
  for (Post& post : page.posts) {
    post.platform = source_.platform;
    post.source = source_.name;
  }
  const auto judgement = pipeline_.judge(std::move(page.posts));
  if (!judgement) return tl::unexpected(judgement.error());
  if (auto noted = pipeline_.note_gone(source_.platform, page.accounts_gone); !noted) return noted;
  report_.posts += judgement->posts;
  report_.new_posts += judgement->new_posts;
  report_.hits += judgement->hits;
  crawler::PageDone done;
  done.cursor = std::move(page.cursor);
  done.posts = judgement->posts;
  done.new_posts = judgement->new_posts;
  const auto recorded = frontier_.done(source_.name, {}, done);
  return recorded ? Status{} : Status(tl::unexpected(recorded.error()));
}

Status StreamReader::finish(const std::string& trouble) {
  return frontier_.end_run(source_.name, crawler::RunEnd::finished, trouble, session_.clock->now());
}

}  // namespace hw::app
