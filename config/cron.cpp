// Reading cron expressions and hours of the day.
#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "common/text.h"
#include "config/schedule.h"

namespace hw::config {
namespace {

struct FieldRules {
  std::string_view name;
  int least;
  int most;
  std::string_view names;  // of three letters each, from `least` on
};

constexpr std::array<FieldRules, 5> kFields{{{"a minute", 0, 59, ""},
                                             {"an hour", 0, 23, ""},
                                             {"a day", 1, 31, ""},
                                             {"a month", 1, 12, "janfebmaraprmayjunjulaugsepoctnovdec"},
                                             {"a weekday", 0, 7, "sunmontuewedthufrisat"}}};

// A piece of the expression, and where it begins.
struct Piece {
  std::string_view text;
  std::size_t column;
};

tl::unexpected<Error> wrong(const Piece& piece, std::string_view what) {
  return fail(ErrorCode::configuration, fmt::format("column {}: {}", piece.column, what));
}

std::vector<Piece> pieces_of(std::string_view text) {
  std::vector<Piece> out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t from = text.find_first_not_of(" \t", at);
    if (from == std::string_view::npos) break;
    at = std::min(text.find_first_of(" \t", from), text.size());
    out.push_back({text.substr(from, at - from), from + 1});
  }
  return out;
}

std::vector<Piece> parts_of(const Piece& piece, char separator) {
  std::vector<Piece> out;
  std::size_t column = piece.column;
  for (const std::string_view part : split(piece.text, separator)) {
    out.push_back({part, column});
    column += part.size() + 1;
  }
  return out;
}

std::optional<int> whole_number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool all = error == std::errc{} && end == text.data() + text.size() && text.front() != '-';
  return all ? std::optional(value) : std::nullopt;
}

Result<int> value_of(const Piece& piece, const FieldRules& rules) {
  if (piece.text.size() == 3) {
    const std::string lower = to_lower(piece.text);
    for (std::size_t at = 0; at < rules.names.size(); at += 3)
      if (rules.names.substr(at, 3) == lower) return rules.least + static_cast<int>(at / 3);
  }
  const auto number = whole_number(piece.text);
  if (number && *number >= rules.least && *number <= rules.most) return *number;
  return wrong(piece, fmt::format("{} is {} to {}{}", rules.name, rules.least, rules.most,
                                  rules.names.empty() ? "" : " or a name of three letters"));
}

struct Range {
  int from;
  int to;
};

Result<Range> range_of(const Piece& piece, const FieldRules& rules, bool stepped) {
  if (piece.text == "*") return Range{rules.least, rules.most};
  const auto ends = parts_of(piece, '-');
  if (ends.size() > 2) return wrong(ends[2], "a range has two ends, as in 1-5");
  const auto from = value_of(ends[0], rules);
  if (!from) return tl::unexpected(from.error());
  if (ends.size() == 1) return Range{*from, stepped ? rules.most : *from};
  const auto to = value_of(ends[1], rules);
  if (!to) return tl::unexpected(to.error());
  if (*to < *from) return wrong(piece, "the range ends before it begins; write it as two, joined by a comma");
  return Range{*from, *to};
}

Result<int> step_of(const Piece& piece, const FieldRules& rules) {
  const auto step = whole_number(piece.text);
  if (step && *step >= 1 && *step <= rules.most) return *step;
  return wrong(piece, fmt::format("a step here is 1 to {}", rules.most));
}

Result<std::uint64_t> values_of(const Piece& piece, const FieldRules& rules) {
  std::uint64_t bits = 0;
  for (const Piece& part : parts_of(piece, ',')) {
    const auto halves = parts_of(part, '/');
    if (halves.size() > 2) return wrong(halves[2], "one step is enough, as in */15");
    if (halves[0].text.empty()) return wrong(part, fmt::format("{} is missing", rules.name));
    const auto range = range_of(halves[0], rules, halves.size() == 2);
    if (!range) return tl::unexpected(range.error());
    const auto step = halves.size() == 2 ? step_of(halves[1], rules) : Result<int>(1);
    if (!step) return tl::unexpected(step.error());
    for (int value = range->from; value <= range->to; value += *step) bits |= std::uint64_t{1} << value;
  }
  return bits;
}

// The days that the month of the year may have at most, so that "31 2" is seen.
bool can_come(const Cron& cron) {
  if (cron.either_day) return true;
  constexpr std::array<int, 13> kMostDays{0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  for (int month = 1; month <= 12; ++month)
    for (int day = 1; day <= kMostDays[static_cast<std::size_t>(month)]; ++day)
      if ((cron.months >> month & 1U) != 0 && (cron.days >> day & 1U) != 0) return true;
  return false;
}

std::optional<int> minute_of_day(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || text.size() != colon + 3 || colon == 0 || colon > 2) return std::nullopt;
  const auto hour = whole_number(text.substr(0, colon));
  const auto minute = whole_number(text.substr(colon + 1));
  if (!hour || !minute || *minute > 59 || *hour > 24 || (*hour == 24 && *minute > 0)) return std::nullopt;
  return *hour * 60 + *minute;
}

}  // namespace

Result<Cron> parse_cron(std::string_view text) {
  const auto pieces = pieces_of(text);
  if (pieces.size() != kFields.size())
    return fail(ErrorCode::configuration,
                fmt::format("a cron expression has five fields (minute hour day month weekday), this has {}; for "
                            "example \"*/30 6-22 * * MON-FRI\"",
                            pieces.size()));
  std::array<std::uint64_t, 5> bits{};
  for (std::size_t i = 0; i < kFields.size(); ++i) {
    const auto values = values_of(pieces[i], kFields[i]);
    if (!values) return tl::unexpected(values.error());
    bits[i] = *values;
  }
  Cron cron{bits[0], bits[1], bits[2], bits[3], (bits[4] | bits[4] >> 7) & 0x7F, false};
  cron.either_day = !pieces[2].text.starts_with('*') && !pieces[4].text.starts_with('*');
  if (!can_come(cron)) return wrong(pieces[2], "no such day in these months");
  return cron;
}

Result<Hours> parse_hours(std::string_view text) {
  const auto ends = split(text, '-');
  const auto from = ends.size() == 2 ? minute_of_day(trim(ends[0])) : std::nullopt;
  const auto until = ends.size() == 2 ? minute_of_day(trim(ends[1])) : std::nullopt;
  if (!from || !until || *from == 24 * 60)
    return fail(ErrorCode::configuration, "hours are written as 22:00-06:00, from 00:00 to 24:00");
  if (*from == *until)
    return fail(ErrorCode::configuration, "the hours end when they begin; leave them out for all day");
  return Hours{*from, *until};
}

}  // namespace hw::config
