#include "crawler/traps.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <utility>
#include <vector>

#include "common/text.h"

namespace hw::crawler {
namespace {

constexpr std::size_t kLongestAddress = 2000;
constexpr std::size_t kDeepestPath = 16;
constexpr int kMostRepeats = 3;
constexpr std::size_t kMostParameters = 16;
constexpr std::size_t kLongestQuery = 1000;
constexpr int kFirstYear = 1980;

constexpr std::array<std::string_view, 6> kYearNames{"year", "yr", "y", "cal_year", "calyear", "date"};
constexpr std::array<std::string_view, 10> kSessionNames{
    "sid", "phpsessid", "jsessionid", "sessionid", "session_id", "session", "s", "oscsid", "zenid", "cftoken"};
constexpr std::array<std::string_view, 3> kClickNames{"fbclid", "gclid", "msclkid"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::vector<std::string_view> pieces_of(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const auto end = text.find(separator);
    if (end != 0) out.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return out;
}

std::string_view name_of(std::string_view parameter) { return parameter.substr(0, parameter.find('=')); }

std::string_view value_of(std::string_view parameter) {
  const auto equals = parameter.find('=');
  return equals == std::string_view::npos ? std::string_view{} : parameter.substr(equals + 1);
}

template <std::size_t kCount>
bool named_in(const std::array<std::string_view, kCount>& names, std::string_view name) {
  return std::any_of(names.begin(), names.end(), [&](auto known) { return equals_ignoring_case(known, name); });
}

// Of a few words: without a table.
std::ptrdiff_t most_of_one(const std::vector<std::string_view>& words) {
  std::ptrdiff_t most = 0;
  for (const std::string_view word : words) most = std::max(most, std::count(words.begin(), words.end(), word));
  return most;
}

// The year that four digits at the beginning name, or 0.
int year_in(std::string_view text) {
  int year = 0;
  const auto digits = static_cast<std::size_t>(std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
  if (digits == 4) std::from_chars(text.data(), text.data() + 4, year);
  return year;
}

bool beyond(int year, int present) { return year != 0 && (year > present + 1 || year < kFirstYear); }

// "/2031/07": a year that is followed by a month.
bool calendar_path(const std::vector<std::string_view>& segments, int present) {
  for (std::size_t i = 0; i + 1 < segments.size(); ++i) {
    const std::string_view month = segments[i + 1];
    const bool dated =
        segments[i].size() == 4 && month.size() <= 2 && std::all_of(month.begin(), month.end(), is_digit);
    if (dated && beyond(year_in(segments[i]), present)) return true;
  }
  return false;
}

bool calendar_query(const std::vector<std::string_view>& parameters, int present) {
  return std::any_of(parameters.begin(), parameters.end(), [&](std::string_view parameter) {
    return named_in(kYearNames, name_of(parameter)) && beyond(year_in(value_of(parameter)), present);
  });
}

bool looks_random(std::string_view value) {
  const auto letter_or_digit = [](char c) { return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'); };
  return value.size() >= 16 && std::all_of(value.begin(), value.end(), letter_or_digit);
}

bool of_a_visitor(std::string_view parameter) {
  const std::string_view name = name_of(parameter);
  if (name.starts_with("utm_") || named_in(kClickNames, name)) return true;
  return named_in(kSessionNames, name) && looks_random(value_of(parameter));
}

void add(std::uint64_t& hash, std::string_view text) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  hash = (hash ^ 0x1F) * 0x100000001B3ULL;
}

// Numbers and names go, what programs are called stays.
std::string_view kind_of(std::string_view segment, bool first) {
  if (std::all_of(segment.begin(), segment.end(), is_digit)) return "#";
  const bool program = segment.find('.') != std::string_view::npos;
  const bool short_word = segment.size() <= 24 && std::none_of(segment.begin(), segment.end(), is_digit);
  return (first && short_word) || (program && short_word) ? segment : "*";
}

}  // namespace

std::string_view trap_in(const Url& url, int year, std::size_t own_query) {
  constexpr std::size_t kEscaped = 3;  // an API may want each byte as %20
  const std::size_t more = own_query * kEscaped;
  if (url.path.size() + url.query.size() > kLongestAddress + more) return "an address without end";
  const auto segments = pieces_of(url.path, '/');
  if (segments.size() > kDeepestPath) return "a path without end";
  if (most_of_one(segments) > kMostRepeats) return "a path that repeats itself";
  const auto parameters = pieces_of(url.query, '&');
  if (url.query.size() > kLongestQuery + more || parameters.size() > kMostParameters) return "a query that grows";
  std::vector<std::string_view> names;
  for (const std::string_view parameter : parameters) names.push_back(name_of(parameter));
  if (most_of_one(names) > kMostRepeats) return "a query that repeats itself";
  if (calendar_path(segments, year) || calendar_query(parameters, year)) return "a calendar without end";
  return {};
}

std::uint64_t shape_of(std::string_view url) {
  const auto host = url.find("://");
  const auto path = url.find('/', host == std::string_view::npos ? 0 : host + 3);
  std::string_view rest = path == std::string_view::npos ? std::string_view{} : url.substr(path);
  const auto question = rest.find('?');
  std::uint64_t hash = 0xCBF29CE484222325ULL;
  bool first = true;
  for (const std::string_view segment : pieces_of(rest.substr(0, question), '/'))
    add(hash, kind_of(segment, std::exchange(first, false)));
  if (question == std::string_view::npos) return hash;
  for (const std::string_view parameter : pieces_of(rest.substr(question + 1), '&')) add(hash, name_of(parameter));
  return hash;
}

Url without_visitor(Url url) {
  const auto session = url.path.find(";jsessionid=");
  if (session != std::string::npos) url.path.erase(session, url.path.find('/', session) - session);
  if (url.query.find('=') == std::string::npos) return url;
  const auto parameters = pieces_of(url.query, '&');
  if (std::none_of(parameters.begin(), parameters.end(), of_a_visitor)) return url;
  std::string kept;
  for (const std::string_view parameter : parameters)
    if (!of_a_visitor(parameter)) kept.append(kept.empty() ? "" : "&").append(parameter);
  url.query = std::move(kept);
  return url;
}

}  // namespace hw::crawler
