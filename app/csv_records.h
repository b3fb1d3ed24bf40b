// The records of a CSV file of any size, one at a time in bounded memory.
//
// The form is db/csv.h's (RFC 4180, and what spreadsheets make of it). A record that is broken or longer than the limit
// costs its own first line and no more.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "common/byte_stream.h"
#include "db/csv.h"

namespace hw::app {

class CsvRecords {
 public:
  static constexpr std::size_t kLongest = std::size_t{8} << 20;

  // Borrows the stream. The separator is the one of , ; and tab that the first line has most of.
  explicit CsvRecords(ByteStream& stream, std::size_t longest = kLongest);

  // Nothing at the end of the stream.
  std::optional<db::CsvRecord> next();

 private:
  bool read_more();
  std::size_t end_of_record();
  void choose_separator();
  db::CsvRecord pass_over_line(std::string why);
  void use_up(std::size_t count);

  ByteStream& stream_;
  std::size_t longest_;
  char separator_ = ',';
  std::string ahead_;          // read, and not yet given out
  std::size_t looked_at_ = 0;  // of `ahead_`, for the record's end
  bool quoted_ = false;        // at `looked_at_`
  std::size_t line_ = 1;
};

}  // namespace hw::app
