#include <doctest/doctest.h>

#include "tests/support/process.h"

using hw::test::handlewatch;
using hw::test::TemporaryFolder;

namespace {

constexpr const char* kPack =
    "id: mine\nversion: '1'\nlicence: private\ncontact: me\nrules:\n"
    "  - id: mine.moss\n    status: live\n    weight: 3\n    patterns: ['\\bmoss\\b']\n"
    "    examples: {hit: [moss], miss: [fern]}\n";

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

hw::test::Outcome explain(const TemporaryFolder& folder, std::vector<std::string> arguments, const std::string& text) {
  hw::test::write_file(folder / "text", text);
  arguments.insert(arguments.begin(), {"rules", "explain", (folder / "text").string()});
  return handlewatch(folder / "d", arguments);
}

}  // namespace

TEST_CASE("rules check says that a pack is well, or where it is not, and checks packs together") {
  const TemporaryFolder folder;
  hw::test::write_file(folder / "mine.yaml", kPack);
  const std::string mine = (folder / "mine.yaml").string();
  const auto well = handlewatch(folder / "d", {"rules", "check", mine, "press-terms", "example"});
  CHECK(well.status == 0);
  CHECK(has(well.out, "pack mine version 1, 1 rules, no mistakes"));
  CHECK(has(well.out, "pack example version 1"));

  hw::test::write_file(folder / "bad.yaml", std::string(kPack) + "    wieght: 2\n");
  const auto bad = handlewatch(folder / "d", {"rules", "check", (folder / "bad.yaml").string(), mine});
  CHECK(bad.status == 2);
  CHECK(has(bad.err, "bad.yaml:11:"));
  CHECK(has(bad.err, "weight"));
  CHECK(has(bad.out, "pack mine"));  // the other is still checked

  const auto twice = handlewatch(folder / "d", {"rules", "check", mine, mine});
  CHECK(twice.status == 2);
  CHECK(has(twice.err, "mine.moss"));
  CHECK(handlewatch(folder / "d", {"rules", "check", (folder / "none.yaml").string()}).status == 2);
}

TEST_CASE("rules test tells each wrong example") {
  const TemporaryFolder folder;
  CHECK(handlewatch(folder / "d", {"rules", "test"}).status == 0);
  hw::test::write_file(folder / "mine.yaml", std::string(kPack) +
                                                 "  - {id: mine.ivy, status: live, weight: 1, patterns: "
                                                 "[ivy], examples: {hit: [oak], miss: [ivy]}}\n");
  const auto wrong = handlewatch(folder / "d", {"rules", "test", (folder / "mine.yaml").string()});
  CHECK(wrong.status == 1);
  CHECK(has(wrong.out, "rule mine.ivy must hit: oak"));
  CHECK(has(wrong.out, "rule mine.ivy must miss: ivy"));
  CHECK(has(wrong.out, "2 of 4 examples are right"));
}

TEST_CASE("rules list and show") {
  const TemporaryFolder folder;
  const auto list = handlewatch(folder / "d", {"rules", "list", "example", "--format", "jsonl"});
  CHECK(list.status == 0);
  CHECK(has(list.out, "\"rule\":\"example.trial\",\"status\":\"shadow\""));
  const auto shown = handlewatch(folder / "d", {"rules", "show", "example"});
  CHECK(shown.status == 0);
  hw::test::write_file(folder / "copy.yaml", shown.out);
  CHECK(handlewatch(folder / "d", {"rules", "test", (folder / "copy.yaml").string()}).status == 0);
  const auto slip = handlewatch(folder / "d", {"rules", "show", "exmple"});
  CHECK(slip.status == 2);
  CHECK(has(slip.err, "did you mean \"example\""));
}

TEST_CASE("rules explain goes line by line and shows neither live links nor hostile characters") {
  const TemporaryFolder folder;
  hw::test::write_file(folder / "mine.yaml", kPack);
  const auto told = explain(folder, {"--rules", "press-terms", "--rules", (folder / "mine.yaml").string()},
                            "a note on moss\nnot a perv\nhttps://t.me/hwdemo_fern \x1b[31m\n");
  CHECK(told.status == 0);
  CHECK(has(told.out, "text:1  a note on moss\n    bytes 10-14: mine.moss +3.0 \"moss\"\n"));
  CHECK(has(told.out, "text:2  not a perv\ntext:3"));  // somebody else is meant
  CHECK(has(told.out, "telegram handle advertised"));
  CHECK(has(told.out, "hxxps://t[.]me"));
  CHECK_FALSE(has(told.out, "\x1b[31m"));
  CHECK(has(told.out, "score "));

  const auto post = explain(folder, {}, R"({"id":"1","title":"#perv","text":"kik: hwdemo_moss","tags":["map"]})");
  CHECK(post.status == 0);
  CHECK(has(post.out, "title:1"));
  CHECK(has(post.out, "tags/0:1"));
  CHECK(has(post.out, "medium, score"));
  CHECK(has(explain(folder, {}, "nothing here").out, "no handle and no rule"));
  CHECK(explain(folder, {"--rules", "/nonexistent"}, "x").status == 2);
}
