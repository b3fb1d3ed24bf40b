#include "app/listing.h"

#include <algorithm>
#include <map>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/terminal.h"
#include "common/text.h"
#include "db/csv.h"

namespace hw::app {
namespace {

constexpr std::size_t kRowsBeforeWidths = 200;
constexpr std::size_t kWidestCell = 60;

template <class List>
std::string joined(const List& list) {
  return fmt::format("{}", fmt::join(list, " "));
}

std::string as_text(const Cell& cell) {
  struct Visitor {
    std::string operator()(std::monostate) const { return {}; }
    std::string operator()(const std::string& text) const { return text; }
    std::string operator()(std::int64_t number) const { return std::to_string(number); }
    std::string operator()(double number) const { return fmt::format("{:.2f}", number); }
    std::string operator()(bool flag) const { return flag ? "yes" : "no"; }
    std::string operator()(const std::vector<std::string>& list) const { return joined(list); }
    std::string operator()(const std::vector<std::int64_t>& rows) const { return joined(rows); }
  };
  return std::visit(Visitor{}, cell);
}

nlohmann::ordered_json as_json(const Cell& cell) {
  if (std::holds_alternative<std::monostate>(cell)) return nullptr;
  return std::visit(
      [](const auto& value) -> nlohmann::ordered_json {
        if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::monostate>)
          return nullptr;
        else
          return value;
      },
      cell);
}

std::string heading(std::string column) {
  for (char& c : column) c = c == '_' ? ' ' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return column;
}

}  // namespace

CLI::Option* add_format_option(CLI::App& command, Format& format) {
  static const std::map<std::string, Format> kFormats{
      {"table", Format::table}, {"jsonl", Format::jsonl}, {"csv", Format::csv}};
  return command.add_option("--format", format, "table, jsonl or csv (a table on a terminal, else jsonl)")
      ->transform(CLI::CheckedTransformer(kFormats, CLI::ignore_case).description(""))
      ->type_name("FORMAT");
}

Listing::Listing(std::vector<std::string> columns, Format format, std::ostream& out)
    : columns_(std::move(columns)), format_(format), out_(out) {
  if (format_ == Format::automatic) format_ = is_terminal(out_) ? Format::table : Format::jsonl;
  if (format_ == Format::csv) print_csv(columns_);
}

Listing::~Listing() { finish(); }

void Listing::add(std::vector<Cell> row) {
  ++rows_;
  if (format_ == Format::jsonl) return print_json(row);
  std::vector<std::string> cells;
  for (const Cell& cell : row) cells.push_back(as_text(cell));
  if (format_ == Format::csv) return print_csv(cells);
  for (std::string& cell : cells) cell = shortened(escape_for_terminal(cell), kWidestCell);
  if (!widths_.empty()) return print_table_row(cells);
  held_.push_back(std::move(cells));
  if (held_.size() >= kRowsBeforeWidths) print_table_head();
}

void Listing::finish() {
  if (format_ == Format::table && widths_.empty() && !held_.empty()) print_table_head();
  out_.flush();
}

void Listing::print_table_head() {
  widths_.assign(columns_.size(), 0);
  std::vector<std::string> head;
  for (const std::string& column : columns_) head.push_back(heading(column));
  const auto widen = [&](const std::vector<std::string>& cells) {
    for (std::size_t i = 0; i < cells.size(); ++i) widths_[i] = std::max(widths_[i], display_width(cells[i]));
  };
  widen(head);
  for (const auto& row : held_) widen(row);
  out_ << style(out_, Style::bold);
  print_table_row(head);
  out_ << style(out_, Style::plain);
  for (const auto& row : held_) print_table_row(row);
  held_.clear();
}

void Listing::print_table_row(const std::vector<std::string>& cells) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    line += cells[i];
    if (i + 1 == cells.size()) break;
    const std::size_t width = display_width(cells[i]);
    line.append(widths_[i] > width ? widths_[i] - width : 0, ' ');
    line += "  ";
  }
  line.erase(line.find_last_not_of(' ') + 1);
  out_ << line << '\n';
}

void Listing::print_json(const std::vector<Cell>& row) {
  nlohmann::ordered_json object;
  for (std::size_t i = 0; i < columns_.size(); ++i) object[columns_[i]] = as_json(row[i]);
  out_ << object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << '\n';
}

void Listing::print_csv(const std::vector<std::string>& cells) { out_ << db::csv_line(cells); }

}  // namespace hw::app
