#include <algorithm>
#include <array>
#include <charconv>

#include "common/text.h"
#include "parsers/html_text.h"
#include "parsers/phpbb.h"
#include "parsers/select.h"

namespace hw::parsers::phpbb {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

// Words and numbers of a written time, in lower case; everything else separates.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  const auto kind = [](char c) { return c >= '0' && c <= '9' ? 1 : (c >= 'a' && c <= 'z') ? 2 : c == ':' ? 3 : 0; };
  int last = 0;
  for (const char c : to_lower(text.substr(0, 200))) {
    const int now = kind(c);
    if (now != 0 && now == last)
      words.back() += c;
    else if (now != 0)
      words.emplace_back(1, c);
    last = now;
  }
  return words;
}

int number(std::string_view word) {
  int value = -1;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  return error == std::errc{} && end == word.data() + word.size() ? value : -1;
}

// 1 to 12 for "may", "sept", "january"; 0 for other words.
unsigned month(std::string_view word) {
  static constexpr std::array<std::string_view, 12> kNames{"january",   "february", "march",    "april",
                                                           "may",       "june",     "july",     "august",
                                                           "september", "october",  "november", "december"};
  if (word.size() < 3) return 0;
  for (unsigned i = 0; i < kNames.size(); ++i)
    if (kNames[i].starts_with(word) || (i == 8 && word == "sept")) return i + 1;
  return 0;
}

// "4:34 pm", "16:34", "16:34:05".
std::optional<Duration> time_of_day(const std::vector<std::string>& words) {
  const auto colon = std::find(words.begin(), words.end(), ":");
  if (colon == words.begin() || colon == words.end() || colon + 1 == words.end()) return std::nullopt;
  int hour = number(*(colon - 1));
  const int minute = number(*(colon + 1));
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return std::nullopt;
  const bool afternoon = std::find(words.begin(), words.end(), "pm") != words.end();
  const bool morning = std::find(words.begin(), words.end(), "am") != words.end();
  if ((afternoon || morning) && hour == 12) hour = 0;
  if (afternoon) hour += 12;
  return hours(hour) + minutes(minute);
}

std::optional<std::chrono::sys_days> named_day(const std::vector<std::string>& words) {
  unsigned named_month = 0;
  int day = -1;
  int year = -1;
  for (auto word = words.begin(); word != words.end() && *word != ":"; ++word) {
    if (named_month == 0) named_month = month(*word);
    const int value = number(*word);
    if (word->size() == 4 && value > 0) year = value;
    if (word->size() <= 2 && value > 0 && day < 0) day = value;
  }
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(named_month),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (year < 1990 || day < 1 || !date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

std::optional<Time> relative_time(const std::vector<std::string>& words, Duration zone, Time now) {
  if (words.empty()) return std::nullopt;
  const auto today = std::chrono::floor<days>(now + zone);
  const auto time = time_of_day(words);
  if (words.front() == "today" && time) return Time(today) + *time - zone;
  if (words.front() == "yesterday" && time) return Time(today) - days(1) + *time - zone;
  if (words.back() != "ago" || words.size() < 3) return std::nullopt;
  const int count = words.front() == "less" ? 0 : number(words.front());
  const std::string& unit = words[words.size() - 2];
  if (count < 0 || count > 24 * 60 || !unit.starts_with("minute")) return std::nullopt;
  return now - minutes(count);
}

}  // namespace

std::optional<Time> written_time(std::string_view text, Duration zone, Time now) {
  const std::vector<std::string> words = words_of(text);
  if (const auto time = relative_time(words, zone, now)) return time;
  const auto day = named_day(words);
  const auto time = time_of_day(words);
  if (!day || !time) return std::nullopt;
  return Time(*day) + *time - zone;
}

// "All times are UTC", "UTC+01:00", "UTC - 5 hours [ DST ]": summer time was a switch of its own up to 3.0.
Duration zone_of(Node root) {
  const std::string footer = line_of(first(root, {.id = "page-footer"}));
  const std::size_t utc = footer.find("UTC");
  if (utc == std::string::npos) return Duration{0};
  const std::string_view rest = std::string_view(footer).substr(utc + 3, 40);
  const Duration summer = rest.find("[ DST ]") != std::string_view::npos ? Duration(hours(1)) : Duration(0);
  const std::string_view sign = trim(rest).substr(0, 1);
  if (sign != "+" && sign != "-") return summer;
  const std::vector<std::string> words = words_of(trim(rest).substr(1));
  const int whole = words.empty() ? -1 : number(words.front());
  if (whole < 0 || whole > 14) return summer;
  const int part = words.size() > 2 && words[1] == ":" ? std::max(0, number(words[2])) : 0;
  const Duration offset = hours(whole) + minutes(part);
  return summer + (sign == "-" ? -offset : offset);
}

}  // namespace hw::parsers::phpbb
