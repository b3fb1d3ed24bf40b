// hits, handles, accounts, links, bans, audit and purge as their users call them.
#include <algorithm>
#include <array>
#include <sstream>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include "tests/support/process.h"

using hw::test::handlewatch;
using hw::test::Invocation;
using hw::test::Outcome;
using hw::test::TemporaryFolder;
using hw::test::write_file;
using nlohmann::json;

namespace {

constexpr const char* kHeldLine = "Safeguarding may hold more.\n";

std::string post(const std::string& id, const std::string& author, const std::string& text) {
  return json{{"id", id},
              {"platform", "board"},
              {"author", author},
              {"text", text},
              {"url", "https://board.example/" + id}}
             .dump() +
         "\n";
}

// Two accounts with one handle, one with another, and a young one.
const std::string kPosts = post("1", "gardener", "#perv #nolimits kik: hwdemo_oak33") +
                           post("2", "baker", "#perv #nolimits kik: hwdemo_oak33") +
                           post("3", "baker", "#perv #nolimits kik: hwdemo_elm44") +
                           post("4", "finch", "15 yo here #perv #nolimits kik: hwdemo_young3");

struct Board {
  TemporaryFolder folder;
  std::filesystem::path data = folder / "d";

  Board() {
    REQUIRE(handlewatch(data, {"init", "--no-passphrase", "--as", "owner"}).status == 0);
    for (const auto& [name, roles] : std::vector<std::pair<const char*, const char*>>{
             {"alice", "reviewer"}, {"bob", "reviewer"}, {"carol", "reviewer"}, {"erin", "exporter"}})
      REQUIRE(handlewatch(data, {"keys", "add", name, "--roles", roles, "--no-passphrase", "--as", "owner"}).status ==
              0);
    const Outcome imported = handlewatch(data, {"import", "-"}, kPosts);
    REQUIRE_MESSAGE(imported.status == 0, imported.err);
  }

  Outcome run(std::vector<std::string> arguments, std::string input = "") const {
    if (std::ranges::find(arguments, "--as") == arguments.end()) arguments.insert(arguments.end(), {"--as", "owner"});
    return handlewatch(data, std::move(arguments), std::move(input));
  }

  // On a terminal of its own.
  Outcome on_terminal(const std::string& arguments) const {
    Invocation invocation;
    invocation.program = "script";
    invocation.arguments = {"-qec", hw::test::binary() + " --data " + data.string() + " --as owner " + arguments,
                            "/dev/null"};
    invocation.environment["TERM"] = "dumb";
    return hw::test::run(invocation);
  }

  void confirm(const char* hit) const {
    for (const char* who : {"alice", "bob"})
      REQUIRE(run({"hits", "review", hit, "--verdict", "confirmed", "--sign", "profile", "--as", who}).status == 0);
  }
};

std::vector<json> lines(const std::string& text) {
  std::vector<json> out;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) out.push_back(json::parse(line));
  return out;
}

bool names_anything(const std::string& text) {
  return std::ranges::any_of(std::array{"hwdemo", "gardener", "baker", "finch"},
                             [&](const char* name) { return text.find(name) != std::string::npos; });
}

std::vector<std::string> with_grounds(std::vector<std::string> arguments) {
  for (const char* more : {"--as", "erin", "--case", "2026-17", "--purpose", "court request"})
    arguments.emplace_back(more);
  return arguments;
}

}  // namespace

TEST_CASE("what stands in the clear is listed without a key, and every lookup ends alike") {
  const Board board;
  std::filesystem::remove_all(board.data / "keys/people");
  const auto hits = board.run({"hits", "list"});
  CHECK_MESSAGE(hits.status == 0, hits.err);
  CHECK(hits.err == kHeldLine);
  const auto rows = lines(hits.out);
  REQUIRE(rows.size() == 3);
  CHECK(rows[0]["band"] == "medium");
  CHECK(rows[1]["band"] == "high");
  CHECK(rows[1]["marks"] == "several accounts");
  for (const std::vector<std::string>& command : {std::vector<std::string>{"handles", "list"},
                                                  {"accounts", "list"},
                                                  {"bans", "list"},
                                                  {"links", "--handle", "1"},
                                                  {"links", "--account", "2"}}) {
    for (const char* format : {"table", "jsonl", "csv"}) {
      std::vector<std::string> arguments = command;
      arguments.insert(arguments.end(), {"--format", format});
      const auto listed = board.run(arguments);
      CHECK_MESSAGE(listed.status == 0, listed.err);
      CHECK(listed.err == kHeldLine);
      CHECK_FALSE(names_anything(listed.out));
    }
  }
  CHECK(lines(board.run({"handles", "list"}).out).size() == 2);
  CHECK(lines(board.run({"links", "--handle", "1", "--depth", "3"}).out).size() == 3);
  const auto reveal = board.run(with_grounds({"hits", "list", "--reveal"}));
  CHECK(reveal.status == 1);
  CHECK(reveal.err.find("erin.key") != std::string::npos);
}

TEST_CASE("a row that is not there is answered with the same last line, held or never seen") {
  const Board board;
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"links", "--handle", "99"}, {"links", "--account", "99"}, {"hits", "show", "99"}}) {
    const auto absent = board.run(command);
    CHECK(absent.status == 1);
    CHECK(absent.err.find(kHeldLine) != std::string::npos);
  }
}

TEST_CASE("hits in clear are an export: grounds, digest and the audit log") {
  const Board board;
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"hits", "list", "--reveal"}, {"hits", "show", "1"}}) {
    const auto refused = board.run(command);
    CHECK(refused.status != 0);
    CHECK(refused.out.empty());
  }
  const auto revealed = board.run(with_grounds({"hits", "list", "--reveal", "--format", "jsonl"}));
  CHECK_MESSAGE(revealed.status == 0, revealed.err);
  const auto rows = lines(revealed.out);
  REQUIRE(rows.size() == 3);
  CHECK(rows[2]["author"] == "gardener");
  CHECK(rows[2]["handles"] == json::array({{{"messenger", "kik"}, {"handle", "hwdemo_oak33"}}}));
  CHECK(rows[2]["url"] == "hxxps://board[.]example/1");
  CHECK(revealed.out.find("young3") == std::string::npos);
  const auto one = board.run(with_grounds({"hits", "show", "1"}));
  CHECK_MESSAGE(one.status == 0, one.err);
  CHECK(lines(one.out).size() == 1);
  const auto log = board.run({"audit", "log", "--format", "jsonl"});
  CHECK(log.out.find("court request") != std::string::npos);
  CHECK_FALSE(names_anything(log.out));
  CHECK(lines(log.out).size() == 11);  // the host, five people, the configuration, two exports with begin and end
}

TEST_CASE("on a terminal one hit is shown, escaped, without live links, and logged") {
  const Board board;
  const std::string hostile =
      post("9", "mallory", "#perv #nolimits kik: hwdemo_ash55 \x1b[2J \xE2\x80\xAE see (https://evil.example/x)");
  REQUIRE(board.run({"import", "-"}, hostile).status == 0);
  const auto shown = board.on_terminal("hits show 4");
  CHECK_MESSAGE(shown.status == 0, shown.out);
  CHECK(shown.out.find("hwdemo_ash55") != std::string::npos);
  CHECK(shown.out.find("\\x1b[2J \\u202e") != std::string::npos);
  CHECK(shown.out.find("(hxxps://evil[.]example/x)") != std::string::npos);
  CHECK(shown.out.find("https://") == std::string::npos);
  CHECK(shown.out.find('\x1b') == std::string::npos);
  const auto handle = board.on_terminal("handles show 1");
  CHECK(handle.out.find("kik hwdemo_oak33") != std::string::npos);
  CHECK(handle.out.find("may not be its owner") != std::string::npos);
  CHECK(board.on_terminal("accounts show 1").out.find("gardener on board") != std::string::npos);
  CHECK(board.run({"handles", "show", "1"}).status == 1);
  CHECK(board.run({"accounts", "show", "1"}).status == 1);
  const auto log = lines(board.run({"audit", "log", "--format", "jsonl"}).out);
  REQUIRE(log.size() == 10);
  for (std::size_t i = 7; i < log.size(); ++i) CHECK(log[i]["action"] == "reveal");
  CHECK(log[7]["details"] == "hit 4");
  CHECK(log[7]["by"] == "owner");
}

TEST_CASE("review: two people, one by one, each on a sign; several only to reject") {
  const Board board;
  CHECK(board.run({"hits", "review", "1", "--verdict", "confirmed", "--as", "alice"}).status == 2);
  CHECK(
      board.run({"hits", "review", "1", "2", "--verdict", "confirmed", "--sign", "profile", "--as", "alice"}).status ==
      2);
  CHECK(board.run({"hits", "review", "1", "--verdict", "certainly", "--as", "alice"}).status == 2);
  CHECK(handlewatch(board.data, {"hits", "review", "1", "--verdict", "rejected"}).status == 2);  // several keys here
  CHECK(board.run({"hits", "review", "1", "--verdict", "rejected", "--as", "nobody"}).status == 1);
  CHECK(board.run({"hits", "review", "1", "--verdict", "rejected", "--as", "erin"}).status == 1);
  const auto first = board.run({"hits", "review", "1", "--verdict", "confirmed", "--sign", "profile", "--as", "alice"});
  CHECK(first.out.find("1 of 2 reviewers") != std::string::npos);
  const auto again = board.run({"hits", "review", "1", "--verdict", "confirmed", "--sign", "profile", "--as", "Alice"});
  CHECK(again.out.find("1 of 2 reviewers") != std::string::npos);
  const auto second =
      board.run({"hits", "review", "1", "--verdict", "confirmed", "--sign", "conversation", "--as", "bob"});
  CHECK(second.out.find("hit 1 is confirmed") != std::string::npos);
  const auto several = board.run({"hits", "review", "2", "3", "77", "--verdict", "rejected", "--as", "alice"});
  CHECK(several.status == 1);
  CHECK(several.err.find("no hit 77") != std::string::npos);
  CHECK(lines(board.run({"hits", "list", "--state", "rejected"}).out).size() == 2);
}

TEST_CASE("handles export: confirmed handles alone, to a file of one's own, with caution and checkpoint") {
  const Board board;
  board.confirm("1");
  const std::filesystem::path file = board.folder / "leads.csv";
  const auto exported = board.run(with_grounds({"handles", "export", "--output", file.string()}));
  CHECK_MESSAGE(exported.status == 0, exported.err);
  CHECK(exported.out.empty());
  struct stat status{};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777U) == 0600);
  const std::string csv = hw::test::read_file(file);
  CHECK(csv.starts_with("handle,messenger,first_seen,last_seen,adverts,accounts,platforms,band,review,case,"));
  CHECK(csv.find("hwdemo_oak33,kik,") != std::string::npos);
  CHECK(csv.find("may not be its owner, and names are reassigned") != std::string::npos);
  CHECK(csv.find("elm44") == std::string::npos);
  CHECK(csv.find("young3") == std::string::npos);
  const auto again = board.run(with_grounds({"handles", "export", "--output", file.string()}));
  CHECK(again.status == 1);
  CHECK(again.err.find("is there already") != std::string::npos);
  const auto rows = lines(board.run(with_grounds({"handles", "export", "--format", "jsonl"})).out);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0]["adverts"] == 2);
  CHECK(rows[0]["review"] == "confirmed by 2");
  CHECK(rows[0]["case"] == "2026-17");
  const auto verified = board.run({"audit", "verify", "--checkpoint", rows[0]["checkpoint"]});
  CHECK_MESSAGE(verified.status == 0, verified.err);
  CHECK(verified.out.find("as the checkpoints say") != std::string::npos);
  const auto wrong = board.run({"audit", "verify", "--checkpoint", "2:" + std::string(64, '0')});
  CHECK(wrong.status == 1);
  CHECK(board.run({"audit", "verify", "--checkpoint", "2"}).status == 2);
  CHECK(board.run({"handles", "export", "--as", "erin", "--case", "c"}).status == 2);
  CHECK(board.run({"handles", "export", "--as", "erin", "--case", "c", "--purpose", " "}).status == 2);
  const auto overturned = board.run({"hits", "review", "1", "--verdict", "rejected", "--as", "carol"});
  CHECK(overturned.err.find("recall export 1, 2") != std::string::npos);
}

TEST_CASE("what safeguarding receives by hand is gone from every list") {
  const Board board;
  board.confirm("1");
  const auto sent = board.run({"hits", "review", "1", "--verdict", "safeguarding", "--as", "alice"});
  CHECK_MESSAGE(sent.status == 0, sent.err);
  CHECK(lines(board.run({"hits", "list"}).out).size() == 1);
  CHECK(lines(board.run(with_grounds({"handles", "export", "--format", "jsonl"})).out).empty());
  CHECK(board.run(with_grounds({"hits", "list", "--reveal"})).out.find("oak33") == std::string::npos);
}

TEST_CASE("bans: in from JSON Lines and CSV, shown everywhere, out again") {
  const Board board;
  const std::string ban =
      R"({"schema":1,"event_id":"e1","platform":"board","subject":{"type":"account","login":"gardener"},"action":"ban","decided_at":"2026-11-20T10:00:00Z","decided_by":"human"})";
  const auto imported = board.run({"bans", "import", "-"}, ban + "\nnonsense\n");
  CHECK(imported.status == 1);
  CHECK(imported.out == "1 new, 0 known, 1 refused\n");
  CHECK(imported.err.find("-:2: it is not JSON") != std::string::npos);
  CHECK(board.run({"bans", "import", "-"}, ban).out == "0 new, 1 known\n");
  const std::string csv =
      "event_id,platform,type,messenger,id,action,decided_at\r\ne2,board,handle,kik,hwdemo_elm44,ban,2026-11-20T10:00:"
      "00Z\r\n";
  write_file(board.folder / "bans.csv", csv);
  CHECK(board.run({"bans", "import", (board.folder / "bans.csv").string()}).out == "1 new, 0 known\n");
  const auto hits = lines(board.run({"hits", "list"}).out);
  CHECK(hits[0]["marks"] == "banned");
  CHECK(hits[1]["marks"] == "banned handle back, several accounts");
  CHECK(hits[2]["marks"] == "banned, several accounts");
  CHECK(lines(board.run({"accounts", "list"}).out)[1]["bans"] == "ban by board (ban 1)");
  CHECK(lines(board.run({"handles", "list"}).out)[0]["bans"] == "ban by board (ban 2)");
  const auto out = lines(board.run(with_grounds({"bans", "export"})).out);
  REQUIRE(out.size() == 2);
  CHECK(
      out[1] ==
      json::parse(
          R"({"schema":1,"event_id":"e1","platform":"board","subject":{"type":"account","messenger":null,"id":null,"login":"gardener"},
      "action":"ban","reason_code":null,"decided_at":"2026-11-20T10:00:00Z","expires_at":null,"decided_by":"human","lead_id":null})"));
  CHECK(board.run({"bans", "export"}).status == 2);
  const auto csv_out = board.run(with_grounds({"bans", "export", "--format", "csv"}));
  const Board other;
  CHECK(other.run({"bans", "import", "-"}, csv_out.out).out == "2 new, 0 known\n");
}

TEST_CASE("a passphrase: asked for, read from a file, wrong") {
  const TemporaryFolder folder;
  write_file(folder / "phrase", "a long enough passphrase\n");
  write_file(folder / "wrong", "another long passphrase\n");
  for (const char* name : {"phrase", "wrong"}) REQUIRE(::chmod((folder / name).c_str(), 0600) == 0);
  const auto run = [&](const char* phrase, std::vector<std::string> arguments) {
    Invocation invocation;
    invocation.arguments = {"--data", (folder / "d").string()};
    invocation.arguments.insert(invocation.arguments.end(), arguments.begin(), arguments.end());
    invocation.input = kPosts;
    invocation.environment["HANDLEWATCH_PASSPHRASE_FILE"] = (folder / phrase).string();
    return hw::test::run(invocation);
  };
  REQUIRE(run("phrase", {"init"}).status == 0);
  write_file(folder / "d/handlewatch.yaml", "review: {one_person: true}\n");
  REQUIRE(run("wrong", {"import", "-"}).status == 0);  // a collector asks nobody
  CHECK(lines(run("wrong", {"hits", "list"}).out).size() == 3);
  const std::vector<std::string> reveal{"hits", "list", "--reveal", "--case", "2026-17", "--purpose", "court request"};
  const auto wrong = run("wrong", reveal);
  CHECK(wrong.status == 1);
  CHECK(wrong.err.find("passphrase") != std::string::npos);
  CHECK(lines(run("phrase", reveal).out).size() == 3);
}

TEST_CASE("purge says what it would do, then does it") {
  const Board board;
  CHECK(board.run({"purge", "--dry-run"}).out.starts_with("would erase 0 unreviewed"));
  CHECK(board.run({"purge"}).out.starts_with("erased 0 unreviewed"));
}

TEST_CASE("each help shows an example") {
  const TemporaryFolder folder;
  for (const std::vector<std::string>& command : {std::vector<std::string>{"hits", "list"},
                                                  {"hits", "show"},
                                                  {"hits", "review"},
                                                  {"handles", "list"},
                                                  {"handles", "show"},
                                                  {"handles", "export"},
                                                  {"accounts", "list"},
                                                  {"accounts", "show"},
                                                  {"links"},
                                                  {"bans", "import"},
                                                  {"bans", "list"},
                                                  {"bans", "export"},
                                                  {"audit", "log"},
                                                  {"audit", "verify"},
                                                  {"keys", "list"},
                                                  {"keys", "add"},
                                                  {"keys", "init"},
                                                  {"keys", "rotate"},
                                                  {"keys", "remove"},
                                                  {"keys", "export-public"},
                                                  {"keys", "recover-test"},
                                                  {"audit", "checkpoint"},
                                                  {"purge"}}) {
    std::vector<std::string> arguments = command;
    arguments.emplace_back("--help");
    const auto help = handlewatch(folder.path(), arguments);
    CHECK(help.status == 0);
    CHECK_MESSAGE(help.out.find("Example") != std::string::npos, command.front());
  }
}
