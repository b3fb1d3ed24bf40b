#include "app/alarm.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sodium.h>

#include "app/hook.h"
#include "app/log.h"
#include "common/text.h"
#include "config/yaml_reader.h"

namespace hw::app {
namespace {

constexpr int kMostTries = 5;
constexpr std::chrono::seconds kFirstWait{30};
constexpr std::size_t kMostWaiting = 1000;

std::string new_id() {
  std::array<char, 16> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  return to_hex({bytes.data(), bytes.size()});
}

}  // namespace

std::string_view to_string(AlarmKind kind) {
  switch (kind) {
    case AlarmKind::source_broken:
      return "source_broken";
    case AlarmKind::source_recovered:
      return "source_recovered";
    case AlarmKind::review_waits:
      return "review_waits";
    case AlarmKind::safeguarding_waits:
      return "safeguarding_waits";
  }
  return "";
}

std::vector<std::string> hook_arguments(const AlarmCall& call) {
  return {std::string(to_string(call.kind)), call.source, escape_for_terminal(call.what)};
}

std::string webhook_body(const AlarmCall& call, std::string_view event_id) {
  nlohmann::ordered_json body{{"schema", 1}, {"event_id", event_id}, {"event", to_string(call.kind)}};
  if (!call.source.empty()) body["source"] = call.source;
  if (!call.what.empty()) body["what"] = call.what;
  body["at"] = to_rfc3339(call.at);
  return body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string webhook_signature(std::string_view secret, std::string_view body) {
  const auto bytes = [](std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); };
  crypto_auth_hmacsha256_state state;
  std::array<unsigned char, crypto_auth_hmacsha256_BYTES> digest{};
  crypto_auth_hmacsha256_init(&state, bytes(secret), secret.size());
  crypto_auth_hmacsha256_update(&state, bytes(body), body.size());
  crypto_auth_hmacsha256_final(&state, digest.data());
  return "sha256=" + to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

std::optional<Duration> wait_before_try(int tries) {
  if (tries >= kMostTries) return std::nullopt;
  return tries == 0 ? Duration{0} : Duration(kFirstWait) * (1 << (tries - 1));
}

Result<std::string> named_secret(const std::string& name) {
  std::string secret;
  const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
  const auto file = std::filesystem::path(folder == nullptr ? "" : folder) / name;
  std::error_code ignored;
  if (folder != nullptr && std::filesystem::exists(file, ignored)) {
    const auto text = config::read_small_file(file.string());
    if (!text) return tl::unexpected(text.error());
    secret = *text;
  } else if (const char* value = std::getenv(name.c_str()); value != nullptr) {
    secret = value;
  }
  secret = std::string(trim(secret));
  if (!secret.empty()) return secret;
  return fail(ErrorCode::configuration,
              fmt::format("no secret {0}: hand it over as a systemd credential (LoadCredential={0}:FILE) or set the "
                          "environment variable {0}",
                          name));
}

AlarmSender::AlarmSender(Post post, Duration second)
    : post_(std::move(post)), second_(second), thread_([this](const std::stop_token& stop) { work(stop); }) {}

AlarmSender::~AlarmSender() { stop(); }

std::vector<AlarmCall> AlarmSender::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
  std::vector<AlarmCall> undelivered;
  for (Delivery& lost : waiting_) {
    log_warning(fmt::format("alarm {} was not delivered before the end", to_string(lost.call.kind)));
    undelivered.push_back(std::move(lost.call));
  }
  waiting_.clear();
  return undelivered;
}

void AlarmSender::set_rules(crawler::FetchRules rules) {
  const std::lock_guard lock(mutex_);
  rules_ = std::move(rules);
}

void AlarmSender::send(const config::Alarm& alarm, AlarmCall call) {
  if (alarm.empty()) return;
  const std::lock_guard lock(mutex_);
  if (waiting_.size() >= kMostWaiting) return log_warning("too many alarms wait for delivery; one is left out");
  // By program and by webhook apart, so that one that fails is tried again alone.
  for (const bool by_program : {true, false}) {
    config::Alarm one = alarm;
    by_program ? one.webhook.clear() : one.run.clear();
    if (!one.empty()) waiting_.push_back({std::move(one), call, new_id(), 0, std::chrono::steady_clock::now()});
  }
  changed_.notify_one();
}

void AlarmSender::work(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    const auto next = std::min_element(waiting_.begin(), waiting_.end(),
                                       [](const Delivery& a, const Delivery& b) { return a.due < b.due; });
    if (next == waiting_.end()) {
      changed_.wait(lock, stop, [this] { return !waiting_.empty(); });
    } else if (const auto due = next->due; due > std::chrono::steady_clock::now()) {
      const std::size_t before = waiting_.size();
      changed_.wait_until(lock, stop, due, [&] { return waiting_.size() != before; });
    } else {
      Delivery delivery = std::move(*next);
      waiting_.erase(next);
      const crawler::FetchRules rules = rules_;
      lock.unlock();
      const Status done = deliver(delivery, rules, stop);
      lock.lock();
      if (!done) try_again(std::move(delivery), done.error());
    }
  }
}

Status AlarmSender::deliver(const Delivery& delivery, const crawler::FetchRules& rules,
                            const std::stop_token& stop) const {
  if (!delivery.alarm.run.empty()) {
    std::vector<std::string> command = delivery.alarm.run;
    for (std::string& argument : hook_arguments(delivery.call)) command.push_back(std::move(argument));
    return run_hook(command, delivery.alarm.within, stop);
  }
  const auto secret = named_secret(delivery.alarm.secret);
  if (!secret) return tl::unexpected(secret.error());
  const std::string body = webhook_body(delivery.call, delivery.event_id);
  return post_(rules, delivery.alarm.webhook, body, webhook_signature(*secret, body));
}

// Called with the lock held.
void AlarmSender::try_again(Delivery delivery, const Error& error) {
  const auto wait = wait_before_try(++delivery.tries);
  const std::string words = fmt::format("alarm {}: {}", to_string(delivery.call.kind), error.message);
  if (!wait) return log_error(words + "; given up");
  if (delivery.tries == 1) log_warning(words + "; tried again four times");
  delivery.due = std::chrono::steady_clock::now() + second_ * (wait->count() / 1000);
  waiting_.push_back(std::move(delivery));
}

}  // namespace hw::app
