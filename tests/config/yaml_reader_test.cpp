#include "config/yaml_reader.h"

#include <chrono>

#include <doctest/doctest.h>

#include "tests/support/support.h"

using namespace hw;
using namespace std::chrono_literals;
using config::Reader;

namespace {

// What one reading of `text` complains of; empty when nothing.
std::string mistakes(
    std::string_view text, const std::function<void(Reader&)>& read = [](Reader& root) { root.finish(); }) {
  const auto done = config::read_yaml(text, "h.yaml", read);
  if (done) return "";
  CHECK(done.error().code == ErrorCode::configuration);
  return done.error().message;
}

// Reads key "a" of `text` with one of the Reader's questions and says what that makes of it.
template <class Ask>
auto value(std::string_view text, const Ask& ask) {
  decltype(ask(std::declval<Reader&>())) out{};
  const auto done = config::read_yaml(text, "h.yaml", [&](Reader& root) { out = ask(root); });
  REQUIRE_OK(done);
  return out;
}

}  // namespace

TEST_CASE("values are read by key, absent and empty ones give the default") {
  CHECK(value("a: x y", [](Reader& r) { return r.text("a", "d"); }) == "x y");
  CHECK(value("a:", [](Reader& r) { return r.text("a", "d"); }) == "d");
  CHECK(value("b: 1", [](Reader& r) { return r.text("a", "d"); }) == "d");
  CHECK(value("", [](Reader& r) { return r.text("a", "d"); }) == "d");
  CHECK(value("a: [x, 'y']", [](Reader& r) { return r.texts("a"); }) == std::vector<std::string>{"x", "y"});
  CHECK(value("a: x", [](Reader& r) { return r.texts("a"); }) == std::vector<std::string>{"x"});
  CHECK(value("a: 7", [](Reader& r) { return r.integer("a", 1, 0, 10); }) == 7);
  CHECK(value("a: -7", [](Reader& r) { return r.integer("a", 1, -10, 10); }) == -7);
  CHECK(value("b: 7", [](Reader& r) { return r.integer("a", 1, 0, 10); }) == 1);
  CHECK(value("a: 1.5", [](Reader& r) { return r.number("a", 1, 0, 10); }) == 1.5);
  CHECK(value("a: true", [](Reader& r) { return r.flag("a", false); }));
  CHECK_FALSE(value("a: false", [](Reader& r) { return r.flag("a", true); }));
  CHECK(value("a: 30m", [](Reader& r) { return r.duration("a", 1s); }) == 30min);
  CHECK(value("a: {b: {c: 5}}", [](Reader& r) { return r.at("a").at("b").integer("c", 0, 0, 9); }) == 5);
}

TEST_CASE("a wrong value is told with file, line, column, where it belongs, and the mend") {
  const auto wrong = [](std::string_view text, auto ask) { return mistakes(text, [&](Reader& root) { ask(root); }); };
  CHECK(wrong("a: [1]", [](Reader& r) { r.text("a"); }) == "h.yaml:1:4: a: must be a text, this is a list");
  CHECK(wrong("\n\na:\n  b: x", [](Reader& r) { r.at("a").integer("b", 0, 1, 5); }) ==
        "h.yaml:4:6: a.b: must be a whole number from 1 to 5");
  for (const char* text : {"a: 1.5", "a: 0x10", "a: 99999999999999999999", "a: 6", "a: 0", "a: ''", "a: 1 2"})
    CHECK(wrong(text, [](Reader& r) { r.integer("a", 2, 1, 5); }) ==
          "h.yaml:1:4: a: must be a whole number from 1 to 5");
  for (const char* text : {"a: .nan", "a: nan", "a: inf", "a: 1e400", "a: 1,5", "a: 6", "a: x"})
    CHECK(wrong(text, [](Reader& r) { r.number("a", 2, 0, 5); }) == "h.yaml:1:4: a: must be a number from 0 to 5");
  for (const char* text : {"a: yes", "a: on", "a: 1", "a: True", "a: {}"})
    CHECK(wrong(text, [](Reader& r) { r.flag("a", true); }) == "h.yaml:1:4: a: must be true or false");
  for (const char* text : {"a: 5", "a: 5 s", "a: -5s", "a: soon", "a: []"})
    CHECK(wrong(text, [](Reader& r) { r.duration("a", 1s); }) ==
          "h.yaml:1:4: a: must be a duration such as 5s, 30m, 12h or 30d");
  CHECK(wrong("a: {b: 1}", [](Reader& r) { r.at("a").items(); }) ==
        "h.yaml:1:4: a: must be a list, this is a mapping; begin each entry with \"- \"");
  CHECK(wrong("a: [x, [y]]", [](Reader& r) { r.texts("a"); }) == "h.yaml:1:8: a[1]: must be a text, this is a list");
  CHECK(wrong("a: [x]", [](Reader& r) { r.at("a").entries(); }) == "h.yaml:1:4: a: must be a mapping, this is a list");
  CHECK(wrong("a: ' '", [](Reader& r) { r.required_text("a"); }) == "h.yaml:1:4: a: \"a\" is required");
}

TEST_CASE("a mistake about something that is not there stands at its parent, or at the beginning of the file") {
  CHECK(mistakes("x:\n  b: 1", [](Reader& root) { root.at("x").required_text("a"); }) ==
        "h.yaml:2:3: x: \"a\" is required");
  CHECK(mistakes("", [](Reader& root) { root.required_text("a"); }) == "h.yaml:1:1: \"a\" is required");
  CHECK(mistakes("b: 1", [](Reader& root) { root.at("a").wrong("is missing"); }) == "h.yaml:1:1: a: is missing");
}

TEST_CASE("a key that nobody asked for is refused with the nearest known one") {
  const auto read = [](Reader& root) {
    root.text("delay");
    root.text("every");
    root.finish();
  };
  CHECK(mistakes("dealy: 5s", read) == "h.yaml:1:1: unknown key \"dealy\", did you mean \"delay\"?");
  CHECK(mistakes("every: 1\nzzz: 1", read) == "h.yaml:2:1: unknown key \"zzz\", known here: delay, every");
  CHECK(mistakes("[a, b]", read).find("must be a mapping (key: value), this is a list") != std::string::npos);
}

TEST_CASE("a key that stands twice is refused, in mappings of ours and of names") {
  CHECK(mistakes("a: 1\nb: 2\na: 3", [](Reader& root) {
          root.text("a");
          root.text("b");
          root.finish();
        }) == "h.yaml:3:1: \"a\" stands here twice, remove one");
  CHECK(mistakes("m: {a: 1, b: 2, a: 3}", [](Reader& root) { root.at("m").entries(); }) ==
        "h.yaml:1:17: \"a\" stands here twice, remove one");
  CHECK(mistakes("m: {[a]: 1}", [](Reader& root) { root.at("m").entries(); }) ==
        "h.yaml:1:5: a key here must be a name");
}

TEST_CASE("entries come with their names, in the file's order") {
  std::vector<std::string> seen;
  REQUIRE_OK(config::read_yaml("m: {b: 1, a: 2}", "h.yaml", [&](Reader& root) {
    for (auto& [name, node] : root.at("m").entries()) seen.push_back(name + "=" + node.scalar().value_or("?"));
  }));
  CHECK(seen == std::vector<std::string>{"b=1", "a=2"});
}

TEST_CASE("all mistakes of a file are told in one run, but no flood of them") {
  const auto two = mistakes("a: x\nb: y", [](Reader& root) {
    root.integer("a", 0, 0, 9);
    root.flag("b", false);
    root.finish();
  });
  CHECK(two == "h.yaml:1:4: a: must be a whole number from 0 to 9\nh.yaml:2:4: b: must be true or false");
  std::string many;
  for (int i = 0; i < 500; ++i) many += "k" + std::to_string(i) + ": 1\n";
  const std::string told = mistakes(many);
  CHECK(std::count(told.begin(), told.end(), '\n') == 19);
}

TEST_CASE("broken YAML is told with its place") {
  CHECK(mistakes("a: [1, 2\nb: 3").find("h.yaml:2:") == 0);
  CHECK(mistakes("a: \"x").find("h.yaml:1:") == 0);
  CHECK(mistakes("a:\n\t- b").find("h.yaml:2:") == 0);
  CHECK(mistakes("a: b: c").find("h.yaml:1:5: ") == 0);
  CHECK(mistakes("a: *x").find("h.yaml:1:") == 0);
}

TEST_CASE("a second document is refused: it would be passed over in silence") {
  CHECK(mistakes("---\n{}\n---\na: 1\n") == "h.yaml:3:1: a second document begins here, keep one");
  CHECK(mistakes("---\n{}\n...\n") == "");
}

TEST_CASE("a name in the file cannot break the message's line") {
  const std::string told = mistakes("\"a\\nb\\e[31m\\u202e\": 1");
  CHECK(told == "h.yaml:1:1: unknown key \"a\\nb\\x1b[31m\\u202e\", known here: ");
}

TEST_CASE("what would cost without bound is refused before it costs") {
  CHECK(mistakes("a: &x [1]\nb: *x").find("h.yaml:2:4: an alias (*name) is not read here, write the value out") == 0);
  std::string bomb = "a0: &a0 [x]\n";
  for (int i = 1; i < 30; ++i) {
    const std::string before = std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + before + ", *a" + before + "]\n";
  }
  CHECK(mistakes(bomb).find("h.yaml:2:") == 0);
  CHECK(mistakes("a: " + std::string(65, '[') + std::string(65, ']')).find("nested too deeply") != std::string::npos);
  CHECK(mistakes("a: " + std::string(100000, '[')).find("nested too deeply") != std::string::npos);
  CHECK(mistakes("a: " + std::string(100000, '{')).find("nested too deeply") != std::string::npos);
  std::string dashes;
  for (int i = 0; i < 100000; ++i) dashes += "- ";
  CHECK(mistakes(dashes).find("nested too deeply") != std::string::npos);
  std::string questions;
  for (int i = 0; i < 100000; ++i) questions += "? ";
  CHECK(mistakes(questions).find("nested too deeply") != std::string::npos);
  CHECK(mistakes("a: " + std::string(30, '[') + std::string(30, ']')).find("nested") == std::string::npos);
}

TEST_CASE("a file that is too large, holds NUL or is not UTF-8 is refused") {
  CHECK(mistakes("a: " + std::string(5 << 20, 'x')) == "h.yaml: larger than 4 MiB, split it");
  CHECK(mistakes(std::string("a: x\0y", 6)) == "h.yaml: holds a NUL byte, remove it");
  CHECK(mistakes("a: \xFF") == "h.yaml: not UTF-8, save it as UTF-8");
  CHECK(mistakes("\xFF\xFE"
                 "a\0:\0") == "h.yaml: not UTF-8, save it as UTF-8");
}

TEST_CASE("a large file of one flat mapping is read in a moment") {
  std::string text;
  for (int i = 0; i < 20000; ++i) text += "key" + std::to_string(i) + ": {a: 1}\n";
  const auto start = std::chrono::steady_clock::now();
  std::size_t count = 0;
  REQUIRE_OK(config::read_yaml("m:\n" + text, "h.yaml", [&](Reader& root) { count = root.entries().size(); }));
  REQUIRE_OK(config::read_yaml(text, "h.yaml", [&](Reader& root) { count = root.entries().size(); }));
  CHECK(count == 20000);
  CHECK(std::chrono::steady_clock::now() - start < 20s);
}

TEST_CASE("a small file is read whole, a large or absent one is refused by name") {
  const test::TemporaryFolder folder;
  test::write_file(folder / "a.yaml", "a: 1\r\n");
  const auto read = config::read_small_file((folder / "a.yaml").string());
  REQUIRE_OK(read);
  CHECK(*read == "a: 1\r\n");
  test::write_file(folder / "big.yaml", std::string((4 << 20) + 1, 'x'));
  CHECK(config::read_small_file((folder / "big.yaml").string()).error().message ==
        (folder / "big.yaml").string() + " is larger than 4 MiB");
  const auto absent = config::read_small_file((folder / "none.yaml").string());
  CHECK(absent.error().code == ErrorCode::configuration);
  CHECK(absent.error().message == "cannot read " + (folder / "none.yaml").string() + ": No such file or directory");
  CHECK_FALSE(config::read_small_file(folder.path().string()).has_value());
}
