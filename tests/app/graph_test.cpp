// The graph as its users take it: walked, clustered, written for other tools and read by them.
#include <array>
#include <set>
#include <sstream>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/support/process.h"

using hw::test::handlewatch;
using hw::test::Invocation;
using hw::test::Outcome;
using hw::test::TemporaryFolder;
using hw::test::write_file;
using nlohmann::json;

namespace {

std::string post(const std::string& id, const std::string& author, const std::string& platform,
                 const std::string& text) {
  return json{{"id", id}, {"platform", platform}, {"author", author}, {"text", text}}.dump() + "\n";
}

const std::string kAdvert = "#perv #nolimits looking for friends who swap seeds at the weekend market, come and write ";

const std::string kPosts = post("1", "gardener", "board", kAdvert + "kik: hwdemo_oak33") +
                           post("2", "baker", "other", kAdvert + "kik: hwdemo_oak33 or telegram: hwdemo_elm44") +
                           post("3", "baker", "other", "#perv #nolimits telegram: hwdemo_elm44") +
                           post("4", "weaver", "board", kAdvert + "kik: hwdemo_ash55") +
                           post("5", "smith", "board", "#perv #nolimits telegram: hwdemo_ash55");

struct Board {
  TemporaryFolder folder;
  std::filesystem::path data = folder / "d";
  Board() {
    REQUIRE(handlewatch(data, {"init", "--no-passphrase", "--as", "owner"}).status == 0);
    const Outcome imported = handlewatch(data, {"import", "-"}, kPosts);
    REQUIRE_MESSAGE(imported.status == 0, imported.err);
  }
  Outcome run(std::vector<std::string> arguments) const { return handlewatch(data, std::move(arguments)); }
};

std::vector<json> lines(const std::string& text) {
  std::vector<json> out;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) out.push_back(json::parse(line));
  return out;
}

// A program of Python's that reads standard input's file; nullopt where Python or the module is not here.
std::optional<std::string> python(const std::string& program, const std::filesystem::path& file) {
  Invocation invocation;
  invocation.program = "python3";
  invocation.arguments = {"-c", program, file.string()};
  const Outcome outcome = hw::test::run(invocation);
  if (outcome.status == 127 || outcome.err.find("ModuleNotFoundError") != std::string::npos) {
    MESSAGE("skipped: python3 with networkx is not here");
    return std::nullopt;
  }
  REQUIRE_MESSAGE(outcome.status == 0, outcome.err);
  return outcome.out;
}

}  // namespace

TEST_CASE("links tells every kind of link with its evidence, and the weak ones as such") {
  const Board board;
  const Outcome walked = board.run({"links", "--handle", "1", "--depth", "6", "--format", "jsonl"});
  REQUIRE_MESSAGE(walked.status == 0, walked.err);
  std::set<std::string> kinds;
  for (const json& edge : lines(walked.out)) {
    kinds.insert(edge["link"].get<std::string>());
    CHECK_FALSE(edge["hits"].empty());
    CHECK_FALSE(edge["first_seen"].get<std::string>().empty());
  }
  CHECK(kinds == std::set<std::string>{"advertised", "together", "alike texts (weak)", "same name (weak)"});
  CHECK(walked.out.find("hwdemo") == std::string::npos);
  const Outcome strong = board.run({"links", "--handle", "1", "--depth", "6", "--strong-only"});
  CHECK(strong.out.find("weak") == std::string::npos);
  CHECK(board.run({"links"}).status == 2);
  CHECK(board.run({"links", "--handle", "1", "--account", "1"}).status == 2);
}

TEST_CASE("another tool's reader gets the same graph from GraphML") {
  const Board board;
  const auto file = board.folder / "graph.graphml";
  write_file(file, board.run({"links", "--handle", "1", "--depth", "6", "--format", "graphml"}).out);
  const auto read = python(R"py(
import sys, json, networkx
graph = networkx.read_graphml(sys.argv[1], force_multigraph=True)
print(json.dumps({"nodes": sorted([n, d["kind"], d["row"], d["adverts"], d["platforms"]] for n, d in graph.nodes(data=True)),
                  "edges": sorted([*sorted([u, v]), d["link"], d["weak"], d["hits"]] for u, v, d in graph.edges(data=True))}))
)py",
                           file);
  if (!read) return;
  const json graph = json::parse(*read);
  std::set<std::string> theirs;
  for (const json& edge : graph["edges"]) theirs.insert(edge[2].get<std::string>() + " " + edge[4].get<std::string>());
  std::set<std::string> ours;
  const auto walked = lines(board.run({"links", "--handle", "1", "--depth", "6", "--format", "jsonl"}).out);
  for (const json& edge : walked) {
    std::string kind = edge["link"];
    if (kind.ends_with(" (weak)")) kind.resize(kind.size() - 7);
    std::string hits;
    for (const json& hit : edge["hits"]) hits += (hits.empty() ? "" : " ") + hit.dump();
    ours.insert(kind + " " + hits);
  }
  CHECK(theirs == ours);
  CHECK(graph["edges"].size() == walked.size());
  CHECK(graph["nodes"].size() == 8);
  // And a reader that would take anything proves nothing.
  write_file(file, hw::test::read_file(file) + "<node/>");
  Invocation broken;
  broken.program = "python3";
  broken.arguments = {"-c", "import sys, networkx; networkx.read_graphml(sys.argv[1])", file.string()};
  CHECK(hw::test::run(broken).status != 0);
}

TEST_CASE("GEXF is well-formed and whole, DOT is drawn by Graphviz") {
  const Board board;
  const auto file = board.folder / "graph.gexf";
  write_file(file, board.run({"links", "--handle", "1", "--depth", "6", "--format", "gexf"}).out);
  const auto read = python(R"py(
import sys, xml.etree.ElementTree as tree
n = "{http://gexf.net/1.3}"
graph = tree.parse(sys.argv[1]).getroot().find(n + "graph")
ids = {node.get("id") for node in graph.iter(n + "node")}
edges = list(graph.iter(n + "edge"))
declared = {a.get("id") for a in graph.iter(n + "attribute")}
assert all(e.get("source") in ids and e.get("target") in ids for e in edges)
assert all(v.get("for") in declared for v in graph.iter(n + "attvalue"))
print(len(ids), len(edges))
)py",
                           file);
  const std::size_t edges =
      lines(board.run({"links", "--handle", "1", "--depth", "6", "--format", "jsonl"}).out).size();
  if (read) CHECK(*read == "8 " + std::to_string(edges) + "\n");
  Invocation dot;
  dot.program = "dot";
  dot.arguments = {"-Tplain"};
  dot.input = board.run({"links", "--handle", "1", "--depth", "6", "--format", "dot"}).out;
  CHECK(dot.input.starts_with("graph links {"));
  const Outcome drawn = hw::test::run(dot);
  if (drawn.status == 127) {
    MESSAGE("skipped: Graphviz is not here");
    return;
  }
  CHECK_MESSAGE(drawn.status == 0, drawn.err);
  CHECK(drawn.out.find("node h1 ") != std::string::npos);
}

TEST_CASE("clusters need no key, moves take the reader's") {
  const Board board;
  const auto clusters = lines(board.run({"links", "clusters", "--least", "2", "--format", "jsonl"}).out);
  REQUIRE(clusters.size() == 3);
  CHECK(clusters[0]["handle_rows"] == json::array({1, 2}));
  CHECK(clusters[0]["account_rows"] == json::array({1, 2}));
  CHECK(clusters[0]["adverts"] == 4);
  CHECK(clusters[0]["platforms"] == json::array({"board", "other"}));
  const Outcome moves = board.run({"links", "moves", "--account", "2", "--format", "jsonl"});
  REQUIRE_MESSAGE(moves.status == 0, moves.err);
  REQUIRE(lines(moves.out).size() == 1);
  CHECK(lines(moves.out)[0]["kind"] == "alongside");
  CHECK(moves.out.find("hwdemo") == std::string::npos);
  CHECK(board.run({"audit", "log"}).out.find("moves") != std::string::npos);
  REQUIRE(board.run({"keys", "add", "ada", "--roles", "auditor", "--no-passphrase", "--as", "owner"}).status == 0);
  CHECK(board.run({"links", "moves", "--as", "ada"}).status == 1);
  CHECK(board.run({"links", "clusters", "--as", "ada"}).status == 0);
}
