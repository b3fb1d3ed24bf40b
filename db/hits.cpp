#include "db/hits.h"

#include <algorithm>
#include <variant>

#include <fmt/format.h>

#include "common/text.h"
#include "db/mark_sql.h"
#include "db/payload.h"
#include "db/vault.h"
#include "db/work.h"

namespace hw::db {
namespace {

// Conditions with their parameters, numbered from ?3 (?1 and ?2 are today and the policy).
class Conditions {
 public:
  explicit Conditions(const HitFilter& filter) {
    if (filter.state) add(sql::hit_state() + " = ?{}", static_cast<std::int64_t>(*filter.state));
    if (filter.deleted) text_ += fmt::format(" AND {} IN (1, 4) AND {}", sql::hit_state(), sql::hit_deleted());
    // Only medium is ever raised, so the costly expression is asked of few.
    if (filter.at_least == Band::high)
      text_ += fmt::format(" AND h.band >= 2 AND {} >= 3", sql::hit_band());
    else
      add("h.band >= ?{}", static_cast<std::int64_t>(filter.at_least));
    if (!filter.platform.empty()) add("h.platform = ?{}", filter.platform);
    if (!filter.source.empty()) add("h.source = ?{}", filter.source);
    if (filter.since) add("h.day >= ?{}", day_number(*filter.since));
    if (filter.before > 0) add("h.hit < ?{}", filter.before);
  }

  const std::string& text() const { return text_; }
  int next_parameter() const { return next_; }

  void bind(Query& query) const {
    for (const auto& value : values_) {
      if (const auto* number = std::get_if<std::int64_t>(&value))
        query.number(*number);
      else
        query.text(std::get<std::string>(value));
    }
  }

 private:
  void add(const std::string& condition, std::variant<std::int64_t, std::string> value) {
    text_ += " AND " + fmt::format(fmt::runtime(condition), next_++);
    values_.push_back(std::move(value));
  }

  std::string text_;
  std::vector<std::variant<std::int64_t, std::string>> values_;
  int next_ = 3;
};

const std::string& columns() {
  static const std::string kColumns =
      fmt::format("h.hit, {}, h.band, {}, h.platform, h.source, h.day, h.last_day, h.flags, h.account, {}, {}, {}, {}",
                  sql::hit_band(), sql::hit_state(), sql::hit_banned(), sql::hit_back(), sql::hit_several_accounts(),
                  sql::hit_several_platforms());
  return kColumns;
}

std::vector<std::string> words(const std::string& text) {
  std::vector<std::string> words;
  for (const std::string_view word : split(text, ','))
    if (!word.empty()) words.emplace_back(word);
  return words;
}

HitRow row_of(Work& work, const Query& query) {
  HitRow row;
  row.hit = query.number_at(0);
  row.band = static_cast<Band>(query.number_at(1));
  row.judged = static_cast<Band>(query.number_at(2));
  row.state = static_cast<HitState>(query.number_at(3));
  row.platform = query.text_at(4);
  row.source = query.text_at(5);
  row.day = day_text(query.number_at(6));
  row.last_day = day_text(query.number_at(7));
  row.flags = words(query.text_at(8));
  row.account = query.maybe_at(9);
  for (const Mark mark : {Mark::banned, Mark::banned_handle_back, Mark::several_accounts, Mark::several_platforms})
    if (query.number_at(10 + static_cast<int>(mark)) != 0) row.marks.push_back(mark);
  Query rules(work, "SELECT rule FROM hit_rule WHERE hit = ? ORDER BY rule");
  rules.number(row.hit);
  while (rules.next()) row.rules.push_back(rules.text_at(0));
  Query handles(work, "SELECT handle FROM advert WHERE hit = ? ORDER BY handle");
  handles.number(row.hit);
  while (handles.next()) row.handles.push_back(handles.number_at(0));
  return row;
}

Query& bind_policy(Query& query, Work& work) {
  return query.number(work.core().today()).number(work.core().policy.confirmations);
}

std::optional<HitRow> read_row(Work& work, std::int64_t hit) {
  const std::string sql = "SELECT " + columns() + " FROM hit h WHERE h.hit = ?3";
  Query query(work, sql);
  if (!bind_policy(query, work).number(hit).next()) return std::nullopt;
  return row_of(work, query);
}

void fail_missing(Work& work, std::int64_t hit) {
  work.fail(
      {ErrorCode::not_found, fmt::format("there is no hit {}; handlewatch hits list shows those there are", hit)});
}

bool is_post_of(Work& work, std::int64_t hit, const Post& post) {
  Query query(work, "SELECT 1 FROM hit WHERE hit = ? AND post = ?");
  return query.number(hit).blob(work.tokens().post(post.platform, post.id)).next();
}

// The clear part of a row may have been changed by somebody who could not open the seal.
bool agrees(const HitRow& row, const Judged& judged) {
  std::vector<std::string> flags;
  for (const Flag flag : judged.verdict.flags) flags.emplace_back(to_string(flag));
  std::vector<std::string> rules;
  for (const RuleFired& rule : judged.verdict.rules) rules.push_back(rule.id);
  std::sort(rules.begin(), rules.end());
  rules.erase(std::unique(rules.begin(), rules.end()), rules.end());
  return row.platform == judged.post.platform && row.source == judged.post.source &&
         row.judged == judged.verdict.band && row.flags == flags && row.rules == rules;
}

std::int64_t revision_of(Work& work, std::int64_t hit) {
  Query query(work, "SELECT revision FROM hit WHERE hit = ?");
  return query.number(hit).next() ? query.number_at(0) : 0;
}

std::optional<Judged> open_revision(Work& work, const Opener& opener, std::int64_t hit, std::int64_t revision) {
  const auto bytes = open_record(work, opener, {KeyClass::review, RecordKind::hit, hit, revision});
  if (!bytes) return std::nullopt;
  auto judged = unpack_judged(*bytes);
  if (!judged) work.fail(judged.error());
  if (!judged) return std::nullopt;
  return std::move(*judged);
}

}  // namespace

Result<std::vector<HitRow>> list_hits(Store& store, const HitFilter& filter) {
  Work work(store.core(), Work::Access::read);
  const Conditions conditions(filter);
  const std::string sql = fmt::format("SELECT {} FROM hit h WHERE TRUE{} ORDER BY h.hit DESC LIMIT ?{}", columns(),
                                      conditions.text(), conditions.next_parameter());
  std::vector<HitRow> rows;
  Query query(work, sql);
  conditions.bind(bind_policy(query, work));
  query.number(filter.limit == 0 ? -1 : static_cast<std::int64_t>(filter.limit));
  while (query.next()) rows.push_back(row_of(work, query));
  return work.finish(std::move(rows));
}

Result<std::size_t> count_hits(Store& store, const HitFilter& filter) {
  Work work(store.core(), Work::Access::read);
  const Conditions conditions(filter);
  const std::string sql = "SELECT COUNT(*) FROM hit h WHERE TRUE" + conditions.text();
  Query query(work, sql);
  conditions.bind(bind_policy(query, work));
  const std::size_t count = query.next() ? static_cast<std::size_t>(query.number_at(0)) : 0;
  return work.finish(count);
}

Result<HitRow> find_hit(Store& store, std::int64_t hit) {
  Work work(store.core(), Work::Access::read);
  const auto row = read_row(work, hit);
  if (!row) fail_missing(work, hit);
  return work.finish(row.value_or(HitRow{}));
}

Result<Judged> open_hit(Store& store, const Opener& opener, std::int64_t hit) {
  Work work(store.core(), Work::Access::read);
  const auto row = read_row(work, hit);
  if (!row) fail_missing(work, hit);
  auto judged = open_revision(work, opener, hit, revision_of(work, hit));
  if (row && judged && !(agrees(*row, *judged) && is_post_of(work, hit, judged->post)))
    work.fail({ErrorCode::tampered,
               fmt::format("the clear part of hit {} is not what was sealed with it; restore a backup", hit)});
  return work.finish(std::move(judged).value_or(Judged{}));
}

Result<std::vector<Judged>> open_earlier(Store& store, const Opener& opener, std::int64_t hit) {
  Work work(store.core(), Work::Access::read);
  const std::int64_t current = revision_of(work, hit);
  if (current == 0) fail_missing(work, hit);
  std::vector<Judged> versions;
  for (const std::int64_t revision : revisions_of(work, RecordKind::hit, hit)) {
    if (revision == current) continue;
    if (auto judged = open_revision(work, opener, hit, revision)) versions.push_back(std::move(*judged));
  }
  return work.finish(std::move(versions));
}

}  // namespace hw::db
