// sources list, pause, resume and check, and what a crawl makes of them.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "app/progress.h"
#include "tests/support/process.h"
#include "web/demo_board.h"
#include "web/server.h"

using namespace hw;
using namespace std::chrono_literals;
using hw::test::handlewatch;
using hw::test::TemporaryFolder;

namespace {

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

struct Forum {
  web::DemoBoard board = *web::DemoBoard::create();
  web::Server server = *web::Server::start(
      [this](const web::HttpRequest& request) { return board.answer(request.path, request.query); });
  TemporaryFolder folder;

  explicit Forum(const std::string& more = "") {
    REQUIRE(handlewatch(folder / "d", {"init", "--no-passphrase"}).status == 0);
    test::write_file(folder / "d/handlewatch.yaml",
                     "network: {allow: [127.0.0.0/8]}\nsources:\n  - {name: board, kind: phpbb, url: \"" +
                         server.url() + "\", platform: board, delay: 0s, " + more + "}\n");
  }
  test::Outcome run(std::vector<std::string> arguments) const {
    return handlewatch(folder / "d", std::move(arguments));
  }
  nlohmann::json listed() const {
    const auto outcome = run({"sources", "list", "--format", "jsonl"});
    REQUIRE(outcome.status == 0);
    return nlohmann::json::parse(outcome.out);
  }
};

}  // namespace

TEST_CASE("a source's health before and after it was read, in each format") {
  const Forum forum("every: 1h");
  CHECK(forum.listed()["state"] == "never read");
  CHECK(forum.listed()["next"] == "now");
  CHECK(forum.listed()["yield"].is_null());
  const auto crawled = forum.run({"crawl"});
  CHECK(crawled.status == 0);
  CHECK(holds(crawled.err, "board: done"));
  CHECK_FALSE(holds(crawled.err, "\x1b"));
  CHECK(holds(crawled.out, " hits"));
  const auto after = forum.listed();
  CHECK(after["state"] == "well");
  CHECK(after["next"].get<std::string>().starts_with("in "));
  CHECK(after["yield"].get<double>() > 0);
  CHECK(after["errors"] == 0);
  CHECK(after["backoff"].is_null());
  CHECK(forum.run({"sources", "list", "--format", "csv"})
            .out.starts_with("source,kind,state,last_success,next,backoff,"));
  CHECK(holds(forum.run({"sources", "list", "--format", "table"}).out, "LAST SUCCESS"));
  CHECK(holds(forum.run({"crawl"}).out, "nothing is due; the next source is in "));
}

TEST_CASE("a paused source is not read, says so where it is named, and is read again once it is resumed") {
  const Forum forum("every: 1h");
  CHECK(holds(forum.run({"sources", "pause", "board"}).out, "board is paused until: handlewatch sources resume board"));
  CHECK(forum.listed()["state"] == "paused");
  CHECK(forum.listed()["next"].is_null());
  CHECK(holds(forum.run({"crawl"}).out, "all sources are paused"));
  const auto named = forum.run({"crawl", "board"});
  CHECK(named.status == 2);
  CHECK(holds(named.err, "source board is paused; handlewatch sources resume board ends that"));
  CHECK(forum.server.requests() == 0);
  CHECK(forum.run({"sources", "resume", "board"}).status == 0);
  CHECK(forum.run({"crawl"}).status == 0);
  CHECK(forum.server.requests() > 10);
  const auto unknown = forum.run({"sources", "pause", "boards"});
  CHECK(unknown.status == 2);
  CHECK(holds(unknown.err, "did you mean \"board\"?"));
}

TEST_CASE("a source outside its hours waits, unless a person names it") {
  // Two minutes that are over, or far ahead, by the day's clock of this very moment.
  const auto minute =
      std::chrono::duration_cast<std::chrono::minutes>(SystemClock().now().time_since_epoch()) % 1440min;
  const auto hours_at = [&](std::chrono::minutes from) {
    const auto text = [](std::chrono::minutes time) {
      const auto of_day = (time % 1440min).count();
      return (of_day / 60 < 10 ? "0" : "") + std::to_string(of_day / 60) + (of_day % 60 < 10 ? ":0" : ":") +
             std::to_string(of_day % 60);
    };
    return "'" + text(minute + from) + "-" + text(minute + from + 60min) + "'";
  };
  const Forum forum("every: 1h, only: " + hours_at(12h));
  CHECK(holds(forum.run({"crawl"}).out, "nothing is due; the next source is in 12 h"));
  CHECK(forum.server.requests() == 0);
  CHECK(forum.run({"crawl", "board"}).status == 0);
  CHECK(forum.server.requests() > 10);
}

TEST_CASE("a host that is away is shown with its backoff and why; the crawl's status says that something failed") {
  const TemporaryFolder folder;
  REQUIRE(handlewatch(folder / "d", {"init", "--no-passphrase"}).status == 0);
  test::write_file(folder / "d/handlewatch.yaml",
                   "network: {allow: [127.0.0.0/8]}\nalerts: {broken_after: 1}\n"
                   "sources: [{name: away, kind: phpbb, url: 'http://127.0.0.1:1/', delay: 0s}]\n");
  const auto crawled = handlewatch(folder / "d", {"crawl"});
  CHECK(crawled.status == 1);
  CHECK(holds(crawled.err, "away: "));
  const auto listed = nlohmann::json::parse(handlewatch(folder / "d", {"sources", "list", "--format", "jsonl"}).out);
  CHECK(listed["state"] == "broken");
  CHECK(holds(listed["backoff"].get<std::string>(), " in a row"));
  CHECK(holds(listed["trouble"].get<std::string>(), "no connection"));
  CHECK(listed["next"].get<std::string>().starts_with("in "));
}

TEST_CASE("sources check shows three posts, and stores nothing") {
  const Forum forum("every: 1h");
  const auto checked = forum.run({"sources", "check", "board"});
  CHECK(checked.status == 0);
  CHECK(holds(checked.out, "read as phpbb: "));
  CHECK(holds(checked.out, "nothing was stored"));
  CHECK(forum.listed()["state"] == "never read");
  CHECK(forum.run({"sources", "check", "bord"}).status == 2);
}

TEST_CASE("the progress line says what matters most first; the rate is that of the last seconds") {
  crawler::RunReport report;
  report.pages = 1;
  report.posts = 12;
  CHECK(app::progress_line(1, 2.5, report) == "1 host · 2.5 pages/s · 1 page · 12 posts · 0 hits");
  report.not_modified = 3;
  report.failed = 1;
  CHECK(app::progress_line(2, 0, report) ==
        "2 hosts · 0.0 pages/s · 1 page · 12 posts · 0 hits · 3 unchanged · 1 refused or failed");
  app::Rate rate;
  const auto start = std::chrono::steady_clock::time_point{};
  CHECK(rate.per_second(start) == 0);
  for (int i = 0; i <= 100; ++i) rate.add(start + i * 100ms, static_cast<std::size_t>(i));
  CHECK(rate.per_second(start + 10s) == doctest::Approx(10).epsilon(0.05));
  for (int i = 1; i <= 100; ++i) rate.add(start + 10s + i * 100ms, static_cast<std::size_t>(100 + i * 5));
  CHECK(rate.per_second(start + 20s) == doctest::Approx(50).epsilon(0.05));
}
