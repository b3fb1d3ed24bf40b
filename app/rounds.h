// The daemon's rounds: keep house, read what is due, tell who must be told, sleep until something is due again.
//
// Whatever fails around it, it waits, says so once, and goes on by itself, saying so once: a disk that is nearly full,
// a store that a backup holds, a clock that jumps, a network that is away. It ends only when it is asked to. The world
// stands behind Surroundings, so that all of it is proved on a clock that tests move.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/trouble_book.h"
#include "common/error.h"
#include "common/time.h"
#include "config/settings.h"
#include "crawler/crawler.h"

namespace hw::app {

class Surroundings {
 public:
  virtual ~Surroundings() = default;
  virtual Time now() const = 0;
  // A clock that nobody sets; it may stand still while the machine sleeps.
  virtual Duration steady() const = 0;
  // Nothing when it cannot be known.
  virtual std::optional<std::uint64_t> free_bytes() const = 0;
  // Sleeps, and keeps the service manager content meanwhile. True: asked to end.
  virtual bool sleep(Duration at_most) = 0;
  virtual bool asked_to_end() const = 0;

  virtual std::vector<const config::SourceSpec*> due() const = 0;
  virtual std::optional<Time> next_due() const = 0;
  virtual Result<crawler::RunReport> read(const std::vector<const config::SourceSpec*>& sources,
                                          const crawler::Observer& observer) = 0;
  // The network was away since then: takes back what the hosts' silence was held against them.
  virtual Status forgive(Time since) = 0;
  // Erases what is past its time, and what else is done by the hour.
  virtual Status keep_house() = 0;
  // Tells who must be told of sources that broke or recovered.
  virtual Status tell_of_sources() = 0;
  // What the rounds are doing, in one line; `until` is when they go on.
  virtual void show(std::string_view doing, std::optional<Time> until, const TroubleBook& troubles) = 0;
};

class Rounds {
 public:
  // `hosts`: how many different ones the sources have. Borrows the surroundings.
  Rounds(Surroundings& surroundings, std::size_t hosts, Say say);

  // Until it is asked to end.
  void serve();
  // One round; how long to sleep then.
  Duration round();

 private:
  bool disk_has_room();
  void watch_clock();
  void keep_house();
  bool read(std::vector<const config::SourceSpec*> sources);
  void note(const crawler::Event& event);
  void judge_network(const crawler::RunReport& report);
  void probe();
  Duration until_next() const;

  Surroundings& world_;
  std::size_t hosts_;
  Say say_;
  TroubleBook troubles_;
  Time next_upkeep_{};
  std::optional<Time> last_wall_;
  Duration last_steady_{0};
  std::set<std::string> silent_;                            // hosts that failed since the last answer of any
  std::vector<std::pair<std::string, std::string>> begun_;  // sources with trouble, and which, in this round
  std::optional<Time> away_since_;
  std::optional<Time> silent_since_;
  Time next_probe_{};
  std::size_t probed_ = 0;
};

}  // namespace hw::app
