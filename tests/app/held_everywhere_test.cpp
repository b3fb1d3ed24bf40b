// DESIGN rule 4, driven through the whole binary: every command, flag and format that it knows, enumerated from its own
// completion script, so that a new one cannot escape.
//
// Two stores: one with a held handle and account (flagged; unflagged before and after), one where they never were. What
// is held must be found in no output, and but for `referrals` both stores must answer alike: not even a count may
// differ.
#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <regex>
#include <set>
#include <sstream>
#include <thread>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/support/process.h"

using hw::test::handlewatch;
using hw::test::Invocation;
using hw::test::Outcome;
using hw::test::read_file;
using hw::test::TemporaryFolder;
using hw::test::write_file;

namespace fs = std::filesystem;

namespace {

using Words = std::vector<std::string>;

// How a command is called: what it needs at least, each a call of its own.
struct Recipe {
  std::vector<Words> calls;
  std::string input;
  bool serves = false;  // goes on until it is told to stop
  // Tells how long the audit log is, shows keys or makes ids: both stores differ in that, because every sealed record
  // is a leaf of the log. Still nothing held may show.
  bool differs = false;
};

// Rows 1 to 3 can be seen; 4 was a hit, a handle and an account before it was held.
const std::map<std::string, Recipe>& recipes() {
  static const std::string kPost =
      R"({"id":"n1","platform":"board","author":"newcomer","text":"#perv #nolimits kik: hwdemo_new66"})"
      "\n";
  static const std::map<std::string, Recipe> kRecipes{
      {"accounts list", {{{}}, {}}},
      {"accounts show", {{{"1"}, {"4"}}, {}}},
      {"audit checkpoint", {{{}}, {}, false, true}},
      {"audit log", {{{}}, {}, false, true}},
      {"audit verify", {{{}}, {}, false, true}},
      {"backup", {{{"OUT"}}, {}, false, true}},
      {"bans import",
       {{{"-"}},
        R"({"event_id":"e9","platform":"board","subject":{"type":"account","login":"x"},"action":"ban","decided_at":"2026-11-20T10:00:00Z"})"}},
      {"bans list", {{{}}, {}}},
      {"bans export", {{{}}, {}}},
      {"classify", {{{}}, kPost}},
      {"completion", {{{"bash"}, {"zsh"}, {"fish"}}, {}}},
      {"crawl", {{{}}, {}}},
      {"daemon", {{{}}, {}, true}},
      {"demo", {{{}}, {}, true}},
      {"doctor", {{{}}, {}}},
      {"evidence export",
       {{{"--case", "C-1", "--purpose", "report"}}, {}, false, true}},  // records have ids of their own
      {"evidence verify", {{{}}, {}}},
      {"exports list", {{{}}, {}}},
      {"exports recall", {{{}}, {}}},
      {"frontier dump", {{{}}, {}}},
      {"frontier restore", {{{"-"}}, "\n"}},
      {"handles exempt add", {{{"--reason", "tip line"}}, "kik hwdemo_young77\nkik hwdemo_new66\n"}},
      {"handles exempt list", {{{}}, {}}},
      {"handles exempt remove", {{{"1"}}, {}}},
      {"handles lookup",
       {{{"--case", "C-1", "--purpose", "report"}}, "kik hwdemo_oak33\nkik hwdemo_young77\nkik hwdemo_other88\n"}},
      {"fetch", {{{"http://127.0.0.1:9/"}}, {}}},
      {"handles export", {{{}}, {}}},
      {"handles list", {{{}}, {}}},
      {"handles show", {{{"1"}, {"4"}}, {}}},
      {"hits hold", {{{"1", "--reason", "case 4"}, {"4", "--reason", "case 4"}}, {}}},
      {"hits holds", {{{}}, {}}},
      {"hits list", {{{}}, {}}},
      {"hits review", {{{"1", "--verdict", "rejected"}, {"4", "--verdict", "rejected"}}, {}}},
      {"hits show", {{{"1"}, {"4"}}, {}}},
      {"hits unhold", {{{"1", "--reason", "case 4"}}, {}}},
      {"import", {{{"-"}}, kPost}},
      {"init", {{{}}, {}}},
      {"keys add", {{{"kim", "--roles", "reviewer", "--no-passphrase"}}, {}, false, true}},
      {"keys export-public", {{{}}, {}, false, true}},
      {"keys init", {{{"kim", "--no-passphrase"}}, {}, false, true}},
      {"keys list", {{{}}, {}}},
      {"keys recover-test", {{{"OUT"}}, {}}},
      {"keys remove", {{{"bob"}}, {}}},
      {"keys rotate", {{{"--no-passphrase"}}, {}, false, true}},
      {"links",
       {{{"--handle", "1", "--depth", "9"}, {"--account", "1", "--depth", "9"}, {"--handle", "4"}, {"--account", "4"}},
        {}}},
      {"links clusters", {{{"--least", "2"}}, {}}},
      {"links moves", {{{}, {"--each"}}, {}}},
      {"parse", {{{"-"}}, "<html><body>nothing</body></html>"}},
      {"purge", {{{}}, {}}},
      {"restore", {{{"OUT"}}, {}}},
      {"rules check", {{{}}, {}}},
      {"rules explain", {{{"-"}}, kPost}},
      {"rules list", {{{}}, {}}},
      {"rules show", {{{"example"}}, {}}},
      {"rules test", {{{}}, {}}},
      {"service", {{{}}, {}}},
      {"sources check", {{{"garden"}}, {}}},
      {"sources list", {{{}}, {}}},
      {"sources pause", {{{"garden"}}, {}}},
      {"sources resume", {{{"garden"}}, {}}},
      {"store export-sealed", {{{"--output", "OUT"}}, {}, false, true}},
      {"store import-sealed", {{{"-"}}, "\n"}},
  };
  return kRecipes;
}

// What follows an option; an option that stands alone has an empty value.
const std::map<std::string, Words>& option_values() {
  static const std::map<std::string, Words> kValues{
      {"--account", {"1", "4"}},
      {"--as", {"phpbb"}},
      {"--band", {"low"}},
      {"--before", {"99"}},
      {"--case", {"C-1"}},
      {"--checkpoint", {"1:00"}},
      {"--days", {"30"}},
      {"--depth", {"9"}},
      {"--dry-run", {""}},
      {"--each", {""}},
      {"--file", {"OUT"}},
      {"--format", {"table", "jsonl", "csv"}},
      {"--from", {"kik"}},
      {"--handle", {"1", "4"}},
      {"--include-held", {""}},
      {"--least", {"2"}},
      {"--limit", {"0", "1"}},
      {"--no-passphrase", {""}},
      {"--out", {"OUT"}},
      {"--output", {"OUT"}},
      {"--platform", {"board"}},
      {"--purpose", {"report"}},
      {"--reason", {"case 4"}},
      {"--reveal", {""}},
      {"--rules", {"example"}},
      {"--sign", {"profile"}},
      {"--since", {"2020-01-01"}},
      {"--source", {"x"}},
      {"--state", {"new"}},
      {"--strong-only", {""}},
      {"--url", {"https://board.example/"}},
      {"--verdict", {"seed"}},
      {"--verbose", {""}},
      {"--keep", {"OUT"}},
      {"--port", {"0"}},
  };
  return kValues;
}

// Options of every command, and those that ask for text alone.
const std::set<std::string> kEverywhere{"--help", "--version", "--data", "--config", "--log-level", "--log-format"};

// A command, and the options that it knows itself.
std::map<std::string, Words> commands() {
  const Outcome script = handlewatch("/nonexistent", {"completion", "bash"});
  REQUIRE(script.status == 0);
  std::map<std::string, Words> all;
  const std::regex line("\"([a-z -]+)\"\\) words=\"([^\"]*)\" ;;");
  for (std::sregex_iterator at(script.out.begin(), script.out.end(), line), end; at != end; ++at) {
    std::istringstream words((*at)[2].str());
    Words options;
    bool has_commands = false;
    for (std::string word; words >> word;) {
      if (word.starts_with("--"))
        options.push_back(word);
      else
        has_commands = true;
    }
    const std::string path = (*at)[1].str();
    if (!has_commands || recipes().contains(path)) all[path] = options;
  }
  REQUIRE(all.size() > 20);
  return all;
}

std::string post(const std::string& id, const std::string& author, const std::string& text) {
  return nlohmann::json{{"id", id},
                        {"platform", "board"},
                        {"author", author},
                        {"text", text},
                        {"url", "https://board.example/" + id}}
             .dump() +
         "\n";
}

// Any of these in an output is a leak.
const Words kHeld{"hwdemo_young77", "hwdemo_other88", "youngauthor", "oldfriend", "heldwords", "heldpost"};

struct TwoStores {
  TemporaryFolder folder;
  fs::path with = folder / "a" / "d";
  fs::path without = folder / "b" / "d";

  TwoStores() {
    const std::string seen = post("1", "gardener", "#perv #nolimits kik: hwdemo_oak33") +
                             post("2", "baker", "#perv #nolimits kik: hwdemo_oak33") +
                             post("3", "baker", "#perv #nolimits telegram: hwdemo_elm44");
    for (const fs::path& data : {with, without}) {
      fs::create_directories(data.parent_path());
      REQUIRE(handlewatch(data, {"init", "--no-passphrase", "--as", "owner"}).status == 0);
      for (const auto& [name, roles] :
           {std::pair{"alice", "reviewer"}, {"bob", "reviewer"}, {"dana", "safeguarding"}, {"erin", "exporter"}})
        REQUIRE(handlewatch(data, {"keys", "add", name, "--roles", roles, "--no-passphrase", "--as", "owner"}).status ==
                0);
      REQUIRE(handlewatch(data, {"import", "-"}, seen).status == 0);
    }
    import(post("heldpost1", "oldfriend", "heldwords #perv #nolimits kik: hwdemo_young77"));    // before
    import(post("heldpost2", "youngauthor", "heldwords #perv #nolimits kik: hwdemo_other88"));  // before, the account's
    import(post("heldpost3", "youngauthor", "15 yo here heldwords #perv #nolimits kik: hwdemo_young77"));
    import(post("heldpost4", "youngauthor", "heldwords #perv #nolimits kik: hwdemo_other88"));  // after
    import(post("heldpost5", "oldfriend", "heldwords #perv #nolimits kik: hwdemo_young77"));
    for (const fs::path& data : {with, without})
      for (const char* who : {"alice", "bob"})
        REQUIRE(handlewatch(data, {"hits", "review", "1", "--verdict", "confirmed", "--sign", "profile", "--as", who})
                    .status == 0);
  }

  void import(const std::string& line) const {
    const Outcome imported = handlewatch(with, {"import", "-"}, line);
    REQUIRE_MESSAGE(imported.status == 0, imported.err);
    check_silent(imported.out + imported.err, "import of what is held");
  }

  static void check_silent(const std::string& text, const std::string& of) {
    for (const std::string& leak : leaks(text, of)) FAIL_CHECK(leak);
  }
  static Words leaks(const std::string& text, const std::string& of) {
    Words found;
    for (const std::string& word : kHeld)
      if (text.find(word) != std::string::npos) found.push_back("\"" + word + "\" shows in: " + of + "\n" + text);
    return found;
  }
};

std::string joined(const std::string& path, const Words& arguments) {
  std::string text = path;
  for (const std::string& argument : arguments) text += " " + argument;
  return text;
}

Words split(const std::string& path) {
  std::istringstream stream(path);
  Words words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

// What two runs may differ in: the folder, times, salted digests, sizes.
std::string normal(std::string text, const fs::path& place) {
  for (std::size_t at = text.find(place.string()); at != std::string::npos; at = text.find(place.string()))
    text.replace(at, place.string().size(), "PLACE");
  static const std::regex kId("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
  text = std::regex_replace(text, kId, "ID");
  text = std::regex_replace(text, std::regex("[0-9a-f]{16,}"), "DIGEST");
  text = std::regex_replace(text, std::regex("\\d+:DIGEST"), "CHECKPOINT");
  text = std::regex_replace(text, std::regex("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z"), "TIME");
  text = std::regex_replace(text, std::regex("\\d+ [kM]B"), "SIZE");
  text = std::regex_replace(text, std::regex("process \\d+"), "PROCESS");
  return text;
}

// What a call printed, and what is wrong with that or with the files that it left.
struct Answer {
  std::string text;
  Words problems;
};

// Runs one call on a copy of a store.
Answer answer(const fs::path& data, const std::string& path, const Words& arguments, const Recipe& recipe,
              bool on_terminal) {
  const TemporaryFolder place;
  fs::copy(data, place / "d", fs::copy_options::recursive);
  Invocation invocation;
  invocation.environment["TERM"] = "dumb";
  // Who judges does not take out.
  const bool takes_out = std::find(arguments.begin(), arguments.end(), "--purpose") != arguments.end();
  invocation.environment["HANDLEWATCH_PERSON"] = takes_out ? "erin" : "owner";
  invocation.environment["TMPDIR"] = place.path().string();
  invocation.environment["HISTFILE"] = (place / "history").string();
  invocation.arguments = {"--data", (place / "d").string()};
  for (const std::string& word : split(path)) invocation.arguments.push_back(word);
  for (const std::string& word : arguments)
    invocation.arguments.push_back(word == "OUT" ? (place / "out").string() : word);
  invocation.input = recipe.input;
  if (on_terminal) {
    std::string command = "exec " + invocation.program;
    for (const std::string& word : invocation.arguments) command += " '" + word + "'";
    invocation.program = "script";
    invocation.arguments = {"-qec", command, "/dev/null"};
  }
  // What serves is told to stop; nothing else may hang.
  invocation.arguments.insert(invocation.arguments.begin(), {recipe.serves ? "2" : "60", invocation.program});
  invocation.program = "timeout";
  const Outcome outcome = hw::test::run(invocation);
  Answer answer{outcome.out + "\n--\n" + outcome.err + "\nstatus " + std::to_string(outcome.status) + "\n", {}};
  if (!recipe.serves && outcome.status == 124) answer.problems.push_back(joined(path, arguments) + " goes on and on");
  if (fs::is_regular_file(place / "out") && path != "backup") answer.text += read_file(place / "out");
  for (std::string& leak : TwoStores::leaks(answer.text, joined(path, arguments))) answer.problems.push_back(leak);
  for (const auto& entry : fs::recursive_directory_iterator(place.path())) {
    if (!entry.is_regular_file()) continue;
    const Words in_file = TwoStores::leaks(read_file(entry.path()), joined(path, arguments) + ", a file");
    answer.problems.insert(answer.problems.end(), in_file.begin(), in_file.end());
  }
  answer.text = normal(std::move(answer.text), place.path());
  return answer;
}

// The least that a command needs, and that with each of its options in turn.
std::vector<Words> calls_of(const std::string& path, const Words& options, const Recipe& recipe) {
  std::vector<Words> calls = recipe.calls;
  if (recipe.serves) return calls;
  for (const std::string& option : options) {
    if (kEverywhere.contains(option)) continue;
    if (option == "--as" && path != "parse" && path != "import") continue;  // who acts
    const auto known = option_values().find(option);
    if (known == option_values().end()) MESSAGE("driven by guess: " << option << " of " << path);
    Words values = known == option_values().end() ? Words{"", "1"} : known->second;
    if (path == "links" && option == "--format") values.insert(values.end(), {"graphml", "gexf", "dot"});
    if (path == "handles export" && option == "--format") values = {"csv", "jsonl", "stix", "graphml", "html", "misp"};
    for (const std::string& value : values) {
      Words call = recipe.calls.front();
      if (std::find(call.begin(), call.end(), option) != call.end()) continue;
      call.push_back(option);
      if (!value.empty()) call.push_back(value);
      if (value == "misp") call.insert(call.end(), {"--output", "OUT"});  // a folder
      calls.push_back(std::move(call));
    }
  }
  return calls;
}

// To read in clear takes grounds; both with and without them nothing held may show.
Words with_grounds(Words call, const Words& options) {
  for (const auto& [option, value] : {std::pair<const char*, const char*>{"--case", "C-1"}, {"--purpose", "report"}})
    if (std::find(options.begin(), options.end(), option) != options.end() &&
        std::find(call.begin(), call.end(), option) == call.end())
      call.insert(call.end(), {option, value});
  return call;
}

}  // namespace

namespace {

struct Job {
  std::string path;
  Words call;
  const Recipe& recipe;
  bool on_terminal;
};

std::vector<Job> jobs() {
  std::vector<Job> all;
  for (const auto& [path, options] : commands()) {
    if (path.starts_with("referrals")) continue;
    REQUIRE_MESSAGE(recipes().contains(path),
                    "say in this test how " << path << " is called, so that it is driven, too");
    const Recipe& recipe = recipes().at(path);
    for (const Words& call : calls_of(path, options, recipe)) {
      all.push_back({path, call, recipe, false});
      if (const Words more = with_grounds(call, options); more != call) all.push_back({path, more, recipe, false});
    }
    if (!recipe.input.empty()) continue;  // a terminal has no end of its input
    for (const Words& call : recipe.calls) all.push_back({path, call, recipe, true});
  }
  return all;
}

Words problems_of(const Job& job, const TwoStores& stores) {
  Answer with = answer(stores.with, job.path, job.call, job.recipe, job.on_terminal);
  if (job.recipe.serves || job.recipe.differs) return with.problems;
  const Answer without = answer(stores.without, job.path, job.call, job.recipe, job.on_terminal);
  if (with.text != without.text)
    with.problems.push_back(joined(job.path, job.call) + (job.on_terminal ? " on a terminal" : "") +
                            " tells that something is held:\n" + with.text + "\nand without it:\n" + without.text);
  return with.problems;
}

}  // namespace

TEST_CASE("what is held shows in no command, flag, format, graph, count or log outside referrals") {
  const TwoStores stores;
  const std::vector<Job> all = jobs();
  CHECK(all.size() > 100);
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  Words problems;
  {
    std::vector<std::jthread> workers(std::max(2U, std::thread::hardware_concurrency()));
    for (std::jthread& worker : workers)
      worker = std::jthread([&] {
        for (std::size_t i = next++; i < all.size(); i = next++) {
          const Words found = problems_of(all[i], stores);
          const std::lock_guard lock(mutex);
          problems.insert(problems.end(), found.begin(), found.end());
        }
      });
  }
  for (const std::string& problem : problems) FAIL_CHECK(problem);
}

TEST_CASE("referrals is the one door: on a terminal, with the safeguarding key") {
  const TwoStores stores;
  const Recipe none;
  REQUIRE(handlewatch(stores.with, with_grounds({"hits", "list", "--reveal", "--as", "erin"}, {"--case", "--purpose"}))
              .status == 0);  // a reviewer unlocks
  const std::string list = answer(stores.with, "referrals list", {}, none, true).text;
  CHECK(list.find("possible_minor") != std::string::npos);
  TwoStores::check_silent(list, "referrals list");  // names nobody
  const TemporaryFolder place;
  Invocation show;
  show.program = "script";
  show.arguments = {"-qec", hw::test::binary() + " --data " + stores.with.string() + " referrals show 1 --as dana",
                    "/dev/null"};
  show.environment["TERM"] = "dumb";
  const Outcome shown = hw::test::run(show);
  CHECK(shown.status == 0);
  CHECK(shown.out.find("hwdemo_young77") != std::string::npos);
  CHECK(shown.out.find("heldwords") != std::string::npos);
  for (const Words& call : {Words{"referrals", "list", "--as", "dana"},
                            {"referrals", "show", "1", "--as", "dana"},
                            {"referrals", "log", "--as", "dana"}}) {
    const Outcome piped = handlewatch(stores.with, call);
    CHECK(piped.status != 0);
    TwoStores::check_silent(piped.out + piped.err, joined("", call));
  }
  show.arguments[1].replace(show.arguments[1].rfind("dana"), 4, "alice");  // a reviewer
  const Outcome closed = hw::test::run(show);
  CHECK(closed.status != 0);
  TwoStores::check_silent(closed.out, "referrals show without the role");
}

TEST_CASE("release takes two people with a reason each, and then the reviewers see it") {
  const TwoStores stores;
  const auto release = [&](const char* by, const char* reason) {
    return handlewatch(stores.with, {"referrals", "release", "1", "--as", by, "--reason", reason});
  };
  CHECK(handlewatch(stores.with, {"referrals", "release", "1", "--as", "dana"}).status == 2);
  const Outcome first = release("dana", "an adult, by the company page");
  CHECK(first.out.find("until somebody else") != std::string::npos);
  CHECK(release("dana", "sure").status == 1);
  const Outcome second = release("owner", "seen on the register");
  CHECK_MESSAGE(second.out.find("among the hits again") != std::string::npos, second.out << second.err);
  const Outcome hits = handlewatch(stores.with, {"hits", "list", "--reveal", "--as", "erin", "--case", "C-1",
                                                 "--purpose", "report", "--format", "jsonl"});
  CHECK(hits.out.find("hwdemo_young77") != std::string::npos);
  CHECK(hits.out.find("hwdemo_other88") != std::string::npos);
}
