#include "app/rounds.h"

#include <algorithm>

#include <fmt/format.h>

#include "app/progress.h"

namespace hw::app {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr Duration kLongestNap =
    minutes(1);  // so that a clock that jumped, or a source that was resumed, is soon noticed
constexpr Duration kShortestNap = std::chrono::seconds(1);
constexpr Duration kAfterTrouble = minutes(1);
constexpr Duration kUpkeepEvery = hours(1);
constexpr Duration kProbeEvery = minutes(5);
constexpr Duration kJump = minutes(2);
constexpr std::uint64_t kLeastFreeBytes = 200U << 20;
constexpr std::uint64_t kEnoughFreeBytes = 250U << 20;  // more than the least, so that it does not come and go
constexpr std::size_t kManyHosts = 5;                   // silent together: it is not they who are away

}  // namespace

Rounds::Rounds(Surroundings& surroundings, std::size_t hosts, Say say)
    : world_(surroundings), hosts_(hosts), say_(say), troubles_(std::move(say)) {}

void Rounds::serve() {
  while (!world_.asked_to_end())
    if (world_.sleep(round())) return;
}

Duration Rounds::round() {
  watch_clock();
  keep_house();
  if (!disk_has_room()) {
    world_.show("waiting for room on the disk", world_.now() + kAfterTrouble, troubles_);
    return kAfterTrouble;
  }
  if (away_since_) {
    probe();
    if (away_since_) return std::clamp(next_probe_ - world_.now(), kShortestNap, kLongestNap);
  }
  const auto sources = world_.due();
  if (!sources.empty() && !read(sources)) return kAfterTrouble;
  const Duration nap = until_next();
  world_.show(troubles_.count() == 0 ? "well" : fmt::format("{} troubles", troubles_.count()), world_.next_due(),
              troubles_);
  return nap;
}

Duration Rounds::until_next() const {
  const auto next = world_.next_due();
  return next ? std::clamp<Duration>(*next - world_.now(), kShortestNap, kLongestNap) : kLongestNap;
}

bool Rounds::disk_has_room() {
  const auto free = world_.free_bytes();
  if (!free) return true;  // what cannot be known is found out by writing
  const std::uint64_t wanted = troubles_.is_open("disk") ? kEnoughFreeBytes : kLeastFreeBytes;
  if (*free >= wanted) {
    troubles_.ends("disk", world_.now(), "there is room on the disk again, reading goes on");
    return true;
  }
  troubles_.begins("disk", world_.now(),
                   fmt::format("the disk is nearly full ({} MB free): nothing is read until there are {} MB; make room",
                               *free >> 20U, kEnoughFreeBytes >> 20U),
                   "nearly full");
  return false;
}

// A machine's clock that jumps is told once, and nothing is erased by it for an hour: a wrong clock must not end the
// time of every hit.
void Rounds::watch_clock() {
  const Time wall = world_.now();
  const Duration steady = world_.steady();
  if (last_wall_) {
    const Duration jump = (wall - *last_wall_) - (steady - last_steady_);
    if (jump > kJump || jump < -kJump) {
      say_(Tone::warning, fmt::format("the machine's clock went {} by {}: sources keep their intervals, and nothing is "
                                      "erased for an hour",
                                      jump > Duration{0} ? "forward" : "back", to_words(std::chrono::abs(jump))));
      next_upkeep_ = wall + kUpkeepEvery;
      next_probe_ = std::min(next_probe_, wall);
      if (away_since_) away_since_ = std::min(*away_since_, wall);
    }
  }
  last_wall_ = wall;
  last_steady_ = steady;
}

void Rounds::keep_house() {
  if (world_.now() < next_upkeep_) return;
  if (const Status kept = world_.keep_house(); !kept) {
    troubles_.begins("upkeep", world_.now(), "upkeep: " + kept.error().message);
    next_upkeep_ = world_.now() + kAfterTrouble;
    return;
  }
  next_upkeep_ = world_.now() + kUpkeepEvery;
  troubles_.ends("upkeep", world_.now(), "upkeep is done again");
}

// False: the environment failed (a full disk, a locked store); it is tried again later.
bool Rounds::read(std::vector<const config::SourceSpec*> sources) {
  begun_.clear();
  world_.show(fmt::format("reading {} {}", sources.size(), sources.size() == 1 ? "source" : "sources"), std::nullopt,
              troubles_);
  auto report = world_.read(sources, [this](const crawler::Event& event) { note(event); });
  if (report) judge_network(*report);
  Status told = report && !away_since_ ? world_.tell_of_sources() : Status();
  if (!report || !told) {
    const Error& error = report ? told.error() : report.error();
    troubles_.begins("work", world_.now(), error.message, std::to_string(static_cast<int>(error.code)));
    world_.show("waiting: " + error.message, world_.now() + kAfterTrouble, troubles_);
    return false;
  }
  troubles_.ends("work", world_.now(), "the work goes on");
  for (const auto& [source, words] : std::exchange(begun_, {}))
    if (!away_since_) troubles_.begins(source, world_.now(), words, "trouble");  // else it is the network's
  if (report->answered > 0) say_(Tone::info, summary(*report));
  return true;
}

void Rounds::note(const crawler::Event& event) {
  using crawler::EventKind;
  const Time now = world_.now();
  const std::string source = "source " + event.source;
  if (event.kind == EventKind::failed) silent_.insert(event.host);
  if (event.kind != EventKind::source_done) return;
  if (event.trouble)
    begun_.emplace_back(source, fmt::format("{}: {}", event.source, event.what));
  else
    troubles_.ends(source, now, fmt::format("{}: well again", event.source));
}

// Many hosts that are silent together are not at fault: the network is. One that answered, whatever it said, shows that
// it is there.
void Rounds::judge_network(const crawler::RunReport& report) {
  const Time now = world_.now();
  if (report.answered > 0 || report.requests == 0) {
    if (report.answered > 0) silent_.clear();
    if (report.answered > 0) silent_since_.reset();
    return;
  }
  if (!silent_since_) silent_since_ = now;
  if (away_since_ || hosts_ < 2 || silent_.size() < std::min(hosts_, kManyHosts)) return;
  away_since_ = silent_since_;
  next_probe_ = now + kProbeEvery;
  troubles_.begins(
      "network", now,
      "no host answers, the network seems to be away: one source is tried every 5 minutes until it is back");
}

// One source after another, so that a network that is back is seen whichever of them is well.
void Rounds::probe() {
  const Time now = world_.now();
  if (now < next_probe_) return;
  next_probe_ = now + kProbeEvery;
  if (const Status forgiven = world_.forgive(*away_since_); !forgiven)
    return troubles_.begins("work", now, forgiven.error().message,
                            std::to_string(static_cast<int>(forgiven.error().code)));
  auto sources = world_.due();
  if (sources.empty()) return;
  sources = {sources[probed_++ % sources.size()]};
  if (!read(sources) || !silent_.empty()) return;
  if (const Status forgiven = world_.forgive(*away_since_); !forgiven) return;
  away_since_.reset();
  troubles_.ends("network", world_.now(), "the network is back");
}

}  // namespace hw::app
