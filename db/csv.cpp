#include "db/csv.h"

#include <algorithm>
#include <array>

namespace hw::db {
namespace {

constexpr std::string_view kFormulaStarts = "=+-@\t\r\n";
// The same as wide forms, which some spreadsheets take for them: ＝ ＋ － ＠.
constexpr std::array<std::string_view, 4> kWideStarts{"\xEF\xBC\x9D", "\xEF\xBC\x8B", "\xEF\xBC\x8D", "\xEF\xBC\xA0"};
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// How many bytes of it nobody sees: a space, a byte order mark, a mark of direction, of no width or of joining.
std::size_t unseen_length(std::string_view text) {
  if (text.starts_with(' ')) return 1;
  if (text.starts_with("\xC2\xA0") || text.starts_with("\xC2\xAD") || text.starts_with("\xD8\x9C")) return 2;
  if (text.starts_with("\xEF\xBB\xBF")) return 3;
  if (text.size() < 3 || text[0] != '\xE2') return 0;
  const auto last = static_cast<unsigned char>(text[2]);
  if (text[1] == '\x80' && (last <= 0x8F || (last >= 0xA8 && last <= 0xAF))) return 3;  // U+2000-200F, 2028-202F
  return text[1] == '\x81' && last >= 0x9F && last <= 0xAF ? 3 : 0;                     // U+205F-206F
}

// A spreadsheet that drops what nobody sees would run what stands behind it.
bool starts_formula(std::string_view cell) {
  while (const std::size_t unseen = unseen_length(cell)) cell.remove_prefix(unseen);
  if (cell.empty()) return false;
  return kFormulaStarts.find(cell.front()) != std::string_view::npos ||
         std::any_of(kWideStarts.begin(), kWideStarts.end(),
                     [&](std::string_view wide) { return cell.starts_with(wide); });
}

void append_cell(std::string& line, std::string_view cell) {
  const bool guarded = starts_formula(cell);
  const bool quoted = guarded || cell.find_first_of(",\"\r\n") != std::string_view::npos || cell.starts_with(' ') ||
                      cell.ends_with(' ');
  if (quoted) line += '"';
  if (guarded) line += '\'';
  for (const char c : cell) {
    if (c == '\0')
      line += kReplacement;
    else
      line += c;
    if (c == '"') line += '"';
  }
  if (quoted) line += '"';
}

}  // namespace

std::string csv_line(std::span<const std::string> cells) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) line += ',';
    append_cell(line, cells[i]);
  }
  return line += "\r\n";
}

std::string_view without_formula_guard(std::string_view cell) {
  return cell.starts_with('\'') && starts_formula(cell.substr(1)) ? cell.substr(1) : cell;
}

CsvReader::CsvReader(std::string_view text, char separator, std::size_t longest)
    : text_(text), separator_(separator), longest_(longest) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
}

std::optional<CsvRecord> CsvReader::next() {
  while (at_ < text_.size() && (text_[at_] == '\n' || text_[at_] == '\r')) end_line();
  if (at_ >= text_.size()) return std::nullopt;
  return read_record();
}

// Steps over one LF, CRLF or lone CR.
void CsvReader::end_line() {
  if (text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n') ++at_;
  ++at_;
  ++line_;
}

CsvRecord CsvReader::broken(CsvRecord record, std::size_t start, std::string why) {
  at_ = std::min(text_.find('\n', start), text_.size());
  line_ = record.line;
  if (at_ < text_.size()) end_line();
  record.cells.clear();
  record.error = std::move(why);
  return record;
}

CsvRecord CsvReader::read_record() {
  CsvRecord record{line_, {}, {}};
  const std::size_t start = at_;
  const std::array<char, 4> ends{separator_, '\r', '\n', '"'};
  const std::size_t limit = std::min(text_.size(), start + longest_);
  for (;;) {
    std::string cell;
    const bool quoted = at_ < limit && text_[at_] == '"';
    if (quoted) {
      for (++at_; at_ < limit; ++at_) {
        if (text_[at_] == '"' && !(at_ + 1 < limit && text_[at_ + 1] == '"')) break;
        if (text_[at_] == '"') ++at_;
        if (text_[at_] == '\n') ++line_;
        cell += text_[at_];
      }
      if (at_ >= limit)
        return broken(std::move(record), start,
                      limit < text_.size() ? "the record is too long" : "a quote is never closed");
      ++at_;
    }
    const std::size_t plain = at_;
    at_ = std::min(text_.find_first_of(std::string_view(ends.data(), ends.size()), at_), limit);
    if (quoted && at_ != plain) return broken(std::move(record), start, "there is text after a closing quote");
    if (!quoted) cell = text_.substr(plain, at_ - plain);
    if (at_ == limit && limit < text_.size()) return broken(std::move(record), start, "the record is too long");
    if (at_ < limit && text_[at_] == '"')
      return broken(std::move(record), start, "there is a quote in the middle of a cell");
    record.cells.push_back(std::move(cell));
    if (at_ == text_.size()) return record;
    if (text_[at_] != separator_) {
      end_line();
      return record;
    }
    ++at_;
  }
}

}  // namespace hw::db
