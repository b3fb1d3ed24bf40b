#include "app/stream_threads.h"

#include <algorithm>

#include <fmt/format.h>

#include "app/log.h"
#include "app/signals.h"

namespace hw::app {
namespace {

constexpr Duration kAfterTrouble{std::chrono::minutes(1)};  // of the disk or the store

}  // namespace

StreamThreads::StreamThreads(const Session& session, const config::Settings& settings,
                             const classifier::Classifier& classifier,
                             const std::vector<const config::SourceSpec*>& sources, StreamBounds bounds, Say say,
                             std::stop_token stop)
    : session_(session),
      settings_(settings),
      classifier_(classifier),
      bounds_(bounds),
      say_(std::move(say)),
      stopped_from_outside_(std::move(stop), [this] { stop_.request_stop(); }) {
  for (const config::SourceSpec* source : sources) results_.emplace_back(source->name, StreamReport{});
  for (std::size_t i = 0; i < sources.size(); ++i)
    threads_.emplace_back([this, source = sources[i], i] { read(*source, i); });
}

StreamThreads::~StreamThreads() { stop_.request_stop(); }

std::vector<std::pair<std::string, Result<StreamReport>>> StreamThreads::finish() {
  for (std::jthread& thread : threads_) thread.join();
  threads_.clear();
  return std::exchange(results_, {});
}

// Without bounds a failure is told and tried again, as long as nobody asks to stop.
void StreamThreads::read(const config::SourceSpec& source, std::size_t place) {
  const auto say = [&](const std::string& what) { tell(source.name, what); };
  for (;;) {
    auto reader = StreamReader::open(session_, settings_, source, classifier_);
    Result<StreamReport> report = tl::unexpected(reader ? Error{} : reader.error());
    if (reader) report = (*reader)->run(bounds_, say, stop_.get_token());
    if (!report) say(report.error().message);
    const bool unbounded = !bounds_.time && !bounds_.messages;
    results_[place].second = std::move(report);
    if (results_[place].second || !unbounded || wait_or_stop(stop_.get_token(), kAfterTrouble)) return;
  }
}

void StreamThreads::tell(const std::string& source, const std::string& what) {
  const std::lock_guard lock(mutex_);
  say_(source, what);
}

std::vector<const config::SourceSpec*> streams_among(const std::vector<const config::SourceSpec*>& sources) {
  std::vector<const config::SourceSpec*> out;
  std::copy_if(sources.begin(), sources.end(), std::back_inserter(out),
               [](const auto* each) { return is_stream(*each); });
  return out;
}

std::vector<const config::SourceSpec*> pages_among(const std::vector<const config::SourceSpec*>& sources) {
  std::vector<const config::SourceSpec*> out;
  std::copy_if(sources.begin(), sources.end(), std::back_inserter(out),
               [](const auto* each) { return !is_stream(*each); });
  return out;
}

std::vector<const config::SourceSpec*> streams_in(const config::Settings& settings) {
  std::vector<const config::SourceSpec*> all;
  for (const config::SourceSpec& source : settings.sources) all.push_back(&source);
  return streams_among(all);
}

bool has_streams(const config::Settings& settings) { return !streams_in(settings).empty(); }

Status serve_streams(const Session& session, const config::Settings& settings, const std::stop_token& stop) {
  const auto classifier = session.classifier(settings);
  if (!classifier) return tl::unexpected(classifier.error());
  const auto say = [](const std::string& source, const std::string& what) {
    log_warning(fmt::format("{}: {}", source, what));
  };
  const StreamThreads streams(session, settings, *classifier, streams_in(settings), {}, say, stop);
  while (!wait_or_stop(stop, std::chrono::hours(1))) {
  }
  return {};
}

}  // namespace hw::app
