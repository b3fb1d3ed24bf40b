#include "db/counts.h"

#include <array>
#include <string_view>

#include <fmt/format.h>

namespace hw::db {
namespace {

constexpr std::size_t kMostShown = 20;

// A column, and what it has to be.
struct Count {
  std::string_view column;
  std::string_view is;
};

constexpr std::array<Count, 3> kOfHandle{
    {{"confirmed",
      "(SELECT COUNT(DISTINCT r.reviewer) FROM review r WHERE r.handle = handle.handle AND r.verdict = "
      "'confirmed')"},
     {"rejected",
      "(SELECT COUNT(DISTINCT r.reviewer) FROM review r WHERE r.handle = handle.handle AND r.verdict = "
      "'rejected')"},
     {"seeds",
      "(SELECT COUNT(DISTINCT r.reviewer) FROM review r WHERE r.handle = handle.handle AND r.verdict = "
      "'seed')"}}};

constexpr std::array<Count, 1> kOfAdvert{{{"rejected", R"((
    EXISTS (SELECT 1 FROM review r WHERE r.hit = advert.hit AND r.handle = advert.handle AND r.verdict = 'rejected')
    AND NOT EXISTS (SELECT 1 FROM review r
                    WHERE r.hit = advert.hit AND r.handle = advert.handle AND r.verdict = 'confirmed')))"}}};

// After those of its adverts, which it goes by.
constexpr std::array<Count, 4> kOfHit{
    {{"confirmed", R"((SELECT IFNULL(MAX(n), 0) FROM (SELECT COUNT(*) AS n FROM review r
        WHERE r.hit = hit.hit AND r.verdict = 'confirmed' GROUP BY r.handle)))"},
     {"rejected", R"((CASE WHEN EXISTS (SELECT 1 FROM advert a WHERE a.hit = hit.hit)
        THEN NOT EXISTS (SELECT 1 FROM advert a WHERE a.hit = hit.hit AND a.rejected = 0)
        ELSE EXISTS (SELECT 1 FROM review r WHERE r.hit = hit.hit AND r.verdict = 'rejected') END))"},
     {"disputed", R"((EXISTS (SELECT 1 FROM review c JOIN review r ON r.hit = c.hit AND r.handle = c.handle
        WHERE c.hit = hit.hit AND c.verdict = 'confirmed' AND r.verdict = 'rejected')))"},
     {"seeds", "(SELECT COUNT(DISTINCT r.reviewer) FROM review r WHERE r.hit = hit.hit AND r.verdict = 'seed')"}}};

template <std::size_t N>
std::string update_sql(std::string_view table, std::string_view key, const std::array<Count, N>& counts) {
  std::string sets;
  for (const Count& count : counts) sets += fmt::format("{}{} = {}", sets.empty() ? "" : ", ", count.column, count.is);
  return fmt::format("UPDATE {} SET {} WHERE {} = ?", table, sets, key);
}

template <std::size_t N>
std::string wrong_sql(std::string_view table, std::string_view key, const std::array<Count, N>& counts) {
  std::string differ;
  for (const Count& count : counts)
    differ += fmt::format("{}{}.{} <> {}", differ.empty() ? "" : " OR ", table, count.column, count.is);
  return fmt::format("SELECT DISTINCT {} FROM {} WHERE {} LIMIT {}", key, table, differ, kMostShown);
}

void add_wrong(Work& work, const std::string& sql, std::string_view what, std::vector<std::string>& into) {
  Query query(work, sql);
  while (query.next()) into.push_back(fmt::format("{} {}", what, query.number_at(0)));
}

}  // namespace

void recount_handle(Work& work, std::int64_t handle) {
  static const std::string kSql = update_sql("handle", "handle", kOfHandle);
  Query query(work, kSql);
  query.number(handle).run();
}

void recount_hit(Work& work, std::int64_t hit) {
  static const std::string kAdverts = update_sql("advert", "hit", kOfAdvert);
  static const std::string kHit = update_sql("hit", "hit", kOfHit);
  for (const std::string* sql : {&kAdverts, &kHit}) {
    Query query(work, *sql);
    query.number(hit).run();
  }
}

std::vector<std::string> wrong_counts(Work& work) {
  static const std::string kHandles = wrong_sql("handle", "handle", kOfHandle);
  static const std::string kAdverts = wrong_sql("advert", "hit", kOfAdvert);
  static const std::string kHits = wrong_sql("hit", "hit", kOfHit);
  std::vector<std::string> wrong;
  add_wrong(work, kHandles, "handle", wrong);
  add_wrong(work, kAdverts, "the adverts of hit", wrong);
  add_wrong(work, kHits, "hit", wrong);
  return wrong;
}

}  // namespace hw::db
