#include "db/audit_reviews.h"

#include <limits>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace hw::db {
namespace {

std::string word_of(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::optional<std::int64_t> number_of(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number_integer()) return std::nullopt;
  return found->get<std::int64_t>();
}

// Whose verdict an entry gives: that of who signs it, or one that came in a bundle. Empty: it gives none, or one that
// writes no row.
std::string reviewer_of(const nlohmann::json& entry) {
  if (word_of(entry, "verdict") == "safeguarding") return "";
  const std::string action = word_of(entry, "action");
  return action == "review" ? word_of(entry, "by") : action == "review-taken" ? word_of(entry, "reviewer") : "";
}

}  // namespace

ReviewsBesideLog::ReviewsBesideLog(Work& work) {
  Query query(work, "SELECT hit, reviewer, handle, verdict, sign FROM review");
  while (query.next())
    rows_[{query.number_at(0), query.text_at(1), query.number_at(2)}] = {query.text_at(3), query.text_at(4)};
}

void ReviewsBesideLog::take(std::string_view record) {
  if (record.find(R"("verdict":)") == std::string_view::npos) return;  // most entries are of something else
  const auto entry = nlohmann::json::parse(record, nullptr, false);
  if (!entry.is_object()) return;
  const std::string reviewer = reviewer_of(entry);
  const auto hit = number_of(entry, "hit");
  if (reviewer.empty() || !hit) return;
  const auto says = [&](const Said& said) {
    return said.verdict == word_of(entry, "verdict") && said.sign == word_of(entry, "sign");
  };
  // Without a handle it is of every handle that the hit advertised; or of the post as such (0), where it advertised
  // none then, which the entry does not tell: so a later one on its handles does not take that back.
  const auto handle = number_of(entry, "handle");
  const auto last = Row{*hit, reviewer, handle.value_or(std::numeric_limits<std::int64_t>::max())};
  for (auto row = rows_.lower_bound({*hit, reviewer, handle.value_or(0)}); row != rows_.end() && row->first <= last;
       ++row) {
    const bool may_be_another = !handle && std::get<2>(row->first) == 0;
    row->second.backed = says(row->second) || (may_be_another && row->second.backed);
  }
}

std::vector<std::string> ReviewsBesideLog::problems() const {
  std::vector<std::string> problems;
  for (const auto& [row, said] : rows_)
    if (!said.backed)
      problems.push_back(
          fmt::format("the verdict of {} on hit {} is not one that the log says", std::get<1>(row), std::get<0>(row)));
  return problems;
}

}  // namespace hw::db
