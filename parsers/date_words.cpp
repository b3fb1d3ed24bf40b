#include "parsers/date_words.h"

#include <array>
#include <charconv>
#include <map>
#include <set>

#include <unicode/dtfmtsym.h>
#include <unicode/reldatefmt.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

namespace hw::parsers {
namespace {

using Words = std::vector<std::string>;

constexpr std::size_t kLongest = 200;  // bytes of a text that is looked at
constexpr std::array<const char*, 10> kLanguages{"en", "de", "fr", "es", "pt", "it", "nl", "pl", "ru", "tr"};
constexpr const char* kNumber = "#";

std::string utf8_of(const icu::UnicodeString& text) {
  std::string out;
  text.toUTF8String(out);
  return out;
}

Words words_of(const icu::UnicodeString& text) { return date_words(utf8_of(text)); }

enum class Sort { separator, letter, digit, colon };

Sort sort_of(UChar32 c) {
  if (c >= '0' && c <= '9') return Sort::digit;
  if (c == ':') return Sort::colon;
  const bool part = u_isalpha(c) != 0 || u_charType(c) == U_NON_SPACING_MARK;
  return part ? Sort::letter : Sort::separator;
}

int number(std::string_view word) {
  int value = -1;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  return error == std::errc{} && end == word.data() + word.size() ? value : -1;
}

// The words with the first number left open, as one text, and that number; "in 5 minutes" is no time of a post, but
// "5 minutes ago" is.
std::string pattern_of(const Words& words, int& count) {
  std::string pattern;
  count = -1;
  for (const std::string& word : words) {
    const int value = count < 0 ? number(word) : -1;
    if (value >= 0) count = value;
    pattern += (value >= 0 ? kNumber : word) + ' ';
  }
  return pattern;
}

struct Tables {
  std::map<std::string, unsigned, std::less<>> months;
  std::map<std::string, unsigned, std::less<>> weekdays;
  std::set<std::string, std::less<>> short_weekdays;
  std::vector<std::pair<Words, int>> days;    // and how many days back
  std::map<std::string, Duration> units_ago;  // by pattern
};

// What is taken already stays: English comes first.
template <class Take>
void each_name(const icu::UnicodeString* names, int count, Take take) {
  for (int i = 0; i < count; ++i)
    if (const Words words = words_of(names[i]); words.size() == 1) take(words.front(), i);
}

void add_names(const icu::Locale& language, Tables& tables) {
  using Symbols = icu::DateFormatSymbols;
  UErrorCode error = U_ZERO_ERROR;
  const Symbols symbols(language, error);
  if (U_FAILURE(error) != 0) return;
  for (const auto context : {Symbols::FORMAT, Symbols::STANDALONE})
    for (const auto width : {Symbols::WIDE, Symbols::ABBREVIATED}) {
      int count = 0;
      const icu::UnicodeString* months = symbols.getMonths(count, context, width);
      each_name(months, count,
                [&](const std::string& word, int i) { tables.months.emplace(word, static_cast<unsigned>(i) + 1); });
      const icu::UnicodeString* days = symbols.getWeekdays(count, context, width);  // from 1
      each_name(days, count, [&](const std::string& word, int i) {
        if (width == Symbols::WIDE) tables.weekdays.emplace(word, static_cast<unsigned>(i) - 1);
        if (width == Symbols::ABBREVIATED) tables.short_weekdays.insert(word);
      });
    }
}

void add_ago(const icu::RelativeDateTimeFormatter& formatter, Tables& tables) {
  static const std::array<std::pair<URelativeDateTimeUnit, Duration>, 5> kUnits{
      {{UDAT_REL_UNIT_SECOND, std::chrono::seconds(1)},
       {UDAT_REL_UNIT_MINUTE, std::chrono::minutes(1)},
       {UDAT_REL_UNIT_HOUR, std::chrono::hours(1)},
       {UDAT_REL_UNIT_DAY, std::chrono::days(1)},
       {UDAT_REL_UNIT_WEEK, std::chrono::days(7)}}};
  for (const auto& [unit, length] : kUnits)
    for (const int count : {1, 2, 5, 11, 21}) {  // of every plural that the languages have
      UErrorCode error = U_ZERO_ERROR;
      icu::UnicodeString text;
      formatter.formatNumeric(-count, unit, text, error);
      int found = 0;
      if (U_FAILURE(error) == 0) tables.units_ago.emplace(pattern_of(words_of(text), found), length);
    }
}

void add_days(const icu::RelativeDateTimeFormatter& formatter, Tables& tables) {
  for (const auto& [direction, back] : {std::pair{UDAT_DIRECTION_THIS, 0}, {UDAT_DIRECTION_LAST, 1}}) {
    UErrorCode error = U_ZERO_ERROR;
    icu::UnicodeString text;
    formatter.format(direction, UDAT_ABSOLUTE_DAY, text, error);
    if (Words words = words_of(text); U_FAILURE(error) == 0 && !words.empty())
      tables.days.emplace_back(std::move(words), back);
  }
}

Tables made() {
  Tables tables;
  for (const char* name : kLanguages) {
    const icu::Locale language(name);
    add_names(language, tables);
    UErrorCode error = U_ZERO_ERROR;
    const icu::RelativeDateTimeFormatter formatter(language, error);
    if (U_FAILURE(error) != 0) continue;
    add_ago(formatter, tables);
    add_days(formatter, tables);
  }
  tables.months.emplace("sept", 9);
  return tables;
}

const Tables& tables() {
  static const Tables kTables = made();
  return kTables;
}

}  // namespace

std::vector<std::string> date_words(std::string_view text) {
  const std::string_view piece = text.substr(0, kLongest);
  icu::UnicodeString folded =
      icu::UnicodeString::fromUTF8(icu::StringPiece(piece.data(), static_cast<std::int32_t>(piece.size())));
  folded.foldCase();
  Words words;
  Sort last = Sort::separator;
  for (std::int32_t at = 0; at < folded.length(); at = folded.moveIndex32(at, 1)) {
    const UChar32 c = folded.char32At(at);
    const Sort sort = sort_of(c);
    if (sort != Sort::separator && sort != last) words.emplace_back();
    if (sort != Sort::separator) words.back() += utf8_of(icu::UnicodeString(c));
    last = sort;
  }
  return words;
}

unsigned month_named(std::string_view word) {
  const auto found = tables().months.find(word);
  return found == tables().months.end() ? 0 : found->second;
}

bool may_be_weekday(std::string_view word) { return tables().short_weekdays.contains(word); }

unsigned weekday_named(std::string_view word) {
  const auto found = tables().weekdays.find(word);
  return found == tables().weekdays.end() ? 7 : found->second;
}

std::optional<int> days_back(const std::vector<std::string>& words) {
  for (const auto& [name, back] : tables().days)
    if (words.size() >= name.size() && std::equal(name.begin(), name.end(), words.begin())) return back;
  return std::nullopt;
}

std::optional<Duration> written_ago(const std::vector<std::string>& words) {
  constexpr int kMost = 10'000;
  int count = -1;
  const auto unit = tables().units_ago.find(pattern_of(words, count));
  if (unit == tables().units_ago.end() || count < 0 || count > kMost) return std::nullopt;
  return count * unit->second;
}

}  // namespace hw::parsers
