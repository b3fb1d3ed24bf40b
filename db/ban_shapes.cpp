#include "db/ban_shapes.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/json.h"
#include "common/text.h"
#include "db/csv.h"

namespace hw::db {
namespace {

using nlohmann::json;
using Row = std::map<std::string, std::string, std::less<>>;

constexpr std::size_t kLongestName = 256;
constexpr std::int64_t kLastSecond = 253'402'300'799;  // of the year 9999

tl::unexpected<Error> passed_over() { return fail(ErrorCode::refused, "concerns no account, or no decision of these"); }
tl::unexpected<Error> refuse(std::string_view why) { return fail(ErrorCode::malformed, std::string(why)); }

std::string_view cell(const Row& row, std::string_view column) {
  const auto found = row.find(column);
  return found == row.end() ? std::string_view{} : std::string_view(found->second);
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// RFC 3339, a day, "2026-11-20 10:00:00 UTC", or seconds since 1970.
std::optional<Time> moment(std::string_view text) {
  std::string words(trim(text));
  if (const auto seconds = number(words))
    return *seconds > 0 && *seconds <= kLastSecond ? std::optional(from_millis(*seconds * 1000)) : std::nullopt;
  if (words.ends_with(" UTC")) words.resize(words.size() - 4);
  if (words.size() == 10) words += "T00:00:00Z";
  if (words.size() == 19) words += "Z";
  return parse_rfc3339(words);
}

// The name as the platform shows it. `event` is made of what was read and checked, never of a cell as it stood.
Result<Ban> ban_of(std::string_view login, std::string_view id, BanAction action, std::string event) {
  for (const std::string_view name : {login, id})
    if (name.size() > kLongestName || !valid_utf8(name) || escape_for_terminal(name) != name || name.starts_with('='))
      return refuse("names an account in characters that no name has");
  if (login.empty() && id.empty()) return passed_over();
  Ban ban;
  ban.login = login;
  ban.id = id;
  ban.action = action;
  ban.event_id = std::move(event);
  return ban;
}

Result<Ban> read_discourse(const Row& row, Time) {
  static const std::map<std::string_view, BanAction> kActions{
      {"suspend_user", BanAction::suspend}, {"silence_user", BanAction::limit},   {"delete_user", BanAction::ban},
      {"unsuspend_user", BanAction::unban}, {"unsilence_user", BanAction::unban},
  };
  const auto action = kActions.find(cell(row, "action"));
  if (action == kActions.end()) return passed_over();
  const auto decided = moment(cell(row, "created_at"));
  if (!decided) return refuse("\"created_at\" is no time");
  const std::string_view subject = cell(row, "subject");
  auto ban = ban_of(subject, "", action->second,
                    fmt::format("discourse {} {} {}", to_rfc3339(*decided), action->first, to_lower(subject)));
  if (!ban) return ban;
  ban->decided_at = *decided;
  ban->human = cell(row, "staff_user") != "system";
  return ban;
}

Result<Ban> read_reddit(const Row& row, Time now) {
  std::string_view name = cell(row, "name");
  for (const std::string_view prefix : {"/u/", "u/"})
    if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  const auto decided = moment(cell(row, "date"));
  if (!decided) return refuse("\"date\" is no time");
  auto ban = ban_of(name, "", BanAction::ban, fmt::format("reddit {} {}", to_rfc3339(*decided), to_lower(name)));
  if (!ban) return ban;
  ban->decided_at = *decided;
  if (const auto days = number(cell(row, "days_left")))
    ban->expires_at =
        std::chrono::floor<std::chrono::days>(now) + std::chrono::days(std::clamp<std::int64_t>(*days, 0, 36'500));
  return ban;
}

Result<Ban> read_phpbb(const Row& row, Time) {
  const std::string_view id = cell(row, "ban_userid");
  if (id.empty() || id == "0" || cell(row, "ban_exclude") == "1") return passed_over();
  const auto decided = moment(cell(row, "ban_start"));
  if (!decided) return refuse("\"ban_start\" is no time");
  const std::string_view end = cell(row, "ban_end");
  const bool for_good = end.empty() || end == "0";
  const auto expires = for_good ? std::nullopt : moment(end);
  if (!for_good && !expires) return refuse("\"ban_end\" is no time");
  auto ban = ban_of(cell(row, "username"), id, BanAction::ban, fmt::format("phpbb {} {}", to_rfc3339(*decided), id));
  if (!ban) return ban;
  ban->decided_at = *decided;
  ban->expires_at = expires;
  return ban;
}

Result<Ban> read_mastodon(const Row&, Time) { return passed_over(); }

// A list that is CSV, known by columns that no other has.
struct Shape {
  std::vector<std::string_view> columns;
  Result<Ban> (*read)(const Row&, Time now);
};

const std::vector<Shape>& shapes() {
  static const std::vector<Shape> kShapes{{{"staff_user", "action", "subject", "created_at"}, read_discourse},
                                          {{"name", "date", "days_left"}, read_reddit},
                                          {{"ban_userid", "ban_start", "ban_end"}, read_phpbb},
                                          {{"#domain", "#severity"}, read_mastodon}};
  return kShapes;
}

std::vector<std::string> columns_of(const CsvRecord& header) {
  std::vector<std::string> columns;
  for (const std::string& cell : header.cells) columns.push_back(to_lower(trim(cell)));
  return columns;
}

const Shape* shape_of(const std::vector<std::string>& columns) {
  for (const Shape& shape : shapes())
    if (std::ranges::all_of(shape.columns, [&](std::string_view column) {
          return std::ranges::find(columns, column) != columns.end();
        }))
      return &shape;
  return nullptr;
}

Result<Ban> read_row(const Shape& shape, const CsvRecord& record, const std::vector<std::string>& columns, Time now) {
  if (!record.error.empty()) return refuse(record.error);
  if (record.cells.size() != columns.size())
    return refuse(fmt::format("the line has {} cells and the header {}", record.cells.size(), columns.size()));
  Row row;
  for (std::size_t i = 0; i < columns.size(); ++i) row[columns[i]] = trim(without_formula_guard(record.cells[i]));
  return shape.read(row, now);
}

Result<Ban> of_platform(Result<Ban> ban, std::string_view platform) {
  if (ban) ban->platform = to_lower(platform);
  return ban;
}

Status check_origin(const BanOrigin& origin) {
  if (!origin.platform.empty()) return {};
  return fail(ErrorCode::usage, "this list does not say which platform it is of; name it with --platform");
}

std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) return "";
  return found->is_string() ? found->get<std::string>() : found->is_number_integer() ? found->dump() : "";
}

Result<Ban> read_lemmy(const json& view, Time now) {
  const auto found = view.is_object() ? view.find("person") : view.end();
  if (!view.is_object() || found == view.end() || !found->is_object()) return refuse("is no person");
  const std::string id = text_of(*found, "id");
  const std::string end = text_of(*found, "ban_expires");
  const auto expires = moment(end);
  if (!end.empty() && !expires) return refuse("\"ban_expires\" is no time");
  auto ban = ban_of(text_of(*found, "name"), id, BanAction::ban,
                    fmt::format("lemmy {} {}", id, expires ? to_rfc3339(*expires) : ""));
  if (!ban) return ban;
  ban->decided_at = now;
  ban->expires_at = expires;
  return ban;
}

Status read_people(const json& people, const BanOrigin& origin, const TakeBan& take) {
  if (auto named = check_origin(origin); !named) return named;
  std::size_t number = 0;
  for (const json& view : people)
    if (auto done = take(++number, of_platform(read_lemmy(view, origin.now), origin.platform)); !done) return done;
  return {};
}

std::optional<Status> read_json(std::string_view text, const BanOrigin& origin, const TakeBan& take) {
  const json whole = json::parse(text, nullptr, false);
  if (!whole.is_object()) return std::nullopt;
  const auto people = whole.find("banned");
  if (people == whole.end() || !people->is_array()) return std::nullopt;
  return read_people(*people, origin, take);
}

}  // namespace

std::optional<Status> read_ban_list(std::string_view text, const BanOrigin& origin, const TakeBan& take) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return std::nullopt;
  if (text[first] == '{') return read_json(text, origin, take);
  CsvReader reader(text);
  const auto header = reader.next();
  if (!header || !header->error.empty()) return std::nullopt;
  const std::vector<std::string> columns = columns_of(*header);
  const Shape* shape = shape_of(columns);
  if (shape == nullptr) return std::nullopt;
  if (auto named = check_origin(origin); !named) return named;
  while (const auto record = reader.next())
    if (auto done = take(record->line, of_platform(read_row(*shape, *record, columns, origin.now), origin.platform));
        !done)
      return done;
  return Status{};
}

}  // namespace hw::db
