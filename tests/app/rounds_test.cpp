// The daemon's rounds in a world that a test makes: what fails is waited for, said once, and recovered from.
#include "app/rounds.h"

#include <deque>

#include <doctest/doctest.h>

#include "tests/support/support.h"

using namespace hw;
using namespace hw::app;
using namespace std::chrono_literals;

namespace {

// Sources that are read every half hour, each on a host of its own, and a machine whose parts can fail.
class World final : public Surroundings {
 public:
  explicit World(int count) : sources(static_cast<std::size_t>(count)), next(sources.size()), runs(sources.size()) {
    for (std::size_t i = 0; i < sources.size(); ++i) {
      sources[i].name = "source" + std::to_string(i);
      next[i] = clock.now();
    }
  }

  test::FakeClock clock;
  Duration steady_time{0};
  std::uint64_t free = 10'000'000'000;
  std::vector<config::SourceSpec> sources;
  std::vector<Time> next;
  std::vector<int> runs;
  std::function<bool(std::size_t)> answers = [](std::size_t) { return true; };
  std::optional<Error> store_error;
  std::optional<Error> upkeep_error;
  std::vector<std::pair<Tone, std::string>> said;
  std::vector<Time> erased;
  std::vector<Time> forgiven;
  Time end{};

  Say say() {
    return [this](Tone tone, const std::string& words) { said.emplace_back(tone, words); };
  }
  // What was said beyond the summaries of runs.
  std::vector<std::string> told() const {
    std::vector<std::string> out;
    for (const auto& [tone, words] : said)
      if (words.find(" requests (") == std::string::npos) out.push_back(words);
    return out;
  }
  void pass(Rounds& rounds, Duration time) {
    end = clock.now() + time;
    rounds.serve();
  }

  Time now() const override { return clock.now(); }
  Duration steady() const override { return steady_time; }
  std::optional<std::uint64_t> free_bytes() const override { return free; }
  bool sleep(Duration at_most) override {
    clock.advance(at_most);
    steady_time += at_most;
    return clock.now() >= end;
  }
  bool asked_to_end() const override { return clock.now() >= end; }
  std::vector<const config::SourceSpec*> due() const override {
    std::vector<const config::SourceSpec*> out;
    for (std::size_t i = 0; i < sources.size(); ++i)
      if (next[i] <= clock.now()) out.push_back(&sources[i]);
    return out;
  }
  std::optional<Time> next_due() const override { return *std::min_element(next.begin(), next.end()); }
  Result<crawler::RunReport> read(const std::vector<const config::SourceSpec*>& due,
                                  const crawler::Observer& observer) override {
    if (store_error) return tl::unexpected(*store_error);
    crawler::RunReport report;
    for (const config::SourceSpec* source : due) {
      const auto i = static_cast<std::size_t>(source - sources.data());
      const bool well = answers(i);
      ++runs[i];
      ++report.requests;
      report.answered += well ? 1U : 0U;
      next[i] = clock.now() + (well ? Duration(30min) : Duration(24h));  // the longest backoff there is
      if (!well) observer({crawler::EventKind::failed, source->name, source->name + ".test", "no connection"});
      // What a host is blamed for may change from one try to the next.
      const std::string why = runs[i] % 2 == 0 ? "the host is in backoff" : "no connection";
      observer({crawler::EventKind::source_done, source->name, source->name + ".test", well ? "done" : why, Duration{0},
                !well});
    }
    return report;
  }
  Status forgive(Time since) override {
    forgiven.push_back(since);
    for (Time& time : next) time = std::min(time, clock.now());
    return {};
  }
  Status keep_house() override {
    if (upkeep_error) return tl::unexpected(*upkeep_error);
    erased.push_back(clock.now());
    return {};
  }
  Status tell_of_sources() override { return {}; }
  void show(std::string_view, std::optional<Time>, const TroubleBook&) override {}
};

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("on a good day every source keeps its interval, the house is kept by the hour, and little is said") {
  World world(3);
  Rounds rounds(world, 3, world.say());
  world.pass(rounds, 24h);
  for (const int runs : world.runs) CHECK(runs == 48);
  CHECK(world.erased.size() == 24);
  CHECK(world.told().empty());
}

TEST_CASE("a disk that is nearly full: it waits, says so once, and goes on, saying so once") {
  World world(2);
  Rounds rounds(world, 2, world.say());
  world.free = 150'000'000;
  world.pass(rounds, 5h);
  CHECK(world.runs == std::vector<int>{0, 0});
  REQUIRE(world.told().size() == 1);
  CHECK(holds(world.told()[0], "nearly full (143 MB free)"));
  world.free = 230'000'000;  // enough for a start, too little to come back from trouble
  world.pass(rounds, 1h);
  CHECK(world.runs[0] == 0);
  world.free = 300'000'000;
  world.pass(rounds, 30min);
  CHECK(world.runs[0] == 1);
  REQUIRE(world.told().size() == 2);
  CHECK(holds(world.told()[1], "room on the disk again"));
  CHECK(holds(world.told()[1], "6 h"));
  CHECK(world.erased.size() >= 6);  // what is past its time goes meanwhile, and makes room
}

TEST_CASE("a store that a backup holds, or a disk that fills up at once: said once for each, and it goes on") {
  World world(1);
  Rounds rounds(world, 1, world.say());
  world.store_error = Error{ErrorCode::busy, "another handlewatch (or a backup) holds it"};
  world.upkeep_error = world.store_error;
  world.pass(rounds, 2h);
  REQUIRE(world.told().size() == 2);
  CHECK(holds(world.told()[0], "upkeep: another handlewatch"));
  CHECK(holds(world.told()[1], "another handlewatch"));
  world.store_error = Error{ErrorCode::disk_full, "no space left"};
  world.pass(rounds, 1h);
  REQUIRE(world.told().size() == 3);
  CHECK(holds(world.told()[2], "no space"));
  world.store_error.reset();
  world.upkeep_error.reset();
  world.pass(rounds, 10min);
  CHECK(world.runs[0] == 1);
  REQUIRE(world.told().size() == 5);
  CHECK(holds(world.told()[3], "upkeep is done again, after 3 h"));
  CHECK(holds(world.told()[4], "the work goes on, after 3 h"));
}

TEST_CASE("the network is away for a day: said once, tried gently, and when it is back all are read at once") {
  World world(40);
  Rounds rounds(world, 40, world.say());
  world.pass(rounds, 2h);
  const std::vector<int> before = world.runs;
  world.answers = [](std::size_t) { return false; };
  world.pass(rounds, 24h);
  REQUIRE(world.told().size() == 1);
  CHECK(holds(world.told()[0], "the network seems to be away"));
  int tried = 0;
  for (std::size_t i = 0; i < world.runs.size(); ++i) tried += world.runs[i] - before[i];
  CHECK(tried <= 40 + 24 * 12 + 1);  // all once, then one every five minutes
  CHECK(tried >= 40 + 23 * 12);
  world.answers = [](std::size_t) { return true; };
  const std::vector<int> away = world.runs;
  world.pass(rounds, 10min);
  for (std::size_t i = 0; i < world.runs.size(); ++i) CHECK(world.runs[i] > away[i]);
  REQUIRE(world.told().size() == 2);
  CHECK(holds(world.told()[1], "the network is back, after 24 h"));
}

TEST_CASE("one source that is away is its own trouble: said once, and once when it is well again") {
  World world(6);
  Rounds rounds(world, 6, world.say());
  world.answers = [](std::size_t i) { return i != 2; };
  world.pass(rounds, 72h);
  REQUIRE(world.told().size() == 1);
  CHECK(holds(world.told()[0], "source2: "));
  CHECK(world.runs[0] == 144);
  CHECK(world.forgiven.empty());
  world.answers = [](std::size_t) { return true; };
  world.pass(rounds, 25h);
  REQUIRE(world.told().size() == 2);
  CHECK(holds(world.told()[1], "source2: well again"));
}

TEST_CASE("with a single source there is no telling the network from the host: its own backoff holds") {
  World world(1);
  Rounds rounds(world, 1, world.say());
  world.answers = [](std::size_t) { return false; };
  world.pass(rounds, 72h);
  CHECK(world.runs[0] == 3);
  CHECK(world.told() == std::vector<std::string>{"source0: no connection"});
}

TEST_CASE("a clock that jumps is told once each way, and nothing is erased by it for an hour") {
  World world(1);
  Rounds rounds(world, 1, world.say());
  world.pass(rounds, 30min);
  CHECK(world.erased.size() == 1);
  world.clock.advance(24h * 3650);  // ten years: every hit would be past its time
  const Time jumped = world.clock.now();
  world.pass(rounds, 50min);
  CHECK(world.erased.size() == 1);
  REQUIRE(world.told().size() == 1);
  CHECK(holds(world.told()[0], "went forward by 3650 d"));
  world.clock.set(world.clock.now() - 24h * 3650);  // set right
  world.pass(rounds, 50min);
  REQUIRE(world.told().size() == 2);
  CHECK(holds(world.told()[1], "went back by 3650 d"));
  CHECK(world.erased.size() == 1);
  world.pass(rounds, 30min);
  CHECK(world.erased.size() == 2);
  CHECK(world.erased.back() < jumped);
}

TEST_CASE("a trouble is said again only when it is another one") {
  std::vector<std::string> said;
  TroubleBook book([&](Tone, const std::string& words) { said.push_back(words); });
  const Time now = *parse_rfc3339("2026-11-22T10:00:00Z");
  book.begins("a", now, "12 MB free", "full");
  book.begins("a", now, "11 MB free", "full");
  book.begins("b", now, "broken");
  book.begins("b", now, "broken");
  book.begins("b", now, "broken otherwise");
  CHECK(book.count() == 2);
  CHECK(book.ends("a", now + 2h, "room again"));
  CHECK_FALSE(book.ends("a", now + 3h, "room again"));
  CHECK(said == std::vector<std::string>{"12 MB free", "broken", "broken otherwise", "room again, after 2 h"});
}
