#include "parsers/forum_times.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "common/text.h"
#include "parsers/date_words.h"
#include "parsers/html_text.h"
#include "parsers/select.h"

namespace hw::parsers {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

int number(std::string_view word) {
  int value = -1;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  return error == std::errc{} && end == word.data() + word.size() ? value : -1;
}

// 1 to 12, in any language that date_words.h knows; English names may be cut anywhere from their third letter.
unsigned month(std::string_view word) {
  static constexpr std::array<std::string_view, 12> kNames{"january",   "february", "march",    "april",
                                                           "may",       "june",     "july",     "august",
                                                           "september", "october",  "november", "december"};
  if (const unsigned named = month_named(word); named != 0) return named;
  for (unsigned i = 0; i < kNames.size(); ++i)
    if (word.size() > 2 && kNames[i].starts_with(word)) return i + 1;
  return 0;
}

// "4:34 pm", "16:34", "16:34:05".
std::optional<Duration> time_of_day(const std::vector<std::string>& words) {
  const auto colon = std::find(words.begin(), words.end(), ":");
  if (colon == words.begin() || colon == words.end() || colon + 1 == words.end()) return std::nullopt;
  int hour = number(*(colon - 1));
  const int minute = number(*(colon + 1));
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return std::nullopt;
  const bool seconds = words.end() - colon > 3 && *(colon + 2) == ":" && number(*(colon + 3)) < 60;
  const int second = seconds ? std::max(0, number(*(colon + 3))) : 0;
  const bool afternoon = std::find(colon, words.end(), "pm") != words.end();
  const bool morning = std::find(colon, words.end(), "am") != words.end();
  if ((afternoon || morning) && hour == 12) hour = 0;
  if (afternoon && hour < 12) hour += 12;
  return hours(hour) + minutes(minute) + std::chrono::seconds(second);
}

std::optional<std::chrono::sys_days> named_day(const std::vector<std::string>& words) {
  unsigned named_month = 0;
  bool doubtful = true;  // "mar." of "mar. 5 mai 2026" is a Tuesday
  int day = -1;
  int year = -1;
  for (auto word = words.begin(); word != words.end() && *word != ":"; ++word) {
    if (const unsigned named = month(*word); named != 0 && doubtful) {
      named_month = named;
      doubtful = may_be_weekday(*word);
    }
    const int value = number(*word);
    if (word->size() == 4 && value > 0) year = value;
    if (word->size() <= 2 && value > 0 && day < 0) day = value;
  }
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(named_month),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (year < 1990 || day < 1 || !date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

// The three numbers of "05-26-2019", "26.5.2019", "2019/5/26", as they stand.
struct NumericDay {
  int first = 0;
  int second = 0;
  int third = 0;
  char separator = 0;
};

std::optional<NumericDay> numeric_day(std::string_view text) {
  const auto digits = [&](std::size_t at) {
    return std::min(text.find_first_not_of("0123456789", at), text.size()) - at;
  };
  const auto value = [&](std::size_t at) { return number(text.substr(at, digits(at))); };
  for (std::size_t at = text.find_first_of("0123456789"); at < text.size();
       at = text.find_first_of("0123456789", at + digits(at))) {
    const std::size_t second = at + digits(at) + 1;
    if (second >= text.size() || digits(at) > 4) continue;
    const char separator = text[second - 1];
    const std::size_t third = second + digits(second) + 1;
    if ((separator != '-' && separator != '.' && separator != '/') || third >= text.size()) continue;
    if (text[third - 1] != separator || digits(second) > 2 || digits(second) == 0) continue;
    if (digits(third) == 0 || digits(third) > 4) continue;
    return NumericDay{value(at), value(second), value(third), separator};
  }
  return std::nullopt;
}

std::optional<std::chrono::sys_days> day_of(int year, int month, int day) {
  if (year < 100) year += year < 70 ? 2000 : 1900;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (year < 1990 || year > 2100 || !date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

std::optional<std::chrono::sys_days> read_day(const NumericDay& day, DayOrder order) {
  if (day.first > 31) return day_of(day.first, day.second, day.third);
  const bool day_first = day.separator == '.' || day.first > 12 || (order == DayOrder::day_first && day.second <= 12);
  return day_first ? day_of(day.third, day.second, day.first) : day_of(day.third, day.first, day.second);
}

// A day is named beside a weekday: a month, or more numbers than the time of day has.
bool names_more(const std::vector<std::string>& words) {
  const auto is_number = [](const std::string& word) { return number(word) >= 0; };
  const auto numbers = std::count_if(words.begin(), words.end(), is_number);
  const auto of_time = 1 + std::count(words.begin(), words.end(), ":");
  return numbers > of_time ||
         std::any_of(words.begin() + 1, words.end(), [](const auto& word) { return month(word) != 0; });
}

unsigned weekday(std::string_view word) {
  if (const unsigned named = weekday_named(word); named != 7) return named;
  static constexpr std::array<std::string_view, 7> kShort{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
  return static_cast<unsigned>(std::find(kShort.begin(), kShort.end(), word.substr(0, 3)) - kShort.begin());
}

// "Today, 4:34 pm", "Gestern um 16:34"; a weekday alone is the last one.
std::optional<Time> near_day(const std::vector<std::string>& words, const TimeStyle& style) {
  const auto time = time_of_day(words);
  if (words.empty() || !time) return std::nullopt;
  const Duration zone = style.zone.value_or(Duration{0});
  const auto today = std::chrono::floor<days>(style.now + zone);
  if (const auto back = days_back(words)) return Time(today - days(*back)) + *time - zone;
  const unsigned named = weekday(words.front());
  if (named == 7 || names_more(words)) return std::nullopt;
  const std::chrono::days back = std::chrono::weekday(today) - std::chrono::weekday(named);
  return Time(today - back) + *time - zone;
}

Duration unit_of(std::string_view word) {
  if (word.starts_with("second") || word.starts_with("moment")) return std::chrono::seconds(1);
  if (word.starts_with("minute")) return minutes(1);
  if (word.starts_with("hour")) return hours(1);
  if (word.starts_with("day")) return days(1);
  if (word.starts_with("week")) return days(7);
  return Duration{0};
}

// "5 minutes ago", "vor 5 Minuten"; in English also "less than a minute ago", "an hour ago", "5 mins ago".
std::optional<Time> time_ago(const std::vector<std::string>& words, Time now) {
  if (const auto ago = written_ago(words)) return now - *ago;
  if (words.size() < 3 || words.size() > 5 || words.back() != "ago") return std::nullopt;
  const Duration unit = unit_of(words[words.size() - 2]);
  const std::string& count = words[words.size() - 3];
  const int times = words.front() == "less" ? 0 : count == "a" || count == "an" ? 1 : number(count);
  if (unit == Duration{0} || times < 0 || times > 10'000) return std::nullopt;
  return now - times * unit;
}

// Offsets in use: whole and half hours, and the three that end on 45 minutes.
bool is_zone(Duration offset) {
  if (offset < hours(-12) || offset > hours(14)) return false;
  const auto rest = offset % hours(1);
  const bool odd = offset == minutes(345) || offset == minutes(525) || offset == minutes(765);
  return rest == Duration{0} || rest == minutes(30) || rest == minutes(-30) || odd;
}

std::optional<Time> epoch(std::string_view digits) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size() || value <= 0) return std::nullopt;
  constexpr std::int64_t kYear2100 = 4'102'444'800;
  if (value >= kYear2100) value /= 1000;  // milliseconds
  if (value >= kYear2100) return std::nullopt;
  return from_millis(value * 1000);
}

std::optional<Time> stated_by(Node node) {
  for (const char* name : {"data-time", "data-timestamp", "data-dateline"})
    if (const auto time = epoch(node.attribute(name))) return time;
  const std::string_view written = node.attribute("datetime");
  if (const auto time = parse_rfc3339(written)) return time;
  // "2019-06-26T10:25:09+0100": PHP's DATE_ISO8601.
  if (written.size() != 24) return std::nullopt;
  return parse_rfc3339(std::string(written.substr(0, 22)) + ":" + std::string(written.substr(22)));
}

bool names_a_day(std::string_view text) { return numeric_day(text) || named_day(date_words(text)); }

void add_text(Node node, std::string_view but_not, std::string& line) {
  if (!node.is_element()) {
    line += node.text();
  } else if (but_not.empty() || !node.has_class(but_not)) {
    const std::string_view title = node.attribute("title");
    line += names_a_day(title) ? std::string(title) : line_of(node);
  }
}

}  // namespace

std::optional<Time> written_time(std::string_view text, const TimeStyle& style) {
  const std::vector<std::string> words = date_words(text);
  if (const auto time = time_ago(words, style.now)) return time;
  const auto time = time_of_day(words);
  const auto numbers = numeric_day(text);
  const auto day = numbers ? read_day(*numbers, style.order) : named_day(words);
  if (!day || !time) return near_day(words, style);
  return Time(*day) + *time - style.zone.value_or(Duration{0});
}

std::optional<Duration> stated_zone(std::string_view text) {
  const std::size_t at = std::min(text.find("UTC"), text.find("GMT"));
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view rest = trim(text.substr(at + 3, 40));
  const Duration summer = rest.find("[ DST ]") != std::string_view::npos ? Duration(hours(1)) : Duration(0);
  const bool east = rest.starts_with('+');
  if (!east && !rest.starts_with('-')) return summer;
  const std::vector<std::string> words = date_words(trim(rest.substr(1)));
  const int whole = words.empty() ? -1 : number(words.front());
  if (whole < 0 || whole > 14) return summer;
  const int part = words.size() > 2 && words[1] == ":" ? std::max(0, number(words[2])) : 0;
  const Duration offset = hours(whole) + minutes(part);
  return summer + (east ? offset : -offset);
}

Time made_at(const Document& document) {
  const auto header = document.header("Date");
  const auto date = header ? parse_http_date(*header) : std::nullopt;
  return date.value_or(document.fetched_at);
}

std::optional<Duration> zone_by_clock(std::string_view shown, const TimeStyle& style) {
  const auto time = written_time(shown, {Duration{0}, style.order, style.now});
  if (!time) return std::nullopt;
  const Duration offset = std::chrono::round<std::chrono::duration<long, std::ratio<900>>>(*time - style.now);
  const Duration off_by = *time - style.now - offset;
  if (std::chrono::abs(off_by) > minutes(5) || !is_zone(offset)) return std::nullopt;
  return offset;
}

DayOrder order_in(const std::vector<std::string>& texts, DayOrder usual) {
  for (const std::string& text : texts) {
    const auto day = numeric_day(text);
    if (!day || day->first > 31 || day->separator == '.') continue;
    if (day->first > 12) return DayOrder::day_first;
    if (day->second > 12) return DayOrder::month_first;
  }
  return usual;
}

std::optional<Time> machine_time(Node element) {
  if (const auto time = stated_by(element)) return time;
  for (const char* name : {"datetime", "data-time", "data-timestamp", "data-dateline"})
    if (const auto time = stated_by(first(element, {.attribute = name}))) return time;
  return std::nullopt;
}

std::string time_text(Node element, std::string_view but_not) {
  if (names_a_day(element.attribute("title"))) return std::string(element.attribute("title"));
  std::string line;
  for (std::size_t i = 0; i < element.child_count(); ++i) {
    add_text(element.child(i), but_not, line);
    line += ' ';
  }
  return line;
}

}  // namespace hw::parsers
