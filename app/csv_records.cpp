#include "app/csv_records.h"

#include <algorithm>

namespace hw::app {
namespace {

constexpr std::size_t kNone = std::string::npos;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

CsvRecords::CsvRecords(ByteStream& stream, std::size_t longest) : stream_(stream), longest_(longest) {
  while (ahead_.size() < kByteOrderMark.size() && read_more()) {
  }
  if (ahead_.starts_with(kByteOrderMark)) ahead_.erase(0, kByteOrderMark.size());
  choose_separator();
}

bool CsvRecords::read_more() {
  const std::string_view piece = stream_.peek();
  ahead_ += piece;
  stream_.skip(piece.size());
  return !piece.empty();
}

void CsvRecords::choose_separator() {
  while (ahead_.find('\n') == kNone && ahead_.size() < longest_ && read_more()) {
  }
  const auto line_end = ahead_.begin() + static_cast<std::ptrdiff_t>(std::min(ahead_.find('\n'), ahead_.size()));
  std::ptrdiff_t most = 0;
  for (const char candidate : {',', ';', '\t'}) {
    const std::ptrdiff_t found = std::count(ahead_.begin(), line_end, candidate);
    if (found > most) separator_ = candidate;
    most = std::max(most, found);
  }
}

// Just past the record's line end; kNone when it is not at hand yet. A carriage return may be half of one.
std::size_t CsvRecords::end_of_record() {
  for (; looked_at_ < ahead_.size(); ++looked_at_) {
    const char c = ahead_[looked_at_];
    if (c == '"') quoted_ = !quoted_;
    if (quoted_ || (c != '\n' && c != '\r')) continue;
    if (c == '\n') return looked_at_ + 1;
    if (looked_at_ + 1 == ahead_.size() && read_more()) continue;
    const bool both = looked_at_ + 1 < ahead_.size() && ahead_[looked_at_ + 1] == '\n';
    return looked_at_ + (both ? 2 : 1);
  }
  return kNone;
}

void CsvRecords::use_up(std::size_t count) {
  const auto end = ahead_.begin() + static_cast<std::ptrdiff_t>(count);
  line_ += static_cast<std::size_t>(std::count(ahead_.begin(), end, '\n'));
  ahead_.erase(0, count);
  looked_at_ = 0;
  quoted_ = false;
}

db::CsvRecord CsvRecords::pass_over_line(std::string why) {
  db::CsvRecord broken{line_, {}, std::move(why)};
  std::size_t end = ahead_.find('\n');
  while (end == kNone) {
    use_up(ahead_.size());
    if (!read_more()) return broken;
    end = ahead_.find('\n');
  }
  use_up(end + 1);
  return broken;
}

std::optional<db::CsvRecord> CsvRecords::next() {
  for (;;) {
    std::size_t end = end_of_record();
    if (end == kNone && ahead_.size() <= longest_ && read_more()) continue;
    if (ahead_.empty()) return std::nullopt;
    if (ahead_.size() > longest_ && (end == kNone || end > longest_))
      return pass_over_line(quoted_ ? "a quote is never closed, or the record is too long" : "the record is too long");
    if (end == kNone) end = ahead_.size();
    auto record = db::CsvReader(std::string_view(ahead_).substr(0, end), separator_, longest_).next();
    if (record && !record->error.empty()) return pass_over_line(std::move(record->error));
    const std::size_t line = line_;
    use_up(end);
    if (!record) continue;  // an empty line
    record->line += line - 1;
    return record;
  }
}

}  // namespace hw::app
