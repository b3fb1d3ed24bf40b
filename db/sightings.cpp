#include "db/sightings.h"

#include <array>

#include "db/mark_sql.h"
#include "db/sighting_writer.h"

namespace hw::db {
namespace {

constexpr std::array<std::string_view, 2> kNames{"edited", "deleted"};

std::int64_t hit_of(Work& work, const Post& post) {
  Query query(work, "SELECT hit FROM hit WHERE post = ?");
  return query.blob(work.tokens().post(post.platform, post.id)).next() ? query.number_at(0) : 0;
}

// Nothing is written where there is nothing to note.
Result<std::size_t> note_all_deleted(Store& store, const std::vector<std::int64_t>& hits, Time seen_at) {
  if (hits.empty()) return 0;
  Work work(store.core(), Work::Access::write);
  for (const std::int64_t hit : hits) note_sighting(work, hit, Sighting::deleted, seen_at);
  return work.finish(hits.size());
}

}  // namespace

std::string_view to_string(Sighting what) { return kNames[static_cast<std::size_t>(what)]; }

void note_sighting(Work& work, std::int64_t hit, Sighting what, Time seen_at) {
  Query insert(work, "INSERT INTO sighting(hit, day, state) VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
  insert.number(hit).number(day_number(seen_at)).text(to_string(what)).run();
}

Result<std::size_t> note_deleted(Store& store, std::span<const Post> posts, Time seen_at) {
  std::vector<std::int64_t> hits;
  {
    Work look(store.core(), Work::Access::read);
    for (const Post& post : posts)
      if (post.state == PostState::deleted)
        if (const std::int64_t hit = hit_of(look, post); hit != 0) hits.push_back(hit);
    if (auto done = look.finish(); !done) return tl::unexpected(done.error());
  }
  return note_all_deleted(store, hits, seen_at);
}

Result<std::size_t> note_accounts_gone(Store& store, std::string_view platform, std::span<const std::string> author_ids,
                                       Time seen_at) {
  std::vector<std::int64_t> hits;
  {
    Work look(store.core(), Work::Access::read);
    for (const std::string& id : author_ids) {
      if (id.empty()) continue;
      Query query(look, "SELECT hit FROM hit JOIN account USING (account) WHERE identity = ?");
      query.blob(look.tokens().met({std::string(platform), id, {}}).front());
      while (query.next()) hits.push_back(query.number_at(0));
    }
    if (auto done = look.finish(); !done) return tl::unexpected(done.error());
  }
  return note_all_deleted(store, hits, seen_at);
}

Result<std::vector<SightingRow>> sightings_of(Store& store, std::int64_t hit) {
  Work work(store.core(), Work::Access::read);
  std::vector<SightingRow> rows;
  Query query(work, "SELECT day, state FROM sighting WHERE hit = ? ORDER BY day, state DESC");
  query.number(hit);
  while (query.next())
    rows.push_back(
        {day_text(query.number_at(0)), query.text_at(1) == kNames[0] ? Sighting::edited : Sighting::deleted});
  return work.finish(std::move(rows));
}

Result<bool> deleted_since_review(Store& store, std::int64_t hit) {
  Work work(store.core(), Work::Access::read);
  static const std::string kSql = "SELECT 1 FROM hit h WHERE h.hit = ? AND " + sql::hit_deleted();
  Query query(work, kSql);
  const bool deleted = query.number(hit).next();
  return work.finish(deleted);
}

}  // namespace hw::db
