#include "db/reviews.h"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "db/audit_writer.h"
#include "db/counts.h"
#include "db/erasures.h"
#include "db/holds.h"
#include "db/mark_sql.h"
#include "db/people.h"
#include "db/rows.h"
#include "db/work.h"

namespace hw::db {
namespace {

constexpr std::array<std::string_view, 4> kVerdicts{"confirmed", "rejected", "seed", "safeguarding"};
constexpr std::array<std::string_view, 6> kSigns{"conversation",     "profile",       "same-advert-elsewhere",
                                                 "banned-elsewhere", "operator-rule", "outside-report"};

template <class E, std::size_t N>
std::optional<E> value_of(const std::array<std::string_view, N>& names, std::string_view text) {
  const auto found = std::find(names.begin(), names.end(), text);
  if (found == names.end()) return std::nullopt;
  return static_cast<E>(found - names.begin());
}

using Handles = std::vector<std::int64_t>;

Handles advertised(Work& work, std::int64_t hit) {
  Handles handles;
  Query query(work, "SELECT handle FROM advert WHERE hit = ? ORDER BY handle");
  query.number(hit);
  while (query.next()) handles.push_back(query.number_at(0));
  return handles;
}

bool exists(Work& work, std::int64_t hit) {
  Query query(work, "SELECT 1 FROM hit WHERE hit = ?");
  return query.number(hit).next();
}

// Which rows of review the verdict concerns; 0 stands for a post that advertises nothing.
Handles concerned(Work& work, const Review& review) {
  const Handles all = advertised(work, review.hit);
  const std::string list = fmt::format("{}", fmt::join(all, ", "));
  if (!exists(work, review.hit)) {
    work.fail({ErrorCode::not_found,
               fmt::format("there is no hit {}; handlewatch hits list shows those there are", review.hit)});
  } else if (review.handle && std::find(all.begin(), all.end(), *review.handle) == all.end()) {
    work.fail({ErrorCode::not_found, fmt::format("hit {} does not advertise handle {}; it advertises: {}", review.hit,
                                                 *review.handle, all.empty() ? "none" : list)});
  } else if (review.verdict == ReviewVerdict::confirmed && !review.handle && all.size() != 1) {
    work.fail(
        {ErrorCode::usage,
         all.empty()
             ? fmt::format("hit {} advertises no handle, so there is nothing to confirm", review.hit)
             : fmt::format("hit {} advertises handles {}: name the one with --handle, each is confirmed on its own",
                           review.hit, list)});
  }
  if (review.handle) return {*review.handle};
  return all.empty() ? Handles{0} : all;
}

bool is_confirmed(Work& work, std::int64_t handle) {
  // ?1 is not used here; the state needs the policy alone.
  static const std::string kSql = fmt::format("SELECT {} FROM handle n WHERE n.handle = ?1", sql::handle_state());
  Query query(work, kSql);
  return query.number(handle).number(work.core().policy.confirmations).next() &&
         query.number_at(0) == static_cast<std::int64_t>(HitState::confirmed);
}

std::vector<std::int64_t> exports_of(Work& work, const Handles& handles) {
  std::set<std::int64_t> exports;
  Query query(work, "SELECT export FROM export_item WHERE handle = ?");
  for (const std::int64_t handle : handles) {
    query.number(handle);
    while (query.next()) exports.insert(query.number_at(0));
    query.rewind();
  }
  return {exports.begin(), exports.end()};
}

void write_verdict(Work& work, const Review& review, const Handles& handles, const std::string& reviewer) {
  Query upsert(work, R"(INSERT INTO review(hit, handle, reviewer, verdict, sign, day, at)
      VALUES (?1, ?2, ?3, ?4, NULLIF(?5, ''), ?6, ?7)
      ON CONFLICT DO UPDATE SET verdict = ?4, sign = NULLIF(?5, ''), day = ?6, at = ?7)");
  for (const std::int64_t handle : handles)
    upsert.number(review.hit)
        .number(handle)
        .text(reviewer)
        .text(to_string(review.verdict))
        .text(review.sign ? to_string(*review.sign) : "")
        .number(work.core().today())
        .number(to_millis(work.core().clock.now()))
        .run();
  for (const std::int64_t handle : handles) recount_handle(work, handle);
  recount_hit(work, review.hit);
  Query touch(work, "UPDATE hit SET touched_day = ? WHERE hit = ?");
  touch.number(work.core().today()).number(review.hit).run();
}

HitState state_of(Work& work, std::int64_t hit) {
  static const std::string kSql = fmt::format("SELECT {} FROM hit h WHERE h.hit = ?1", sql::hit_state());
  Query query(work, kSql);
  query.number(hit).number(work.core().policy.confirmations);
  return query.next() ? static_cast<HitState>(query.number_at(0)) : HitState::fresh;
}

// A rejected post is not raised again; one whose rejection was taken back is.
void write_mark(Work& work, std::int64_t hit, HitState state) {
  Token mark;
  {
    Query query(work, "SELECT post, content FROM hit WHERE hit = ?");
    if (!query.number(hit).next()) return;
    mark = work.tokens().do_not_raise(query.blob_at(0), query.blob_at(1));
  }
  Query query(work, state == HitState::rejected
                        ? "INSERT INTO do_not_raise(token, day) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET day = ?2"
                        : "DELETE FROM do_not_raise WHERE token = ?1 AND ?2 IS NOT NULL");
  query.blob(mark).number(work.core().today()).run();
}

int confirmations_of(Work& work, const Handles& handles) {
  if (handles.size() != 1) return 0;
  Query query(work, "SELECT confirmed FROM handle WHERE handle = ?");
  return query.number(handles.front()).next() ? static_cast<int>(query.number_at(0)) : 0;
}

Reviewed judge(Work& work, const Review& review, const Handles& handles, const std::string& reviewer) {
  Reviewed reviewed;
  reviewed.needed = work.core().policy.confirmations;
  Handles confirmed;
  for (const std::int64_t handle : handles)
    if (is_confirmed(work, handle)) confirmed.push_back(handle);
  write_verdict(work, review, handles, reviewer);
  reviewed.state = state_of(work, review.hit);
  reviewed.confirmations = confirmations_of(work, handles);
  write_mark(work, review.hit, reviewed.state);
  std::erase_if(confirmed, [&](std::int64_t handle) { return is_confirmed(work, handle); });
  reviewed.recall = exports_of(work, confirmed);
  return reviewed;
}

Reviewed hold(Work& work, const Review& review) {
  Reviewed reviewed;
  reviewed.recall = exports_of(work, place_hold(work, subject_of_hit(work, review.hit)));
  return reviewed;
}

void append_entry(Work& work, const Review& review, const Person& by) {
  AuditRecord record("review");
  record.number("hit", review.hit);
  if (review.handle) record.number("handle", *review.handle);
  record.text("verdict", to_string(review.verdict));
  if (review.sign) record.text("sign", to_string(*review.sign));
  append_audit(work, record, by);
}

Status may_say(Store& store, const Person& by, const Review& review) {
  if (review.verdict == ReviewVerdict::safeguarding && by.roles().has(Role::safeguarding)) return {};
  return may(store, by, Role::reviewer);
}

}  // namespace

std::string_view to_string(ReviewVerdict verdict) { return kVerdicts[static_cast<std::size_t>(verdict)]; }
std::optional<ReviewVerdict> parse_review_verdict(std::string_view text) {
  return value_of<ReviewVerdict>(kVerdicts, text);
}
std::vector<std::string_view> review_verdicts() { return {kVerdicts.begin(), kVerdicts.end()}; }
std::string_view to_string(Sign sign) { return kSigns[static_cast<std::size_t>(sign)]; }
std::optional<Sign> parse_sign(std::string_view text) { return value_of<Sign>(kSigns, text); }
std::vector<std::string_view> signs() { return {kSigns.begin(), kSigns.end()}; }

Result<Reviewed> review(Store& store, const Person& by, const Review& review) {
  if (auto allowed = may_say(store, by, review); !allowed) return tl::unexpected(allowed.error());
  if (review.verdict == ReviewVerdict::confirmed && !review.sign)
    return fail(ErrorCode::usage,
                fmt::format("to confirm takes a sign beyond the words: --sign {}", fmt::join(kSigns, "|")));
  Work work(store.core(), Work::Access::write);
  const Handles handles = concerned(work, review);
  if (work.failed()) return tl::unexpected(*work.error());
  append_entry(work, review, by);
  Reviewed reviewed =
      review.verdict == ReviewVerdict::safeguarding ? hold(work, review) : judge(work, review, handles, by.name());
  auto done = work.finish(std::move(reviewed));
  if (!done || review.verdict != ReviewVerdict::safeguarding) return done;
  if (auto written = write_erasures(store.core()); !written) return tl::unexpected(written.error());
  return done;
}

Result<std::vector<ReviewRow>> reviews_of(Store& store, std::int64_t hit) {
  Work work(store.core(), Work::Access::read);
  std::vector<ReviewRow> rows;
  Query query(work, "SELECT handle, reviewer, verdict, sign, day FROM review WHERE hit = ? ORDER BY handle, reviewer");
  query.number(hit);
  while (query.next()) {
    ReviewRow row{
        hit, query.number_at(0), query.text_at(1), query.text_at(2), query.text_at(3), day_text(query.number_at(4))};
    if (*row.handle == 0) row.handle.reset();
    rows.push_back(std::move(row));
  }
  return work.finish(std::move(rows));
}

}  // namespace hw::db
