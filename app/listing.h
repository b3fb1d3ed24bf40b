// Lists as every command prints them: a table for people, JSON Lines or CSV for machines.
//
// Rows stream: a table's widths come from its first rows, so that a long list needs no memory. Cells of a table are
// escaped for the terminal; CSV cells that a spreadsheet would run as a formula are defused.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <variant>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace hw::app {

enum class Format { automatic, table, jsonl, csv };

// Adds `--format table|jsonl|csv`. Automatic: a table on a terminal, JSON Lines elsewhere.
CLI::Option* add_format_option(CLI::App& command, Format& format);

using Cell = std::variant<std::monostate, std::string, std::int64_t, double, bool, std::vector<std::string>,
                          std::vector<std::int64_t>>;

class Listing {
 public:
  // `columns` are the JSON keys and CSV headings; the table's headings are the same in capitals, '_' as a space.
  Listing(std::vector<std::string> columns, Format format, std::ostream& out);
  ~Listing();  // prints what is still held back
  Listing(const Listing&) = delete;
  Listing& operator=(const Listing&) = delete;

  void add(std::vector<Cell> row);  // as many cells as columns
  void finish();
  std::size_t rows() const { return rows_; }
  bool is_table() const { return format_ == Format::table; }

 private:
  void print_table_head();
  void print_table_row(const std::vector<std::string>& cells);
  void print_json(const std::vector<Cell>& row);
  void print_csv(const std::vector<std::string>& cells);

  std::vector<std::string> columns_;
  Format format_;
  std::ostream& out_;
  std::vector<std::vector<std::string>> held_;  // first rows of a table, until the widths are known
  std::vector<std::size_t> widths_;
  std::size_t rows_ = 0;
};

}  // namespace hw::app
