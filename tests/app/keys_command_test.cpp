// keys, init --collector and audit checkpoint as their users call them.
#include <sstream>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include "tests/support/process.h"

using hw::test::handlewatch;
using hw::test::Invocation;
using hw::test::Outcome;
using hw::test::read_file;
using hw::test::TemporaryFolder;
using hw::test::write_file;
using nlohmann::json;

namespace {

const std::string kPost =
    R"({"id":"1","platform":"board","author":"gardener","text":"#perv #nolimits kik: hwdemo_oak33"})"
    "\n";

struct Desk {
  TemporaryFolder folder;
  std::filesystem::path data = folder / "d";

  Desk() { REQUIRE(run({"init", "--no-passphrase", "--as", "owner"}).status == 0); }

  Outcome run(std::vector<std::string> arguments, std::string input = "") const {
    return handlewatch(data, std::move(arguments), std::move(input));
  }
  void add(const char* name, const char* roles) const {
    const Outcome added = run({"keys", "add", name, "--roles", roles, "--no-passphrase", "--as", "owner"});
    REQUIRE_MESSAGE(added.status == 0, added.err);
  }
};

json row_of(const Desk& desk, const std::string& name) {
  std::istringstream lines(desk.run({"keys", "list", "--format", "jsonl"}).out);
  for (std::string line; std::getline(lines, line);)
    if (const json row = json::parse(line); row["name"] == name) return row;
  return {};
}

}  // namespace

TEST_CASE("people come, change their keys and go") {
  const Desk desk;
  REQUIRE(desk.run({"import", "-"}, kPost).status == 0);
  desk.add("alice", "reviewer,auditor");
  CHECK(row_of(desk, "alice")["roles"] == "reviewer,auditor");
  CHECK(row_of(desk, "alice")["private_key"] == "here, no passphrase");
  CHECK(row_of(desk, "host")["roles"] == "collector");
  CHECK(desk.run({"keys", "add", "alice", "--roles", "exporter", "--no-passphrase", "--as", "owner"}).status == 1);
  CHECK(desk.run({"keys", "add", "x y", "--roles", "exporter", "--no-passphrase", "--as", "owner"}).status == 2);
  CHECK(desk.run({"keys", "add", "kim", "--roles", "king", "--no-passphrase", "--as", "owner"}).status == 2);
  CHECK(desk.run({"keys", "add", "attic", "--roles", "collector", "--as", "owner"}).status == 2);
  const std::string before = read_file(desk.data / "keys/people/alice.key");
  CHECK(desk.run({"keys", "rotate", "--no-passphrase", "--as", "alice"}).status == 0);
  CHECK(read_file(desk.data / "keys/people/alice.key") != before);
  CHECK(desk.run({"hits", "review", "1", "--verdict", "rejected", "--as", "alice"}).status == 0);
  const Outcome removed = desk.run({"keys", "remove", "alice", "--as", "owner"});
  CHECK_MESSAGE(removed.status == 0, removed.err);
  CHECK_FALSE(std::filesystem::exists(desk.data / "keys/people/alice.key"));
  CHECK(row_of(desk, "alice")["state"] == "removed");
  CHECK(desk.run({"hits", "review", "1", "--verdict", "rejected", "--as", "alice"}).status == 1);
  const Outcome verified = desk.run({"audit", "verify"});
  CHECK_MESSAGE(verified.status == 0, verified.err);
}

TEST_CASE("a key made elsewhere is enrolled by its public part; a key in a safe is tried") {
  const Desk desk;
  REQUIRE(desk.run({"import", "-"}, kPost).status == 0);
  const TemporaryFolder elsewhere;
  const Outcome made = handlewatch(elsewhere / "d", {"keys", "init", "kim", "--no-passphrase"});
  REQUIRE_MESSAGE(made.status == 0, made.err);
  write_file(desk.folder / "kim.pub", made.out);
  const std::string file = (desk.folder / "kim.pub").string();
  CHECK(desk.run({"keys", "add", "tom", "--roles", "exporter", "--public", file, "--as", "owner"}).status == 2);
  const Outcome added = desk.run({"keys", "add", "kim", "--roles", "recovery", "--public", file, "--as", "owner"});
  REQUIRE_MESSAGE(added.status == 0, added.err);
  const std::string key = (elsewhere / "d/keys/people/kim.key").string();
  const Outcome tried = desk.run({"keys", "recover-test", key});
  CHECK_MESSAGE(tried.status == 0, tried.err);
  CHECK(tried.out == "the key of kim opens all 3 records of review and 0 of safeguarding\n");
  CHECK(desk.run({"keys", "recover-test", (elsewhere / "nowhere").string()}).status == 1);
  CHECK(desk.run({"hits", "review", "1", "--verdict", "rejected", "--as", "kim"}).status == 1);
}

TEST_CASE("a passphrase comes from a descriptor, too") {
  const TemporaryFolder folder;
  Invocation invocation;
  invocation.environment["HANDLEWATCH_PASSPHRASE_FD"] = "0";
  invocation.input = "a long enough passphrase\n";
  invocation.arguments = {"--data", (folder / "d").string(), "init", "--as", "alice"};
  const Outcome made = hw::test::run(invocation);
  REQUIRE_MESSAGE(made.status == 0, made.err);
  invocation.arguments = {"--data", (folder / "d").string(), "keys", "rotate"};
  const Outcome rotated = hw::test::run(invocation);
  CHECK_MESSAGE(rotated.status == 0, rotated.err);
  invocation.input = "another long passphrase\n";
  CHECK(hw::test::run(invocation).status == 1);
  invocation.input = "short\n";
  invocation.arguments = {"--data", (folder / "e").string(), "init", "--as", "alice"};
  CHECK(hw::test::run(invocation).status == 2);
}

TEST_CASE("a collector is made from a roster, writes, and reads nothing") {
  const Desk desk;
  const Outcome open = desk.run({"keys", "export-public"});
  REQUIRE_MESSAGE(open.status == 0, open.err);
  CHECK(open.out.find("token") == std::string::npos);
  write_file(desk.folder / "open", open.out);
  write_file(desk.folder / "roster", desk.run({"keys", "export-public", "--with-token-key"}).out);
  const auto collector = desk.folder / "c";
  const auto init = [&](const char* file) {
    return handlewatch(collector, {"init", "--collector", "--recipients", (desk.folder / file).string()});
  };
  CHECK(init("open").status == 2);
  CHECK(handlewatch(collector, {"init", "--collector"}).status == 2);
  const Outcome made = init("roster");
  REQUIRE_MESSAGE(made.status == 0, made.err);
  CHECK(handlewatch(collector, {"import", "-"}, kPost).status == 0);
  const Outcome listed = handlewatch(collector, {"hits", "list", "--format", "jsonl"});
  CHECK(listed.status == 0);
  CHECK(json::parse(listed.out)["band"] == "medium");
  const Outcome shown = handlewatch(collector, {"hits", "show", "1", "--case", "c", "--purpose", "p"});
  CHECK(shown.status == 1);
  CHECK(shown.out.empty());
  CHECK(handlewatch(collector, {"audit", "verify"}).status == 0);
  CHECK(handlewatch(collector, {"doctor"}).status == 0);
  write_file(desk.folder / "c.pub", handlewatch(collector, {"keys", "export-public"}).out);
  const Outcome added = desk.run(
      {"keys", "add", "attic", "--roles", "collector", "--public", (desk.folder / "c.pub").string(), "--as", "owner"});
  CHECK_MESSAGE(added.status == 0, added.err);
  CHECK(desk.run({"audit", "verify"}).status == 0);
}

TEST_CASE("a checkpoint is printed, kept and handed to a command, and the log is held against it") {
  const Desk desk;
  const Outcome note = desk.run({"audit", "checkpoint"});
  REQUIRE_MESSAGE(note.status == 0, note.err);
  write_file(desk.folder / "witness.note", note.out);
  const std::string file = (desk.folder / "witness.note").string();
  CHECK(desk.run({"audit", "checkpoint", "--verifier-key"}).out.starts_with("handlewatch/"));
  REQUIRE(desk.run({"import", "-"}, kPost).status == 0);
  CHECK(desk.run({"audit", "verify", "--checkpoint", file}).status == 0);
  CHECK(desk.run({"audit", "verify", "--checkpoint", "-"}, note.out).status == 0);
  std::string changed = note.out;
  changed[changed.find('\n') + 1] ^= 1;
  CHECK(desk.run({"audit", "verify", "--checkpoint", "-"}, changed).status == 1);
  CHECK(desk.run({"audit", "verify", "--checkpoint", "-"}, "nonsense").status == 2);
  const Outcome kept = desk.run({"audit", "checkpoint", "--stamp", "cp \"$HANDLEWATCH_CHECKPOINT\" " + file + ".2"});
  REQUIRE_MESSAGE(kept.status == 0, kept.err);
  CHECK(read_file(file + ".2") == desk.run({"audit", "checkpoint"}).out);
  CHECK(read_file(kept.out.substr(0, kept.out.size() - 1)) == read_file(file + ".2"));
  REQUIRE(desk.run({"keys", "add", "ann", "--roles", "auditor", "--no-passphrase"}).status == 0);
  CHECK(desk.run({"audit", "checkpoint", "--stamp", "exit 3"}).status == 1);
  CHECK(desk.run({"audit", "verify", "--checkpoint", file + ".2"}).status == 0);
}
