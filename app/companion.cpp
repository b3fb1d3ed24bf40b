#include "app/companion.h"

#include <algorithm>
#include <array>
#include <string>

#include <fmt/format.h>

#include "app/log.h"
#include "app/signals.h"
#include "app/stream_threads.h"

namespace hw::app {
namespace {

constexpr Duration kFirstPause{std::chrono::seconds(5)};
constexpr Duration kLongestPause{std::chrono::minutes(10)};
constexpr Duration kLongEnough{std::chrono::minutes(30)};  // it worked: what went wrong then is new

void keep_going(const Session& session, const config::Settings& settings, const Companion& companion,
                const std::stop_token& stop) {
  Duration pause = kFirstPause;
  std::string last_trouble;
  while (!stop.stop_requested()) {
    const auto began = std::chrono::steady_clock::now();
    const Status served = companion.serve(session, settings, stop);
    if (stop.stop_requested()) return;
    const bool new_trouble = std::chrono::steady_clock::now() - began > kLongEnough;
    if (new_trouble) pause = kFirstPause;
    const std::string trouble = served ? "ended by itself" : served.error().message;
    if (new_trouble || trouble != last_trouble) log_warning(fmt::format("{}: {}", companion.name, trouble));
    last_trouble = trouble;
    if (wait_or_stop(stop, pause)) return;
    pause = std::min(pause * 2, kLongestPause);
  }
}

}  // namespace

std::span<const Companion> all_companions() {
  static constexpr std::array kAll{Companion{"streams", has_streams, serve_streams}};
  return kAll;
}

Companions::Companions(const Session& session, const config::Settings& settings,
                       std::span<const Companion> companions) {
  for (const Companion& companion : companions) {
    if (!companion.wanted(settings)) continue;
    threads_.emplace_back([&session, &settings, companion](const std::stop_token& stop) {
      keep_going(session, settings, companion, stop);
    });
  }
}

}  // namespace hw::app
