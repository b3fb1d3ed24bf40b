// The streams among the sources, each read on a thread of its own beside everything else.
#pragma once

#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "app/stream_reader.h"

namespace hw::app {

class StreamThreads {
 public:
  // What is worth telling while they run; called by several threads, one at a time.
  using Say = std::function<void(const std::string& source, const std::string& what)>;

  // Begins at once. Everything is borrowed. Stops with `stop`, and at the end of this object's life.
  StreamThreads(const Session& session, const config::Settings& settings, const classifier::Classifier& classifier,
                const std::vector<const config::SourceSpec*>& sources, StreamBounds bounds, Say say,
                std::stop_token stop);
  ~StreamThreads();
  StreamThreads(const StreamThreads&) = delete;
  StreamThreads& operator=(const StreamThreads&) = delete;

  // Waits for all of them: for bounded ones. What each read, by its source's name, or why it failed.
  std::vector<std::pair<std::string, Result<StreamReport>>> finish();

 private:
  void read(const config::SourceSpec& source, std::size_t place);
  void tell(const std::string& source, const std::string& what);

  const Session& session_;
  const config::Settings& settings_;
  const classifier::Classifier& classifier_;
  StreamBounds bounds_;
  Say say_;
  std::mutex mutex_;
  std::stop_source stop_;
  std::stop_callback<std::function<void()>> stopped_from_outside_;
  std::vector<std::pair<std::string, Result<StreamReport>>> results_;
  std::vector<std::jthread> threads_;
};

// Those of them that are read as streams, or those that are not.
std::vector<const config::SourceSpec*> streams_among(const std::vector<const config::SourceSpec*>& sources);
std::vector<const config::SourceSpec*> pages_among(const std::vector<const config::SourceSpec*>& sources);
std::vector<const config::SourceSpec*> streams_in(const config::Settings& settings);

// For the daemon's list of companions (companion.h): all streams of a configuration, without bounds.
bool has_streams(const config::Settings& settings);
Status serve_streams(const Session& session, const config::Settings& settings, const std::stop_token& stop);

}  // namespace hw::app
