#include "db/mark_sql.h"

#include <fmt/format.h>

namespace hw::db::sql {
namespace {

constexpr const char* kStands = "b.standing AND (b.expires_day IS NULL OR b.expires_day > ?1)";

// The first and the last in an index tell that there are two, however many lie between.
std::string several(const char* handle, const char* what) {
  constexpr const char* kEnd =
      "(SELECT {1} FROM advert WHERE handle = {0} AND rejected = 0 AND {1} > '' ORDER BY {1} {2} LIMIT 1)";
  constexpr const char* kEndNumber =
      "(SELECT {1} FROM advert WHERE handle = {0} AND rejected = 0 AND {1} > 0 ORDER BY {1} {2} LIMIT 1)";
  const bool text = std::string_view(what) == "platform";
  const auto end = [&](const char* order) {
    return fmt::format(fmt::runtime(text ? kEnd : kEndNumber), handle, what, order);
  };
  return fmt::format("({} <> {})", end("ASC"), end("DESC"));
}

enum class Whose { anybodys, others };

// For an advert `a`: its handle was advertised by another account, which is banned, or is itself banned elsewhere or
// under the account that had it first.
std::string advert_back(Whose whose) {
  const bool others = whose == Whose::others;
  return fmt::format(R"((EXISTS (SELECT 1 FROM advert o WHERE o.handle = a.handle AND o.banned_until > ?1 AND o.{} > ?1
        AND o.rejected = 0 AND o.account IS NOT a.account)
      OR EXISTS (SELECT 1 FROM handle x JOIN ban_token t ON t.token = x.token AND t.side = 1 JOIN ban b ON b.ban = t.ban
        WHERE x.handle = a.handle AND {} {} AND (b.platform <> a.platform OR a.account IS NOT
          (SELECT f.account FROM advert f WHERE f.handle = a.handle AND f.platform = b.platform ORDER BY f.hit LIMIT 1)))))",
                     others ? "others_until" : "banned_until", kStands, others ? "AND NOT b.ours" : "");
}

std::string of_hit(const std::string& condition) {
  return fmt::format("EXISTS (SELECT 1 FROM advert a WHERE a.hit = h.hit AND a.rejected = 0 AND {})", condition);
}

std::string of_handle(const std::string& condition) {
  return fmt::format("EXISTS (SELECT 1 FROM advert a WHERE a.handle = n.handle AND a.rejected = 0 AND {})", condition);
}

// In days: one that is reviewed on the day it was seen deleted was looked at as it is.
std::string deleted_since_review(const char* hit) {
  return fmt::format(
      "EXISTS (SELECT 1 FROM sighting s WHERE s.hit = {0} AND s.state = 'deleted' AND s.day > "
      "IFNULL((SELECT MAX(v.day) FROM review v WHERE v.hit = {0}), 0))",
      hit);
}

}  // namespace

std::string banned(const std::string& tokens) {
  return fmt::format(
      "EXISTS (SELECT 1 FROM ban_token t JOIN ban b ON b.ban = t.ban WHERE t.side = 1 AND t.token IN ({}) AND {})",
      tokens, kStands);
}

std::string hit_banned() {
  return fmt::format("({} OR {})",
                     banned("SELECT identity FROM account WHERE account = h.account UNION ALL "
                            "SELECT alias FROM account WHERE account = h.account"),
                     banned("SELECT x.token FROM advert a JOIN handle x ON x.handle = a.handle WHERE a.hit = h.hit"));
}

std::string hit_back() { return of_hit(advert_back(Whose::anybodys)); }
std::string hit_several_accounts() { return of_hit(several("a.handle", "account")); }
std::string hit_several_platforms() { return of_hit(several("a.handle", "platform")); }

std::string hit_band() {
  return fmt::format("IIF(h.band = 2 AND ({} OR {} OR {}), 3, h.band)", hit_several_accounts(), hit_several_platforms(),
                     of_hit(advert_back(Whose::others)));
}

std::string hit_state() {
  return "CASE WHEN h.disputed THEN 4 WHEN h.confirmed >= ?2 THEN 1 WHEN h.rejected THEN 3 WHEN h.seeds > 0 THEN 2 "
         "ELSE 0 END";
}

std::string hit_deleted() { return deleted_since_review("h.hit"); }

std::string handle_several_accounts() { return several("n.handle", "account"); }
std::string handle_several_platforms() { return several("n.handle", "platform"); }
std::string handle_back() { return of_handle(advert_back(Whose::anybodys)); }

std::string handle_band() {
  const std::string judged = "(SELECT MAX(j.band) FROM advert a JOIN hit j ON j.hit = a.hit WHERE a.handle = n.handle)";
  return fmt::format("IIF({} = 2 AND ({} OR {} OR {}), 3, {})", judged, handle_several_accounts(),
                     handle_several_platforms(), of_handle(advert_back(Whose::others)), judged);
}

std::string handle_state() {
  return "CASE WHEN n.confirmed > 0 AND n.rejected > 0 THEN 4 WHEN n.confirmed >= ?2 THEN 1 WHEN n.rejected > 0 THEN 3 "
         "WHEN n.seeds > 0 THEN 2 ELSE 0 END";
}

std::string handle_confirmed() { return fmt::format("(n.confirmed >= ?2 AND {} = 1)", handle_state()); }

std::string handle_stands() {
  return fmt::format("EXISTS (SELECT 1 FROM review w WHERE w.handle = n.handle AND w.verdict = 'confirmed' AND NOT {})",
                     deleted_since_review("w.hit"));
}

}  // namespace hw::db::sql
