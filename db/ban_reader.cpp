#include "db/ban_reader.h"

#include <algorithm>
#include <array>
#include <map>
#include <span>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/json.h"
#include "common/text.h"
#include "db/ban_shapes.h"
#include "db/csv.h"

namespace hw::db {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::array<std::string_view, 2> kSubjects{"account", "handle"};
constexpr std::array<std::string_view, 7> kActions{"ban",           "suspend",       "limit",         "unban",
                                                   "appeal_accept", "appeal_reject", "false_positive"};
constexpr std::size_t kLongestLine = 64 * 1024;
constexpr std::size_t kLongestName = 512;

// One record as words, whatever it was written in. A key that is absent has no entry.
using Words = std::map<std::string, std::string, std::less<>>;

tl::unexpected<Error> refuse(std::string_view key, std::string_view why) {
  return fail(ErrorCode::malformed, fmt::format("\"{}\" {}", key, why));
}

std::string_view word(const Words& words, std::string_view key) {
  const auto found = words.find(key);
  return found == words.end() ? std::string_view{} : std::string_view(found->second);
}

Status check_words(const Words& words) {
  for (const auto& [key, value] : words) {
    if (value.size() > kLongestName) return refuse(key, fmt::format("is longer than {} bytes", kLongestName));
    if (!valid_utf8(value) || escape_for_terminal(value) != value)
      return refuse(key, "holds control or invisible characters");
    if (value.starts_with('=')) return refuse(key, "begins with \"=\": a spreadsheet's formula, not a name");
  }
  return {};
}

template <class E, std::size_t N>
std::optional<E> value_of(const std::array<std::string_view, N>& names, std::string_view text) {
  const auto found = std::find(names.begin(), names.end(), text);
  if (found == names.end()) return std::nullopt;
  return static_cast<E>(found - names.begin());
}

Status read_subject(const Words& words, Ban& ban) {
  const auto subject = value_of<BanSubject>(kSubjects, word(words, "type"));
  if (!subject) return refuse("subject.type", "must be account or handle");
  ban.subject = *subject;
  ban.messenger = to_lower(word(words, "messenger"));
  ban.id = word(words, "id");
  ban.login = word(words, "login");
  if (ban.subject == BanSubject::account) {
    if (ban.id.empty() && ban.login.empty()) return refuse("subject", "names no account: it needs an id or a login");
    return {};
  }
  if (ban.id.empty()) ban.id = std::exchange(ban.login, {});
  if (ban.id.empty() || ban.messenger.empty())
    return refuse("subject", "names no handle: it needs a messenger and an id");
  return {};
}

Status read_times(const Words& words, Ban& ban) {
  const auto decided = parse_rfc3339(word(words, "decided_at"));
  if (!decided) return refuse("decided_at", "must be an RFC 3339 time such as 2026-11-22T10:00:00Z");
  ban.decided_at = *decided;
  if (word(words, "expires_at").empty()) return {};
  ban.expires_at = parse_rfc3339(word(words, "expires_at"));
  if (!ban.expires_at) return refuse("expires_at", "must be an RFC 3339 time, or nothing");
  return {};
}

Result<Ban> ban_of(const Words& words) {
  if (auto done = check_words(words); !done) return tl::unexpected(done.error());
  if (const auto schema = word(words, "schema"); !schema.empty() && schema != "1") return refuse("schema", "must be 1");
  Ban ban;
  ban.event_id = word(words, "event_id");
  ban.platform = to_lower(word(words, "platform"));
  if (ban.event_id.empty()) return refuse("event_id", "is required");
  if (ban.platform.empty()) return refuse("platform", "is required");
  if (auto done = read_subject(words, ban); !done) return tl::unexpected(done.error());
  const auto action = value_of<BanAction>(kActions, word(words, "action"));
  if (!action) return refuse("action", fmt::format("must be one of {}", fmt::join(kActions, ", ")));
  ban.action = *action;
  if (auto done = read_times(words, ban); !done) return tl::unexpected(done.error());
  const std::string_view by = word(words, "decided_by");
  if (!by.empty() && by != "human" && by != "auto") return refuse("decided_by", "must be human or auto");
  ban.human = by == "human";
  ban.reason_code = word(words, "reason_code");
  ban.lead_id = word(words, "lead_id");
  return ban;
}

constexpr std::array<std::string_view, 9> kKeys{"schema",     "event_id",   "platform",   "action", "reason_code",
                                                "decided_at", "expires_at", "decided_by", "lead_id"};
constexpr std::array<std::string_view, 4> kSubjectKeys{"type", "messenger", "id", "login"};

// Numbers are taken for the ids that some platforms write as such.
Status take_members(const json& object, std::span<const std::string_view> keys, Words& words) {
  for (const std::string_view key : keys) {
    const auto found = object.find(key);
    if (found == object.end() || found->is_null()) continue;
    if (found->is_string())
      words[std::string(key)] = found->get<std::string>();
    else if (found->is_number_integer())
      words[std::string(key)] = found->dump();
    else
      return refuse(key, "must be a string");
  }
  return {};
}

Result<Ban> ban_of_object(const json& object) {
  Words words;
  if (auto done = take_members(object, kKeys, words); !done) return tl::unexpected(done.error());
  const auto subject = object.find("subject");
  if (subject == object.end() || !subject->is_object())
    return refuse("subject", "must be {\"type\", \"messenger\", \"id\", \"login\"}");
  if (auto done = take_members(*subject, kSubjectKeys, words); !done) return tl::unexpected(done.error());
  return ban_of(words);
}

Status read_jsonl(std::string_view text, const TakeBan& take) {
  std::size_t number = 0;
  for (const std::string_view line : split(text, '\n')) {
    ++number;
    if (trim(line).empty()) continue;
    const Result<Ban> ban = line.size() > kLongestLine
                                ? Result<Ban>(fail(ErrorCode::malformed,
                                                   fmt::format("the line is longer than {} KiB", kLongestLine / 1024)))
                                : ban_from_json(line);
    if (auto done = take(number, ban); !done) return done;
  }
  return {};
}

// "subject.id", "subject_id" and "id" are one column.
std::string column_name(std::string_view heading) {
  const std::string name = to_lower(trim(heading));
  for (const std::string_view prefix : {"subject.", "subject_"})
    if (name.starts_with(prefix)) return name.substr(prefix.size());
  return name;
}

bool is_known(std::string_view column) {
  return std::find(kKeys.begin(), kKeys.end(), column) != kKeys.end() ||
         std::find(kSubjectKeys.begin(), kSubjectKeys.end(), column) != kSubjectKeys.end();
}

Result<Ban> ban_of_record(const CsvRecord& record, const std::vector<std::string>& columns) {
  if (!record.error.empty()) return fail(ErrorCode::malformed, record.error);
  if (record.cells.size() != columns.size())
    return fail(ErrorCode::malformed,
                fmt::format("the line has {} cells and the header {}", record.cells.size(), columns.size()));
  Words words;
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (is_known(columns[i])) words[columns[i]] = trim(without_formula_guard(record.cells[i]));
  return ban_of(words);
}

Status check_header(const CsvRecord& header, const std::vector<std::string>& columns) {
  for (const std::string_view needed : {"event_id", "platform", "type", "action", "decided_at"})
    if (!header.error.empty() || std::find(columns.begin(), columns.end(), needed) == columns.end())
      return fail(ErrorCode::malformed,
                  fmt::format("the CSV has no column \"{}\" in its first line; it needs event_id, platform, type, "
                              "id or login, action, decided_at",
                              needed));
  return {};
}

Status read_csv(std::string_view text, const TakeBan& take) {
  CsvReader reader(text);
  const auto header = reader.next();
  if (!header) return {};
  std::vector<std::string> columns;
  for (const std::string& cell : header->cells) columns.push_back(column_name(cell));
  if (auto done = check_header(*header, columns); !done) return done;
  while (const auto record = reader.next())
    if (auto done = take(record->line, ban_of_record(*record, columns)); !done) return done;
  return {};
}

}  // namespace

std::string_view to_string(BanSubject subject) { return kSubjects[static_cast<std::size_t>(subject)]; }
std::string_view to_string(BanAction action) { return kActions[static_cast<std::size_t>(action)]; }

bool lifts(BanAction action) {
  return action == BanAction::unban || action == BanAction::appeal_accept || action == BanAction::false_positive;
}

bool bans(BanAction action) {
  return action == BanAction::ban || action == BanAction::suspend || action == BanAction::limit;
}

Status read_bans(std::string_view text, const TakeBan& take, const BanOrigin& origin) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  if (const auto read = read_ban_list(text, origin, take)) return *read;
  // A JSON Lines file whose first line is broken is one still.
  const bool json_lines = text[first] == '{' || text.find("\n{") != std::string_view::npos;
  return json_lines ? read_jsonl(text, take) : read_csv(text, take);
}

std::string ban_to_json(const Ban& ban) {
  const auto or_null = [](const std::string& text) { return text.empty() ? ordered_json() : ordered_json(text); };
  const ordered_json out{{"schema", 1},
                         {"event_id", ban.event_id},
                         {"platform", ban.platform},
                         {"subject", ordered_json{{"type", to_string(ban.subject)},
                                                  {"messenger", or_null(ban.messenger)},
                                                  {"id", or_null(ban.id)},
                                                  {"login", or_null(ban.login)}}},
                         {"action", to_string(ban.action)},
                         {"reason_code", or_null(ban.reason_code)},
                         {"decided_at", to_rfc3339(ban.decided_at)},
                         {"expires_at", ban.expires_at ? ordered_json(to_rfc3339(*ban.expires_at)) : ordered_json()},
                         {"decided_by", ban.human ? "human" : "auto"},
                         {"lead_id", or_null(ban.lead_id)}};
  return out.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

Result<Ban> ban_from_json(std::string_view line) {
  try {
    json object = json::parse(line, nullptr, false);
    if (object.is_discarded()) object = json::parse(mend_json(line), nullptr, false);
    if (object.is_discarded()) return fail(ErrorCode::malformed, "it is not JSON");
    if (!object.is_object()) return fail(ErrorCode::malformed, "it is not a JSON object");
    return ban_of_object(object);
  } catch (const json::exception&) {
    return fail(ErrorCode::malformed, "it is not such a record");
  }
}

}  // namespace hw::db
