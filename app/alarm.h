// Telling people that something needs them: by a program of theirs, by a signed request, or both.
//
// What is told names a source and what is wrong with it, never a post. The alarm of safeguarding says that something
// waits and nothing else. Deliveries have a thread of their own, so that nothing waits for them.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "common/error.h"
#include "common/time.h"
#include "config/settings.h"
#include "crawler/fetcher.h"

namespace hw::app {

enum class AlarmKind { source_broken, source_recovered, review_waits, safeguarding_waits };
std::string_view to_string(AlarmKind kind);

struct AlarmCall {
  AlarmKind kind;
  std::string source;  // where it is about one
  std::string what;    // in words; empty for safeguarding
  Time at{};
};

// The arguments that follow the operator's own: kind, source, words.
std::vector<std::string> hook_arguments(const AlarmCall& call);
// {"schema":1,"event_id":…,"event":"source_broken","source":…,"what":…,"at":…}; the id is the same at every try.
std::string webhook_body(const AlarmCall& call, std::string_view event_id);
// "sha256=" and the HMAC-SHA-256 of the raw body in hex, as the header X-Handlewatch-Signature-256 carries it.
std::string webhook_signature(std::string_view secret, std::string_view body);
// How long to wait after so many tries in vain; nothing: give up. Five tries in all.
std::optional<Duration> wait_before_try(int tries);
// What systemd handed over under that name (LoadCredential=), else the environment variable. Fails with configuration.
Result<std::string> named_secret(const std::string& name);

class AlarmSender {
 public:
  // One attempt to deliver by webhook; a seam for tests.
  using Post = std::function<Status(const crawler::FetchRules& rules, const std::string& url, const std::string& body,
                                    const std::string& signature)>;
  // `second`: how long one is between tries; shorter in tests.
  explicit AlarmSender(Post post, Duration second = std::chrono::seconds(1));
  ~AlarmSender();  // stops
  // Ends the deliveries. What was not delivered by then is logged and comes back, each once.
  std::vector<AlarmCall> stop();
  AlarmSender(const AlarmSender&) = delete;
  AlarmSender& operator=(const AlarmSender&) = delete;

  // What webhooks obey from now on.
  void set_rules(crawler::FetchRules rules);
  void send(const config::Alarm& alarm, AlarmCall call);

 private:
  struct Delivery {
    config::Alarm alarm;
    AlarmCall call;
    std::string event_id;
    int tries = 0;
    std::chrono::steady_clock::time_point due;
  };
  void work(const std::stop_token& stop);
  Status deliver(const Delivery& delivery, const crawler::FetchRules& rules, const std::stop_token& stop) const;
  void try_again(Delivery delivery, const Error& error);

  Post post_;
  Duration second_;
  std::mutex mutex_;
  crawler::FetchRules rules_;
  std::condition_variable_any changed_;
  std::vector<Delivery> waiting_;
  std::jthread thread_;
};

// Posts through the crawler's own fetcher: the same guard, no redirects, TLS verified. Success is a 2xx answer.
Status guarded_post(const crawler::FetchRules& rules, const std::string& url, const std::string& body,
                    const std::string& signature);

}  // namespace hw::app
