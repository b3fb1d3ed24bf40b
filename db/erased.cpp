#include "db/erased.h"

#include "db/erasures.h"
#include "db/rows.h"
#include "db/vault.h"

namespace hw::db {
namespace {

bool is_news(Work& work, const Token& token, std::int64_t day) {
  return !token.empty() && !erased_since(work, token, day);
}

// Hits that nobody relied on and that were last seen before their erasure elsewhere, with its day.
std::map<std::int64_t, std::int64_t> hits_erased_by(Work& work, const ErasedDays& theirs) {
  std::map<std::int64_t, std::int64_t> hits;
  Query query(work, R"(SELECT hit, post, last_day FROM hit WHERE confirmed = 0 AND seeds = 0
      AND NOT EXISTS (SELECT 1 FROM legal_hold WHERE legal_hold.hit = hit.hit))");
  while (query.next()) {
    const auto erased = theirs.find(work.tokens().erased(query.blob_at(1)));
    if (erased != theirs.end() && erased->second > query.number_at(2)) hits.emplace(query.number_at(0), erased->second);
  }
  return hits;
}

std::optional<std::int64_t> day_of_held(Work& work, const Token& token) {
  Query query(work, "SELECT day FROM held WHERE token = ?");
  return query.blob(token).next() ? std::optional(query.number_at(0)) : std::nullopt;
}

// What came after it was closed there waits to be read anew.
std::size_t close_with(Work& work, const ErasedDays& theirs) {
  std::size_t closed = 0;
  for (const auto& [token, day] : theirs) {
    const auto held = day_of_held(work, token);
    if (!held || *held > day) continue;
    erase_held_row(work, token);
    note_erasure(work, ErasureKind::referral, token);
    ++closed;
  }
  return closed;
}

}  // namespace

void erase_hit(Work& work, std::int64_t hit, std::int64_t day) {
  Token mark;
  {
    Query query(work, "SELECT post, content FROM hit WHERE hit = ?");
    if (!query.number(hit).next()) return;
    const Token erased = work.tokens().erased(query.blob_at(0));
    note_erasure(work, ErasureKind::hit, erased);
    remember_erased(work, erased, day);
    mark = work.tokens().do_not_raise(query.blob_at(0), query.blob_at(1));
  }
  {
    Query marked(work, "SELECT 1 FROM do_not_raise WHERE token = ?");
    if (marked.blob(mark).next()) note_erasure(work, ErasureKind::mark, mark);
  }
  erase_records(work, RecordKind::hit, hit);
  remove_hit_row(work, hit);
}

void erase_ban(Work& work, std::int64_t ban) {
  {
    Query query(work, "SELECT event FROM ban WHERE ban = ?");
    if (query.number(ban).next()) {
      const Token erased = work.tokens().erased(query.blob_at(0));
      note_erasure(work, ErasureKind::ban, erased);
      remember_erased(work, erased, work.core().today());
    }
  }
  erase_records(work, RecordKind::ban, ban);
  remove_ban_row(work, ban);
}

void erase_held_row(Work& work, const Token& held_token) {
  Query find(work, "SELECT held, kind FROM held WHERE token = ?");
  if (!find.blob(held_token).next()) return;
  const std::int64_t held = find.number_at(0);
  erase_records(work, static_cast<RecordKind>(find.number_at(1)), held);
  find.rewind();
  Query remove(work, "DELETE FROM held WHERE held = ?");
  remove.number(held).run();
}

void remember_erased(Work& work, const Token& token, std::int64_t day) {
  Query insert(work, R"(INSERT INTO erased(token, day) VALUES (?1, ?2)
      ON CONFLICT DO UPDATE SET day = ?2 WHERE day < ?2)");
  insert.blob(token).number(day).run();
}

bool erased_since(Work& work, const Token& token, std::int64_t day) {
  Query query(work, "SELECT 1 FROM erased WHERE token = ? AND day >= ?");
  return query.blob(token).number(day).next();
}

void forget_erased(Work& work, std::int64_t before_day) {
  Query forget(work, "DELETE FROM erased WHERE day < ?");
  forget.number(before_day).run();
}

std::size_t erase_with(Work& work, const ErasedDays& theirs) {
  ErasedDays news;
  for (const auto& [token, day] : theirs)
    if (is_news(work, token, day)) news.emplace(token, day);
  if (news.empty()) return 0;
  const auto hits = hits_erased_by(work, news);
  for (const auto& [hit, day] : hits) erase_hit(work, hit, day);
  const std::size_t closed = close_with(work, news);
  for (const auto& [token, day] : news) remember_erased(work, token, day);
  return hits.size() + closed;
}

}  // namespace hw::db
