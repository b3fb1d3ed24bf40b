// CSV: reading ends, lines only go up, and what a record holds comes back after being written.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "db/csv.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  hw::db::CsvReader reader(std::string_view(reinterpret_cast<const char*>(data), size));
  std::size_t last_line = 0;
  while (const auto record = reader.next()) {
    if (record->line <= last_line) std::abort();
    last_line = record->line;
    if (!record->error.empty()) continue;
    const std::string line = hw::db::csv_line(record->cells);
    if (line.size() > hw::db::CsvReader::kLongestRecord) continue;  // quotes may have doubled it
    hw::db::CsvReader again(line);
    const auto copy = again.next();
    // A record of one empty cell is an empty line.
    if (!copy && record->cells.size() == 1 && record->cells[0].empty()) continue;
    if (!copy || !copy->error.empty() || copy->cells.size() != record->cells.size()) std::abort();
  }
  return 0;
}
