// CSV (RFC 4180), reading and writing. Pure: bytes in, cells out.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hw::db {

// One record with its line end (CRLF). A cell that a spreadsheet would run as a formula (it begins with = + - @, their
// wide forms, a tab or a line end, whatever blanks and invisible marks stand before) gets an apostrophe in front; NUL,
// which no spreadsheet keeps, becomes U+FFFD.
std::string csv_line(std::span<const std::string> cells);

// Takes the apostrophe away again that csv_line() put in front of a formula.
std::string_view without_formula_guard(std::string_view cell);

struct CsvRecord {
  std::size_t line = 0;  // where it begins, from 1
  std::vector<std::string> cells;
  std::string error;  // not empty: no record, and why; reading goes on with the next line
};

// Reads records with LF or CRLF line ends, quoted cells over several lines, and a byte order mark in front. Empty lines
// are passed over. One broken record never swallows the rest: after an unclosed quote reading resumes on the next line.
class CsvReader {
 public:
  static constexpr std::size_t kLongestRecord = std::size_t{64} * 1024;

  // The text is borrowed. `separator` stands between two cells.
  explicit CsvReader(std::string_view text, char separator = ',', std::size_t longest = kLongestRecord);
  std::optional<CsvRecord> next();

 private:
  CsvRecord read_record();
  CsvRecord broken(CsvRecord record, std::size_t start, std::string why);
  void end_line();

  std::string_view text_;
  char separator_;
  std::size_t longest_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
};

}  // namespace hw::db
