#include <sstream>

#include <doctest/doctest.h>

#include "crawler/frontier.h"
#include "tests/support/support.h"

using namespace hw;
using namespace hw::crawler;
using namespace std::chrono_literals;

namespace {

struct World {
  test::TemporaryFolder folder;
  test::FakeClock clock;
  Frontier open(const std::string& name) {
    auto opened = Frontier::open(folder / name, clock);
    REQUIRE_OK(opened);
    return std::move(*opened);
  }
};

std::vector<std::string> lines_of(const Frontier& frontier) {
  std::vector<std::string> lines;
  REQUIRE_OK(frontier.dump([&](std::string_view line) { lines.emplace_back(line); }));
  return lines;
}

Status restore(Frontier& frontier, const std::vector<std::string>& lines) {
  std::size_t at = 0;
  return frontier.restore([&]() -> std::optional<std::string> {
    if (at == lines.size()) return std::nullopt;
    return lines[at++];
  });
}

// Some pages read, some queued, one dropped, one to be tried again.
void work(Frontier& frontier, const Clock& clock) {
  std::vector<Request> pages;
  for (int i = 0; i < 6; ++i)
    pages.push_back(
        {"http://a.test/t" + std::to_string(i) + "?q=\"%20'", PageRole::thread, "st\"amp\n" + std::to_string(i)});
  REQUIRE_OK(frontier.begin_run("garden", pages, 30min));
  PageDone done;
  done.validators = {"\"etag\"", "Sun, 22 Nov 2026 10:00:00 GMT", "8-abc"};
  done.cursor = "cursor";
  done.new_posts = 2;
  REQUIRE_OK(frontier.done("garden", **frontier.next("garden"), done));
  REQUIRE_OK(frontier.retry("garden", **frontier.next("garden"), clock.now() + 60s));
  REQUIRE_OK(frontier.drop("garden", **frontier.next("garden"), Dropped::gone));
  REQUIRE_OK(frontier.save_host("a.test", {clock.now(), clock.now() + 1h, 3, true, clock.now()}));
  REQUIRE_OK(frontier.save_robots("http://a.test", {200, "User-agent: *\n", clock.now()}));
}

}  // namespace

TEST_CASE("frontier: a dump that is restored is the same frontier, and it goes on where the other stood") {
  World world;
  Frontier first = world.open("first.db");
  work(first, world.clock);
  const auto lines = lines_of(first);
  CHECK(lines.size() == 1 + 6 + 1 + 1);
  Frontier second = world.open("second.db");
  REQUIRE_OK(restore(second, lines));
  CHECK(lines_of(second) == lines);
  CHECK(second.cursor("garden") == "cursor");
  CHECK(*second.host("a.test") == *first.host("a.test"));
  REQUIRE_OK(second.begin_run("garden", {}, 30min));
  CHECK((*second.next("garden"))->request.url == "http://a.test/t3?q=\"%20'");
}

TEST_CASE("frontier: a dump says nothing of hits, and nothing but what was queued") {
  World world;
  Frontier frontier = world.open("f.db");
  work(frontier, world.clock);
  for (const std::string& line : lines_of(frontier)) {
    CHECK(line.find("hit") == std::string::npos);
    CHECK(line.find('\n') == std::string::npos);
  }
}

TEST_CASE("frontier: a dump goes into an empty frontier only") {
  World world;
  Frontier frontier = world.open("f.db");
  work(frontier, world.clock);
  const auto restored = restore(frontier, lines_of(frontier));
  REQUIRE(!restored);
  CHECK(restored.error().code == ErrorCode::refused);
}

TEST_CASE("frontier: a line that is no entry is told by its number, and nothing is restored") {
  World world;
  Frontier first = world.open("first.db");
  work(first, world.clock);
  const auto good = lines_of(first);
  for (const std::string bad :
       {"", "no json", "{}", "[1]", "{\"entry\":\"hit\"}",
        "{\"entry\":\"page\",\"source\":\"nobody\",\"url\":\"http://a.test/\"}",
        "{\"entry\":\"page\",\"source\":\"garden\",\"url\":\"file:///etc/passwd\"}",
        "{\"entry\":\"page\",\"source\":\"garden\",\"url\":\"http://a.test/x\",\"role\":\"many\"}",
        "{\"entry\":\"page\",\"source\":\"garden\",\"url\":\"http://a.test/x\",\"role\":9,\"state\":0,\"rank\":1}",
        "{\"entry\":\"source\",\"name\":\"garden\"}", good[1].c_str(), "{\"entry\":\"host\",\"name\":7}",
        "\xFF\xFE{\"entry\":"}) {
    CAPTURE(bad);
    Frontier second = world.open("second.db");
    auto lines = good;
    lines.insert(lines.begin() + 3, bad);
    const auto restored = restore(second, lines);
    REQUIRE(!restored);
    CHECK(restored.error().code == ErrorCode::malformed);
    CHECK(restored.error().message.find("line 4") != std::string::npos);
    CHECK(restored.error().message.find("a.test") == std::string::npos);
    CHECK(lines_of(second).empty());
  }
}
