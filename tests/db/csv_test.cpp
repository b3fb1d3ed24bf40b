#include "db/csv.h"

#include <random>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/support/process.h"

using hw::db::csv_line;
using hw::db::CsvReader;
using Cells = std::vector<std::string>;

namespace {

std::vector<Cells> read(std::string_view text) {
  std::vector<Cells> records;
  CsvReader reader(text);
  while (auto record = reader.next())
    records.push_back(record->error.empty() ? record->cells : Cells{"error: " + record->error});
  return records;
}

}  // namespace

TEST_CASE("RFC 4180 §2: records, quotes, doubled quotes, line breaks within quotes") {
  CHECK(read("aaa,bbb,ccc\r\nzzz,yyy,xxx") == std::vector<Cells>{{"aaa", "bbb", "ccc"}, {"zzz", "yyy", "xxx"}});
  CHECK(read("\"aaa\",\"b\r\nbb\",\"ccc\"\r\n") == std::vector<Cells>{{"aaa", "b\r\nbb", "ccc"}});
  CHECK(read("\"aaa\",\"b\"\"bb\",\"\"\n") == std::vector<Cells>{{"aaa", "b\"bb", ""}});
  CHECK(read("\xEF\xBB\xBF"
             "a,b\n\n\nc,\n") == std::vector<Cells>{{"a", "b"}, {"c", ""}});
  CHECK(read("").empty());
}

TEST_CASE("a broken record costs itself alone") {
  CHECK(read("a,\"never closed\nb,c\n") == std::vector<Cells>{{"error: a quote is never closed"}, {"b", "c"}});
  CHECK(read("\"x\"y,z\nb,c\n") == std::vector<Cells>{{"error: there is text after a closing quote"}, {"b", "c"}});
  CHECK(read("a\"b,c\nd\n") == std::vector<Cells>{{"error: there is a quote in the middle of a cell"}, {"d"}});
  const std::string huge = "\"" + std::string(1 << 20, 'x') + "\",1\nb,c\n";
  CHECK(read(huge) == std::vector<Cells>{{"error: the record is too long"}, {"b", "c"}});
  CHECK(read(std::string(1 << 20, 'x') + "\nb,c\n") ==
        std::vector<Cells>{{"error: the record is too long"}, {"b", "c"}});
}

TEST_CASE("records know their line, across line breaks in cells") {
  CsvReader reader("h\n\"a\nb\"\nc\n\"open\nd\n");
  CHECK(reader.next()->line == 1);
  CHECK(reader.next()->line == 2);
  CHECK(reader.next()->line == 4);
  const auto broken = reader.next();
  CHECK(broken->line == 5);
  CHECK_FALSE(broken->error.empty());
  CHECK(reader.next()->line == 6);
}

TEST_CASE("a cell that a spreadsheet would run is text") {
  for (const std::string formula : {"=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"}) {
    const std::string line = csv_line(Cells{formula});
    CHECK(line.starts_with("\"'"));
    const auto records = read(line);
    REQUIRE(records.size() == 1);
    CHECK(hw::db::without_formula_guard(records[0][0]) == formula);
  }
  CHECK(hw::db::without_formula_guard("'quoted'") == "'quoted'");
  CHECK(csv_line(Cells{std::string("a\0b", 3)}) ==
        "a\xEF\xBF\xBD"
        "b\r\n");
}

TEST_CASE("what is written is read back, whatever it is") {
  std::mt19937 random(7);
  const std::string alphabet = "ab,\"\n\r =+-@'\t\xC3\xA9";
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    std::vector<Cells> expected;
    for (std::size_t row = 0; row < 1 + random() % 3; ++row) {
      Cells cells(1 + random() % 4);
      for (std::string& cell : cells)
        for (std::size_t i = random() % 6; i > 0; --i) cell += alphabet[random() % alphabet.size()];
      if (cells.size() == 1 && cells[0].empty()) cells[0] = "x";
      text += csv_line(cells);
      expected.push_back(cells);
    }
    auto records = read(text);
    for (Cells& cells : records)
      for (std::string& cell : cells) cell = hw::db::without_formula_guard(cell);
    // An apostrophe before a formula, as data, is the one thing that does not come back: it reads as the guard.
    for (Cells& cells : expected)
      for (std::string& cell : cells) cell = hw::db::without_formula_guard(cell);
    CHECK(records == expected);
  }
}

TEST_CASE("another reader of RFC 4180 gets the same cells, and none that a spreadsheet would run") {
  const Cells cells{"plain",
                    "=1+1",
                    "+12025550123",
                    "-1",
                    "@SUM(A1)",
                    "\t=1+1",
                    "\r=1+1",
                    "\n=1+1",
                    " =1+1",
                    "\xC2\xA0=1+1",
                    "\xEF\xBB\xBF=1+1",
                    "\xE2\x80\xAE=1+1",
                    "\xE2\x80\x8B \xE2\x81\xA6@SUM(A1)",
                    "\xEF\xBC\x9D"
                    "1+1",
                    "=HYPERLINK(\"https://board.example/\",\"see\")",
                    "say \"so\", then",
                    "\"",
                    "two\r\nlines",
                    "a lone\rreturn",
                    "a\ttab",
                    " space at both ends ",
                    "\xE2\x80\xAE"
                    "drow \xD7\xA9",
                    "'=quoted",
                    "",
                    std::string(100'000, 'x') + ",\""};
  hw::test::Invocation python;
  python.program = "python3";
  python.arguments = {"-c",
                      "import csv, io, json, sys\n"
                      "csv.field_size_limit(1 << 30)\n"
                      "text = sys.stdin.buffer.read().decode('utf-8')\n"
                      "print(json.dumps(list(csv.reader(io.StringIO(text, newline=''), strict=True))))"};
  python.input = csv_line(cells) + csv_line(Cells{std::string("nul\0byte", 8), "=last"});
  const auto read_back = hw::test::run(python);
  if (read_back.status == 127) {
    MESSAGE("skipped: python3 is not here");
    return;
  }
  REQUIRE_MESSAGE(read_back.status == 0, read_back.err);
  const auto rows = nlohmann::json::parse(read_back.out);
  REQUIRE(rows.size() == 2);
  REQUIRE(rows[0].size() == cells.size());
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const auto cell = rows[0][i].get<std::string>();
    const bool guarded = i >= 1 && i <= 14;  // the formulas of the table
    CHECK_MESSAGE(cell == (guarded ? "'" : "") + cells[i], i);
  }
  CHECK(rows[1] == nlohmann::json{"nul\xEF\xBF\xBD"
                                  "byte",
                                  "'=last"});
}
