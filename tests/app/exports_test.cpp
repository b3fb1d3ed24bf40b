// Exports and evidence as their users call them, held against the standards' own schemas and another tool's reader.
#include <algorithm>
#include <sstream>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/support/process.h"

using hw::test::handlewatch;
using hw::test::Outcome;
using hw::test::read_file;
using hw::test::TemporaryFolder;
using hw::test::write_file;
using nlohmann::json;

namespace {

constexpr int kAbsent = 77;
constexpr const char* kHeldLine = "Safeguarding may hold more.\n";

std::string post(const std::string& id, const std::string& author, const std::string& text) {
  return json{{"id", id},
              {"platform", "board.example"},
              {"author", author},
              {"author_id", "u" + id},
              {"text", text},
              {"created_at", "2026-11-22T10:00:00Z"},
              {"url", "https://board.example/" + id}}
             .dump() +
         "\n";
}

// Handles 1 to 3; the fourth post is held.
const std::string kPosts = post("1", "<gardener>", "#perv #nolimits kik: hwdemo_oak33") +
                           post("2", "baker", "#perv #nolimits telegram: @hwdemo_elm44") +
                           post("3", "=cmd()", "#perv #nolimits kik: hwdemo_fir55") +
                           post("4", "finch", "15 yo here #perv #nolimits kik: hwdemo_young3");

struct Board {
  TemporaryFolder folder;
  std::filesystem::path data = folder / "d";

  explicit Board(const std::string& posts = kPosts) {
    REQUIRE(handlewatch(data, {"init", "--no-passphrase", "--as", "owner"}).status == 0);
    for (const auto& [name, roles] : std::vector<std::pair<const char*, const char*>>{
             {"alice", "reviewer"}, {"bob", "reviewer"}, {"carol", "reviewer"}, {"erin", "exporter"}})
      REQUIRE(handlewatch(data, {"keys", "add", name, "--roles", roles, "--no-passphrase", "--as", "owner"}).status ==
              0);
    const Outcome imported = handlewatch(data, {"import", "-"}, posts);
    REQUIRE_MESSAGE(imported.status == 0, imported.err);
  }

  Outcome run(std::vector<std::string> arguments, std::string input = "") const {
    if (std::ranges::find(arguments, "--as") == arguments.end()) arguments.insert(arguments.end(), {"--as", "owner"});
    return handlewatch(data, std::move(arguments), std::move(input));
  }

  Outcome with_grounds(std::vector<std::string> arguments, std::string input = "") const {
    for (const char* more : {"--as", "erin", "--case", "2026-17", "--purpose", "court request"})
      arguments.emplace_back(more);
    return run(std::move(arguments), std::move(input));
  }

  void review(const char* hit, const char* verdict, std::vector<const char*> who = {"alice", "bob"}) const {
    for (const char* by : who) {
      std::vector<std::string> arguments{"hits", "review", hit, "--verdict", verdict, "--as", by};
      if (std::string(verdict) == "confirmed") arguments.insert(arguments.end(), {"--sign", "profile"});
      REQUIRE(run(arguments).status == 0);
    }
  }
};

std::vector<json> lines(const std::string& text) {
  std::vector<json> out;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) out.push_back(json::parse(line));
  return out;
}

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

// What the standards' schemas say of it; nothing where they are not beside the checkout.
std::optional<Outcome> checked(const std::string& kind, const std::filesystem::path& what) {
  hw::test::Invocation invocation;
  invocation.program = "python3";
  invocation.arguments = {(hw::test::source_folder() / "tests/app/check_exports.py").string(), kind, what.string(),
                          (hw::test::source_folder() / "../shared/fixtures/standards").string()};
  Outcome outcome = hw::test::run(invocation);
  if (outcome.status != kAbsent) return outcome;
  MESSAGE("skipped: the schemas are not beside the checkout, or python3 has no jsonschema");
  return std::nullopt;
}

}  // namespace

TEST_CASE("a STIX bundle of confirmed handles passes the OASIS schemas object by object, and planted errors do not") {
  const Board board;
  board.review("1", "confirmed");
  board.review("2", "confirmed");
  board.review("3", "confirmed", {"alice"});  // one is not enough
  const std::filesystem::path file = board.folder / "x.json";
  const Outcome made = board.with_grounds({"handles", "export", "--format", "stix", "--output", file.string()});
  REQUIRE_MESSAGE(made.status == 0, made.err);
  CHECK(holds(made.err, kHeldLine));
  const json bundle = json::parse(read_file(file));
  const std::string text = bundle.dump();
  CHECK(holds(text, "hwdemo_oak33"));
  CHECK(holds(text, "hwdemo_elm44"));
  for (const char* absent : {"hwdemo_fir55", "hwdemo_young3", "finch", "indicator", "threat-actor", "\"identity"})
    CHECK_FALSE_MESSAGE(holds(text, absent), absent);
  for (const char* said : {"may not be its owner", "audit checkpoint", "2026-17", "amber+strict", "export 1"})
    CHECK_MESSAGE(holds(text, said), said);
  const auto verdict = checked("stix", file);
  if (!verdict) return;
  CHECK_MESSAGE(verdict->status == 0, verdict->out);
  const std::vector<std::pair<const char*, json>> planted{
      {"created", "yesterday"}, {"opinion", "certain"},         {"first_observed", 7},
      {"id", "opinion--1"},     {"object_refs", json::array()}, {"relationship_type", "Is Owned By"}};
  for (const auto& [key, value] : planted) {
    json broken = bundle;
    for (json& each : broken["objects"])
      if (each.contains(key) && each["type"] != "marking-definition") each[key] = value;
    write_file(board.folder / "broken.json", broken.dump());
    CHECK_MESSAGE(checked("stix", board.folder / "broken.json")->status == 1, key);
  }
}

TEST_CASE("a MISP feed passes its schema and templates, and planted errors do not") {
  const Board board;
  board.review("1", "confirmed");
  board.review("2", "confirmed");
  const std::filesystem::path folder = board.folder / "feed";
  const Outcome made = board.with_grounds({"handles", "export", "--format", "misp", "--output", folder.string()});
  REQUIRE_MESSAGE(made.status == 0, made.err);
  const json manifest = json::parse(read_file(folder / "manifest.json"));
  REQUIRE(manifest.size() == 1);
  const std::filesystem::path event_file = folder / (manifest.begin().key() + ".json");
  const json event = json::parse(read_file(event_file));
  const std::string text = event.dump();
  for (const char* said : {"hwdemo_oak33", "hwdemo_elm44", "telegram-account", "user-account", "microblog",
                           "tlp:amber+strict", "false-positive:risk", "may not be its owner", "audit checkpoint"})
    CHECK_MESSAGE(holds(text, said), said);
  CHECK_FALSE(holds(text, "hwdemo_young3"));
  CHECK_FALSE(holds(text, "\"to_ids\":true"));
  CHECK_FALSE(std::filesystem::exists(folder / "hashes.csv"));
  const Outcome again = board.with_grounds({"handles", "export", "--format", "misp", "--output", folder.string()});
  CHECK(again.status == 1);
  CHECK(std::filesystem::exists(folder / "manifest.json"));  // what was there stays
  const auto verdict = checked("misp", folder);
  if (!verdict) return;
  CHECK_MESSAGE(verdict->status == 0, verdict->out);
  const auto plant = [&](const auto& change) {
    json broken = event;
    change(broken["Event"]);
    write_file(event_file, broken.dump());
    return checked("misp", folder)->status;
  };
  CHECK(plant([](json& e) { e["Object"][0]["template_version"] = "1"; }) == 1);
  CHECK(plant([](json& e) { e["Object"][0]["Attribute"][0]["to_ids"] = true; }) == 1);
  CHECK(plant([](json& e) { e["Object"][0]["Attribute"][0]["object_relation"] = "nickname"; }) == 1);
  CHECK(plant([](json& e) { e["Object"][0]["ObjectReference"][0]["referenced_uuid"] = "none"; }) == 1);
  CHECK(plant([](json& e) { e["info"] = 7; }) == 1);
  CHECK(plant([](json&) {}) == 0);
}

TEST_CASE(
    "another library's reader gets the confirmed handles and who posted them from GraphML, and refuses a broken one") {
  const Board board(kPosts + post("5", "baker\" & <co>", "#perv #nolimits kik: hwdemo_oak33"));
  board.review("1", "confirmed");
  board.review("2", "confirmed");
  board.review("4", "confirmed");             // the third account's post of the first handle
  board.review("3", "confirmed", {"alice"});  // one is not enough
  const std::filesystem::path file = board.folder / "x.graphml";
  const Outcome made = board.with_grounds({"handles", "export", "--format", "graphml", "--output", file.string()});
  REQUIRE_MESSAGE(made.status == 0, made.err);
  const std::string text = read_file(file);
  for (const char* absent : {"hwdemo_fir55", "hwdemo_young3", "finch", "cmd"})
    CHECK_FALSE_MESSAGE(holds(text, absent), absent);
  for (const char* said : {"may not be its owner", "TLP:AMBER+STRICT", "graph_checkpoint", "2026-17"})
    CHECK_MESSAGE(holds(text, said), said);
  hw::test::Invocation reader;
  reader.program = "python3";
  reader.arguments = {"-c", R"py(
import sys, json, networkx
graph = networkx.read_graphml(sys.argv[1])
name = lambda n: graph.nodes[n]["label"]
print(json.dumps({"nodes": sorted([d["kind"], d["label"], d.get("messenger", ""), d.get("platform", "")] for n, d in graph.nodes(data=True)),
                  "edges": sorted([sorted([name(u), name(v)]), d["link"], d["adverts"], d["first_seen"]] for u, v, d in graph.edges(data=True))}))
)py",
                      file.string()};
  const Outcome read = hw::test::run(reader);
  if (read.status == 127 || holds(read.err, "ModuleNotFoundError")) {
    MESSAGE("skipped: python3 with networkx is not here");
    return;
  }
  REQUIRE_MESSAGE(read.status == 0, read.err);
  const json graph = json::parse(read.out);
  CHECK(graph["nodes"] == json::parse(R"([["account","<gardener>","","board.example"],
      ["account","baker","","board.example"],["account","baker\" & <co>","","board.example"],
      ["handle","hwdemo_elm44","telegram",""],["handle","hwdemo_oak33","kik",""]])"));
  CHECK(graph["edges"] == json::parse(R"([[["<gardener>","hwdemo_oak33"],"advertised",1,"2026-11-22"],
      [["baker","hwdemo_elm44"],"advertised",1,"2026-11-22"],
      [["baker\" & <co>","hwdemo_oak33"],"advertised",1,"2026-11-22"]])"));
  for (const auto& [from, to] : {std::pair{"</node>", ""}, {"node_label", "node_lable"}, {"<graph ", "<graf "}}) {
    std::string broken = text;
    broken.replace(broken.rfind(from), std::string_view(from).size(), to);
    write_file(file, broken);
    CHECK_MESSAGE(hw::test::run(reader).status != 0, from);
  }
}

TEST_CASE("an exported evidence file is verified by itself, and whatever is changed in it shows") {
  const Board board;
  board.review("1", "confirmed");
  board.review("2", "confirmed");
  const std::filesystem::path file = board.folder / "e.warc.gz";
  REQUIRE(board.with_grounds({"evidence", "export", "--output", file.string()}).status == 0);
  const auto verify = [](const std::filesystem::path& what) {
    return handlewatch("/nonexistent", {"evidence", "verify", "--file", what.string()});
  };
  const Outcome whole = verify(file);
  CHECK_MESSAGE(whole.status == 0, (whole.out + whole.err));
  CHECK(holds(whole.out, "2 hits, 6 records, each as it was exported"));
  const auto exports = lines(board.run({"exports", "list"}).out);
  CHECK(holds(whole.out, "sha256 " + exports.back()["sha256"].get<std::string>()));
  hw::test::Invocation unpack;
  unpack.program = "gzip";
  unpack.arguments = {"-dc", file.string()};
  const std::string warc = hw::test::run(unpack).out;
  const auto changed = [&](const std::string& text) {
    write_file(board.folder / "changed.warc", text);
    const Outcome outcome = verify(board.folder / "changed.warc");
    CHECK_FALSE(holds(outcome.out + outcome.err, "hwdemo"));
    return outcome.status;
  };
  CHECK(changed(warc) == 0);
  for (const char* part : {"hwdemo_oak33", "2026-17", "WARC-Record-ID", "\"capture\"", "\"board.example\""}) {
    std::string other = warc;
    other[other.find(part)] ^= 1;
    CHECK_MESSAGE(changed(other) == 1, part);
  }
  const auto second = warc.find("WARC/1.1", 20);
  const auto third = warc.find("WARC/1.1", second + 20);
  CHECK(changed(warc.substr(0, second) + warc.substr(third)) == 1);  // a record taken out
  CHECK(changed(warc + warc.substr(second, third - second)) == 1);   // one put in twice
  CHECK(changed(warc.substr(0, warc.rfind("WARC/1.1"))) == 1);       // no manifest
  for (std::size_t cut = 1; cut < 200; cut += 7) CHECK(changed(warc.substr(0, warc.size() - 4 - cut)) == 1);
  CHECK(changed("") == 1);
  CHECK(changed("neither packed nor a record\n") == 1);
  CHECK(verify(board.folder / "absent").status == 1);
}

TEST_CASE("evidence names the configuration that the audit log names") {
  const Board board;
  write_file(board.data / "handlewatch.yaml", "evidence: {full_capture: true}\n");
  REQUIRE(board.run({"import", "-"}, post("9", "weaver", "#perv #nolimits kik: hwdemo_ash66")).status == 0);
  board.review("4", "confirmed");
  const std::filesystem::path file = board.folder / "e.warc.gz";
  REQUIRE(board.with_grounds({"evidence", "export", "4", "--output", file.string()}).status == 0);
  hw::test::Invocation unpack;
  unpack.program = "gzip";
  unpack.arguments = {"-dc", file.string()};
  const std::string warc = hw::test::run(unpack).out;
  std::string noted;
  for (const json& entry : lines(board.run({"audit", "log"}).out))
    if (entry["action"] == "configuration") noted = entry["details"].get<std::string>().substr(7, 64);
  REQUIRE(noted.size() == 64);
  CHECK(holds(warc, "\"configuration_sha256\": \"" + noted + "\""));
}

TEST_CASE("the printable summary is one page that loads, runs and links to nothing") {
  const Board board;
  board.review("1", "confirmed");
  const Outcome made = board.with_grounds({"handles", "export", "--format", "html"});
  REQUIRE_MESSAGE(made.status == 0, made.err);
  for (const char* said : {"hwdemo_oak33", "TLP:AMBER+STRICT", "may not be its owner", "2026-17", "Audit checkpoint"})
    CHECK_MESSAGE(holds(made.out, said), said);
  for (const char* absent : {"<script", "<img", "<link", "<a ", "http://", "https://", "url("})
    CHECK_FALSE_MESSAGE(holds(made.out, absent), absent);
}

TEST_CASE("an overturned confirmation lists the exports to recall") {
  const Board board;
  board.review("1", "confirmed");
  board.review("2", "confirmed");
  REQUIRE(board.with_grounds({"handles", "export"}).status == 0);
  REQUIRE(board.with_grounds({"evidence", "export", "1", "--output", (board.folder / "e.warc.gz").string()}).status ==
          0);
  CHECK(lines(board.run({"exports", "list"}).out).size() == 2);
  const Outcome nothing = board.run({"exports", "recall"});
  CHECK(nothing.status == 0);
  CHECK(nothing.out.empty());
  board.review("1", "rejected", {"carol"});
  const Outcome recalled = board.run({"exports", "recall"});
  CHECK(recalled.status == 1);
  const auto rows = lines(recalled.out);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0]["what"] == "handles");
  CHECK(rows[1]["what"] == "evidence");
  for (const json& row : rows) CHECK(row["handle_rows"] == json::array({1}));
}

TEST_CASE("a list is looked up line by line without being repeated, and who asked is logged") {
  const Board board;
  const Outcome refused = board.run({"handles", "lookup"}, "kik hwdemo_oak33\n");
  CHECK(refused.status != 0);
  CHECK(refused.out.empty());
  const Outcome found = board.with_grounds({"handles", "lookup"},
                                           "kik HWDEMO_oak33\n\nhwdemo_elm44\nkik hwdemo_young3\nkik hwdemo_none\n");
  CHECK_MESSAGE(found.status == 0, found.err);
  const auto rows = lines(found.out);
  REQUIRE(rows.size() == 4);
  CHECK(rows[0]["handle_row"] == 1);
  CHECK(rows[1]["handle_row"] == 2);
  // Held and never seen are answered alike.
  for (const std::size_t row : {2U, 3U}) CHECK(rows[row]["known"] == false);
  json held = rows[2];
  held["line"] = rows[3]["line"];
  CHECK(held == rows[3]);
  CHECK_FALSE(holds(found.out + found.err, "hwdemo"));
  CHECK(found.err.ends_with(kHeldLine));
  const std::string log = board.run({"audit", "log"}).out;
  CHECK(holds(log, "lookup"));
  CHECK_FALSE(holds(log, "hwdemo"));
}

TEST_CASE("an exempt handle is never raised, until the exemption ends; a hold outranks it") {
  const Board board;
  const std::string tip = "kik hwdemo_tip77\nkik hwdemo_tip15\n";
  const Outcome added = board.run({"handles", "exempt", "add", "--reason", "tip line of a charity"}, tip);
  REQUIRE_MESSAGE(added.status == 0, added.err);
  const Outcome exempt = board.run({"import", "-"}, post("7", "x", "#perv #nolimits kik: hwdemo_tip77"));
  REQUIRE_MESSAGE(exempt.status == 0, exempt.err);
  CHECK(lines(board.run({"hits", "list"}).out).size() == 3);
  const auto listed = lines(board.run({"handles", "exempt", "list"}).out);
  REQUIRE(listed.size() == 2);
  CHECK(listed[0]["reason"] == "tip line of a charity");
  REQUIRE(board.run({"handles", "exempt", "remove", "1"}).status == 0);
  CHECK(board.run({"handles", "exempt", "remove", "1"}).status == 1);
  REQUIRE(board.run({"import", "-"}, post("8", "x", "#perv #nolimits kik: hwdemo_tip77")).status == 0);
  CHECK(lines(board.run({"hits", "list"}).out).size() == 4);
  const std::string log = board.run({"audit", "log"}).out;
  CHECK(holds(log, "exempt"));
  CHECK_FALSE(holds(log, "hwdemo"));
}

TEST_CASE("evidence of confirmed hits leaves as WARC that another tool reads, record by record") {
  const Board board;
  board.review("1", "confirmed");
  const std::filesystem::path file = board.folder / "e.warc.gz";
  CHECK(board.with_grounds({"evidence", "export", "3", "--output", file.string()}).status == 1);
  CHECK_FALSE(std::filesystem::exists(file));
  const Outcome made = board.with_grounds({"evidence", "export", "--output", file.string()});
  REQUIRE_MESSAGE(made.status == 0, made.err);
  const Outcome whole = board.run({"evidence", "verify"});
  CHECK_MESSAGE(whole.status == 0, whole.out);
  CHECK(holds(whole.out, "3 hits, 3 versions"));
  const char* modules = std::getenv("HANDLEWATCH_NODE_MODULES");
  if (modules == nullptr) {
    MESSAGE("skipped: HANDLEWATCH_NODE_MODULES names no folder with the package warcio");
    return;
  }
  hw::test::Invocation invocation;
  invocation.program = "node";
  invocation.arguments = {(hw::test::source_folder() / "tests/app/check_warc.mjs").string(), file.string(), modules};
  const Outcome read = hw::test::run(invocation);
  if (read.status == kAbsent) {
    MESSAGE("skipped: the package warcio is not there");
    return;
  }
  REQUIRE_MESSAGE(read.status == 0, read.err);
  const auto records = lines(read.out);
  REQUIRE(records.size() == 4);  // warcinfo, the post, its metadata, the manifest
  for (const json& record : records) {
    CHECK(record["length"] == true);
    CHECK(record["digest"] == true);
    CHECK(record["version"] == "WARC/1.1");
  }
  CHECK(records[1]["type"] == "resource");
  CHECK(records[1]["target"] == "https://board.example/1");
  CHECK(records[2]["refers"] == records[1]["id"]);
  const json about = json::parse(records[2]["body"].get<std::string>());
  CHECK(about["capture"]["via"] == "import");
  CHECK(about["verdict"]["handles"][0]["handle"] == "hwdemo_oak33");
  const json manifest = json::parse(records[3]["body"].get<std::string>());
  CHECK(manifest["marking"] == "TLP:AMBER+STRICT");
  CHECK(manifest["hits"][0]["records"][0] == records[1]["id"]);
  CHECK(holds(manifest["caution"], "may not be its owner"));
  CHECK_FALSE(holds(read.out, "hwdemo_young3"));
}
