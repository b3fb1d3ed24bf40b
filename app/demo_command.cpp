#include <cstdlib>
#include <fstream>
#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/command_line.h"
#include "app/commands.h"
#include "app/session.h"
#include "app/terminal.h"
#include "db/hits.h"
#include "db/reviews.h"
#include "web/demo_board.h"
#include "web/server.h"

namespace hw::app {
namespace {

constexpr std::uint16_t kPort = 18930;  // the same each time, so that a second run knows the pages; any other if taken

std::filesystem::path default_folder() {
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache != '\0')
    return std::filesystem::path(cache) / "handlewatch-demo";
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0')
    return std::filesystem::path(home) / ".cache/handlewatch-demo";
  return std::filesystem::temp_directory_path() / "handlewatch-demo";
}

Status write_file(const std::filesystem::path& file, std::string_view content) {
  std::ofstream stream(file, std::ios::binary);
  stream << content;
  stream.close();
  if (!stream) return fail(ErrorCode::io, fmt::format("cannot write {}", file.string()));
  return {};
}

// Shows the main job by running the very commands that its users run, on a forum of its own.
class Demo {
 public:
  Demo(Session& session, std::filesystem::path folder) : session_(session), folder_(std::move(folder)) {}

  Result<int> show() {
    auto board = web::DemoBoard::create();
    if (!board) return tl::unexpected(board.error());
    auto server = start(*board);
    if (!server) return tl::unexpected(server.error());
    session_.data = folder_;
    say(fmt::format("A small forum is served at {} (invented posts, this process). Everything below lies in {}.",
                    server->url(), folder_.string()));
    if (auto prepared = prepare(server->url()); !prepared) return tl::unexpected(prepared.error());

    step("1  The operator crawls the forum, with the very code that crawls a real one");
    if (!run({"crawl", "forum"})) return kSomethingFailed;
    const auto fresh = news();
    if (!fresh) return tl::unexpected(fresh.error());
    if (fresh->empty()) {
      say("\nnothing new since the last run: every page and post was known. These hits are in the store:");
      if (!run({"hits", "list", "--format", "table"})) return kSomethingFailed;
    } else {
      if (const auto shown = work(*fresh); !shown || *shown != kDone) return shown;
    }
    farewell();
    return kDone;
  }

 private:
  Result<web::Server> start(const web::DemoBoard& board) {
    const auto handler = [&board](const web::HttpRequest& request) {
      return board.answer(request.path, request.query);
    };
    auto server = web::Server::start(handler, {.port = kPort});
    return server ? std::move(server) : web::Server::start(handler, {.port = 0});
  }

  Status prepare(const std::string& url) {
    std::error_code ignored;
    if (!std::filesystem::exists(folder_ / "store.db", ignored) && !run({"init", "--no-passphrase", "--as", "demo"}))
      return fail(ErrorCode::io, fmt::format("cannot make the demo's store in {}", folder_.string()));
    return write_file(folder_ / "handlewatch.yaml",
                      fmt::format("# Written by handlewatch demo, and written again at each run.\n"
                                  "network: {{allow: [127.0.0.0/8]}}\n"
                                  "review: {{confirmations: 1, one_person: true}}   # since there is only you\n"
                                  "sources:\n"
                                  "  - {{name: forum, kind: phpbb, url: \"{}\", platform: demo-forum, "
                                  "delay: 0s, every: 1h}}\n",
                                  url));
  }

  // Hits that nobody has looked at yet.
  Result<std::vector<db::HitRow>> news() {
    const auto settings = session_.settings();
    if (!settings) return tl::unexpected(settings.error());
    auto store = session_.store(*settings);
    if (!store) return tl::unexpected(store.error());
    return db::list_hits(**store, {.state = db::HitState::fresh, .limit = 0});
  }

  Result<int> work(const std::vector<db::HitRow>& fresh) {
    step("2  A moderator looks at the hits (in clear, which counts as an export and is logged)");
    if (!run({"hits", "list", "--format", "table", "--reveal", "--case", "demo", "--purpose", "demonstration"}))
      return kSomethingFailed;
    if (!show_reasons(fresh.front().hit)) return kSomethingFailed;

    step("3  The forum has banned an account; the moderator feeds that back");
    const std::string ban =
        R"({"schema":1,"event_id":"demo-1","platform":"demo-forum","subject":{"type":"account","login":"quietpine"},)"
        R"("action":"ban","reason_code":"spam","decided_at":"2026-11-20T09:00:00Z","decided_by":"human"})";
    if (auto written = write_file(folder_ / "bans.jsonl", ban + "\n"); !written) return tl::unexpected(written.error());
    if (!run({"bans", "import", (folder_ / "bans.jsonl").string()})) return kSomethingFailed;
    say("The handle of the banned account is advertised by another one; see the marks, and the band they make:");
    if (!run({"hits", "list", "--format", "table"})) return kSomethingFailed;

    step("4  Each handle is confirmed on its own, on a sign beyond the words");
    if (auto reviewed = confirm(fresh); !reviewed) return tl::unexpected(reviewed.error());

    step("5  An investigator exports the confirmed handles for a case");
    std::error_code ignored;
    std::filesystem::remove(folder_ / "export.csv", ignored);
    if (!run({"handles", "export", "--format", "csv", "--case", "demo", "--purpose", "demonstration", "--output",
              (folder_ / "export.csv").string()}))
      return kSomethingFailed;
    return kDone;
  }

  bool show_reasons(std::int64_t hit) {
    return run({"hits", "show", std::to_string(hit), "--case", "demo", "--purpose", "demonstration"});
  }

  Status confirm(const std::vector<db::HitRow>& hits) {
    for (const db::HitRow& row : hits) {
      if (row.judged < Band::medium) continue;
      for (const std::int64_t handle : row.handles)
        if (!run({"hits", "review", std::to_string(row.hit), "--handle", std::to_string(handle), "--verdict",
                  "confirmed", "--sign", "conversation"}))
          return fail(ErrorCode::io, "a review failed");
    }
    return {};
  }

  void farewell() {
    const std::string command = fmt::format("handlewatch --data {}", folder_.string());
    say(fmt::format(
        "\nThe store is {0}/store.db, sealed; the export is {0}/export.csv.\n"
        "One post on this forum states an age under 18. It is held for safeguarding and stands in none of these "
        "lists.\n"
        "\nWhat to try next:\n"
        "  handlewatch demo                        # again: nothing new is found\n"
        "  {1} links --handle 1   # who else advertises it\n"
        "  {1} audit verify       # the log of everything above\n"
        "  {1} doctor\n"
        "  handlewatch init                        # your own store; then name a source in its handlewatch.yaml",
        folder_.string(), command));
  }

  void step(std::string_view title) const {
    *session_.out << '\n' << style(*session_.out, Style::bold) << title << style(*session_.out, Style::plain) << '\n';
    session_.out->flush();
  }

  void say(std::string_view text) const {
    *session_.out << text << '\n';
    session_.out->flush();
  }

  bool run(const std::vector<std::string>& arguments) {
    *session_.out << style(*session_.out, Style::dim) << "$ handlewatch "
                  << fmt::format("{}", fmt::join(arguments, " ")) << style(*session_.out, Style::plain) << std::endl;
    return run_command_line(session_, arguments) == kDone;
  }

  Session& session_;
  std::filesystem::path folder_;
};

}  // namespace

void add_demo(CLI::App& root, Session& session) {
  auto folder = std::make_shared<std::string>(default_folder().string());
  CLI::App* command = root.add_subcommand("demo", "Shows the whole thing on a small forum of its own, on this machine");
  command->add_option("--folder", *folder, "Where its throwaway store goes")->capture_default_str()->type_name("DIR");
  command->footer(
      "Example:\n  handlewatch demo\nRun it twice: the second run finds nothing new. Remove the folder to begin "
      "afresh.");
  command->callback(
      [&session, folder] { session.action = [&session, folder] { return Demo(session, *folder).show(); }; });
}

}  // namespace hw::app
