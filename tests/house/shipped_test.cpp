// What the project ships and says of itself: no lexicon of harm, no ready-made queries, nothing of the machine it was
// written on.
#include <map>
#include <set>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <re2/re2.h>

#include "common/text.h"
#include "config/rules.h"
#include "tests/house/source_tree.h"
#include "tests/support/support.h"

namespace {

using namespace hw;
using house::SourceFile;

const std::vector<std::string_view> kTexts = {".h",    ".cpp",    ".in",    ".cmake",     ".txt", ".md",
                                              ".yaml", ".json",   ".jsonl", ".html",      ".xml", ".sql",
                                              "dev",   "LICENSE", ".1",     ".clang-tidy"};

// The letters of a pattern as a reader sees them: without escapes, classes and counts.
std::set<std::string> words_of(std::string pattern) {
  RE2::GlobalReplace(&pattern, R"(\\[a-zA-Z]|\[[^\]]*\]|\(\?:|\{[0-9,]*\})", " ");
  RE2::GlobalReplace(&pattern, R"((\w)\?)", "\\1 ");
  std::set<std::string> out;
  std::string word;
  for (re2::StringPiece rest(pattern); RE2::FindAndConsume(&rest, "([a-zA-Z]+)", &word);) out.insert(to_lower(word));
  return out;
}

std::vector<config::RulePack> shipped_packs() {
  std::vector<config::RulePack> packs;
  for (const SourceFile& file : house::files_under("config/rules", {".yaml"})) {
    auto pack = config::parse_rule_pack(file.text, file.path);
    REQUIRE_OK(pack);
    packs.push_back(std::move(*pack));
  }
  return packs;
}

}  // namespace

// DESIGN §2.8: "The shipped rules hold only the words the press reports document: perv, taboo, nolimits, map/aam; these
// words alone never reach high." The other words here are everyday ones that stand beside them in a pattern.
TEST_CASE("the shipped rules speak for a lead by the four documented words alone, and reach medium at most") {
  const std::set<std::string> documented = {"perv",  "taboo",  "nolimit", "nolimits", "no",
                                            "limit", "limits", "map",     "maps",     "aam"};
  const std::set<std::string> everyday = {
      "s",       "y",         "chat",    "chats", "chatting",  "ting",     "talk",    "and",    "i",       "m",
      "me",      "am",        "we",      "re",    "are",       "just",     "such",    "here",   "friends", "group",
      "channel", "wanted",    "welcome", "with",  "bit",       "of",       "a",       "an",     "je",      "suis",
      "soy",     "sou",       "sono",    "ich",   "bin",       "ik",       "ben",     "jestem", "un",      "una",
      "um",      "ein",       "een",     "call",  "myself",    "for",      "the",     "all",    "have",    "again",
      "around",  "available", "awake",   "back",  "board",     "forum",    "has",     "house",  "in",      "is",
      "it",      "its",       "online",  "only",  "residence", "returned", "returns", "room",   "still",   "this",
      "up",      "ur",        "your",    "da",    "building"};
  const std::set<std::string> gardening = {
      "seed", "seeds", "swap", "ping", "swapping", "tomato",   "pepper",  "bean",     "squash",   "e",         "es",
      "s",    "by",    "post", "rare", "seedswap", "heirloom", "cutting", "cuttings", "seedling", "seedlings", "m"};
  std::set<std::string> used;
  for (const config::RulePack& pack : shipped_packs())
    for (const config::Rule& rule : pack.rules) {
      if (rule.effect != config::RuleEffect::sign) continue;
      CHECK_MESSAGE(pack.ceiling <= Band::medium, pack.file << " has no ceiling");
      for (const std::string& pattern : rule.patterns)
        for (const std::string& word : words_of(pattern)) {
          const bool harmless = pack.id == "example" && gardening.contains(word);
          CHECK_MESSAGE((documented.contains(word) || everyday.contains(word) || harmless),
                        pack.file << " " << rule.id << ": " << word);
          used.insert(word);
        }
    }
  for (const char* word : {"perv", "taboo", "aam", "maps"}) CHECK_MESSAGE(used.contains(word), std::string(word));
}

TEST_CASE("words_of sees through the syntax of a pattern") {
  CHECK(words_of(R"(\bperv(?:s|y)?\b)") == std::set<std::string>{"perv", "s", "y"});
  CHECK(words_of(R"(\bno[\s_-]+limits?\b)") == std::set<std::string>{"no", "limits"});
}

// DESIGN §2.2: sources are boards, tags and searches that an operator chooses; none comes with the program.
TEST_CASE("no shipped configuration names a real site or a query") {
  for (const SourceFile& file : house::files_under("config", {".yaml"})) {
    if (file.path == "config/messengers.yaml") continue;  // names the services themselves
    std::string host;
    for (re2::StringPiece rest(file.text); RE2::FindAndConsume(&rest, R"((?i)https?://([^/\s"'\\)\]]+))", &host);)
      CHECK_MESSAGE((host.ends_with(".invalid") || host.ends_with(".example") || host.ends_with(".test")),
                    file.path << ": " << host);
  }
}

TEST_CASE("nothing tracked names a machine's own paths or a package registry") {
  const std::string slash = "/";
  // Put together, so that this file does not hold them itself.
  const std::vector<std::string> paths = {slash + "work" + slash + "main", slash + "work" + slash + "shared",
                                          slash + "root" + slash, slash + "home" + slash, slash + "var/tmp" + slash};
  const std::vector<std::string> hosts = {"deb.debian" + std::string(".org"),     "pypi" + std::string(".org"),
                                          "registry.npmjs" + std::string(".org"), "proxy.golang" + std::string(".org"),
                                          "static.crates" + std::string(".io"),   "conan.io" + slash};
  std::size_t seen = 0;
  for (const SourceFile& file : house::files_under("", kTexts)) {
    if (file.path.starts_with("tests/fixtures/")) continue;
    ++seen;
    for (const std::string& path : paths)
      CHECK_MESSAGE(file.text.find(path) == std::string::npos, file.path << " has " << path);
    for (const std::string& host : hosts)
      CHECK_MESSAGE(file.text.find(host) == std::string::npos, file.path << " has " << host);
  }
  CHECK(seen > 50);
}

TEST_CASE("nothing is left for later in the code") {
  const std::vector<std::string> words = {"TO" + std::string("DO"), "FIX" + std::string("ME"),
                                          "X" + std::string("XX:")};
  for (const char* folder : {"app", "classifier", "cmake", "common", "config", "crawler", "db", "parsers", "web"})
    for (const SourceFile& file : house::files_under(folder, {".h", ".cpp", ".cmake", ".txt", ".yaml"}))
      for (const std::string& word : words)
        CHECK_MESSAGE(file.text.find(word) == std::string::npos, file.path << " has " << word);
}

// DESIGN §2.8 for the tests: phone numbers come from the ranges that are reserved for fiction.
TEST_CASE("phone numbers in demos and fixtures are fictional") {
  for (const char* folder : {"web", "tests/fixtures"})
    for (const SourceFile& file : house::files_under(folder, {".jsonl", ".html", ".json", ".xml"})) {
      std::string number;
      for (re2::StringPiece rest(file.text);
           RE2::FindAndConsume(&rest, R"((\+[1-9][0-9][0-9 ().-]{8,14}[0-9]))", &number);)
        CHECK_MESSAGE(RE2::PartialMatch(number, R"(^\+1[ -]?\(?202\)?[ -]?555[ -]?01|^\+44[ -]?20[ -]?7946[ -]?0)"),
                      file.path << ": " << number);
    }
}

TEST_CASE("packages.txt gives each package once, with known groups and a reason") {
  const std::string list = test::read_file(test::source_folder() / "packages.txt");
  std::set<std::string> seen;
  for (const std::string_view line : split(list, '\n')) {
    if (trim(line).empty() || line.starts_with("#")) continue;
    std::string package;
    std::string groups;
    std::string why;
    REQUIRE_MESSAGE(RE2::FullMatch(re2::StringPiece(line.data(), line.size()), R"((\S+)\s+(\S+)\s+(\S.*))", &package,
                                   &groups, &why),
                    std::string(line));
    CHECK_MESSAGE(seen.insert(package).second, package << " stands twice");
    for (const std::string_view group : split(groups, ','))
      CHECK_MESSAGE((group == "build" || group == "test" || group == "lint" || group == "fuzz" || group == "bench"),
                    package << ": " << groups);
  }
  CHECK(seen.size() > 20);
}
