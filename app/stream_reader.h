// A long-lived source: what a WebSocket brings goes through the pipeline into the store for as long as it is wanted.
//
// A reader has its own way to the store and the frontier, so that it runs on its own thread beside a crawl; each batch
// is committed before the next is read, and where the store is slow the server has to wait. When a connection ends it
// is opened anew where the last committed batch ended, after a pause that doubles up to five minutes. Killed at any
// point, a reader goes on from there too.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "app/pipeline.h"
#include "app/session.h"
#include "crawler/fetcher.h"
#include "crawler/frontier.h"
#include "crawler/web_socket.h"

namespace hw::app {

// Whether a source is read as a stream and not page by page.
bool is_stream(const config::SourceSpec& source);

// Where reading ends by itself; without either it goes on until it is told to stop.
struct StreamBounds {
  std::optional<Duration> time;
  std::optional<std::size_t> messages;
};

struct StreamReport {
  std::size_t connections = 0;
  std::size_t messages = 0;
  std::size_t posts = 0;
  std::size_t new_posts = 0;
  std::size_t hits = 0;
};

// "2 connections, 312 messages, 300 posts, 299 new, 1 hits".
std::string summary(const StreamReport& report);

class StreamReader {
 public:
  // Everything given is borrowed, `classifier` by several threads.
  static Result<std::unique_ptr<StreamReader>> open(const Session& session, const config::Settings& settings,
                                                    const config::SourceSpec& source,
                                                    const classifier::Classifier& classifier);

  // `say` hears, on this thread, why a connection ended or could not be made; it is tried again. Fails when the
  // environment does (a full disk) or the source may not be read.
  Result<StreamReport> run(const StreamBounds& bounds, const std::function<void(const std::string&)>& say,
                           const std::stop_token& stop);

 private:
  StreamReader(const Session& session, const config::Settings& settings, const config::SourceSpec& source,
               const classifier::Classifier& classifier, std::unique_ptr<db::Store> store, crawler::Frontier frontier,
               std::unique_ptr<crawler::Fetcher> fetcher);

  bool over(const std::stop_token& stop) const;
  bool paused() const;  // by the operator
  Result<Request> where_to() const;
  Result<bool> connect_and_read(const std::stop_token& stop);
  Result<bool> read(crawler::WebSocket& socket, const std::stop_token& stop);
  Status commit();
  Status finish(const std::string& trouble);

  const Session& session_;
  const config::SourceSpec& source_;
  crawler::FetchRules rules_;
  std::unique_ptr<db::Store> store_;
  crawler::Frontier frontier_;
  std::unique_ptr<crawler::Fetcher> fetcher_;
  Pipeline pipeline_;
  StreamBounds bounds_;
  Time began_{};
  Request request_;    // of the present connection
  std::string batch_;  // messages, one a line
  std::size_t batch_messages_ = 0;
  std::string trouble_;  // why the last connection ended
  StreamReport report_;
};

}  // namespace hw::app
