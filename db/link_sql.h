// Every look-up that a walk makes, in one place, so that a test and the benchmark can ask SQLite how it would run them.
// Internal to db/.
#pragma once

#include <array>
#include <string_view>

namespace hw::db::sql {

// Neighbours: ?1 the row, ?2 how many at most. An account may have posted a hundred thousand adverts: no more are read
// than have a place.
inline constexpr std::string_view kAccountsOfHandle =
    "SELECT DISTINCT account FROM advert WHERE handle = ?1 AND account IS NOT NULL LIMIT ?2";
inline constexpr std::string_view kHandlesOfAccount = "SELECT DISTINCT handle FROM advert WHERE account = ?1 LIMIT ?2";
inline constexpr std::string_view kTogetherWith =
    R"(SELECT DISTINCT b.handle FROM advert a JOIN advert b ON b.hit = a.hit
    WHERE a.handle = ?1 AND b.handle <> a.handle LIMIT ?2)";
inline constexpr std::string_view kSameName = R"(SELECT o.handle FROM handle n JOIN handle o ON o.spelling = n.spelling
    WHERE n.handle = ?1 AND o.handle <> n.handle LIMIT ?2)";
inline constexpr std::string_view kAlikeAccounts = R"(SELECT DISTINCT o.account FROM hit h JOIN alike x ON x.hit = h.hit
    JOIN hit o ON o.hit = x.other WHERE h.account = ?1 AND o.account <> h.account LIMIT ?2)";

// Evidence of an edge: ?1 and ?2 its ends. Hits with their days.
inline constexpr std::string_view kAdvertHits =
    R"(SELECT h.hit, h.day, h.last_day FROM advert a JOIN hit h ON h.hit = a.hit
    WHERE a.account = ?1 AND a.handle = ?2 ORDER BY a.hit)";
inline constexpr std::string_view kTogetherHits = R"(SELECT h.hit, h.day, h.last_day FROM advert a
    JOIN advert b ON b.hit = a.hit AND b.handle = ?2 JOIN hit h ON h.hit = a.hit WHERE a.handle = ?1 ORDER BY a.hit)";
inline constexpr std::string_view kSameNameHits =
    R"(SELECT h.hit, h.day, h.last_day FROM advert a JOIN hit h ON h.hit = a.hit
    WHERE a.handle IN (?1, ?2) ORDER BY a.hit)";
inline constexpr std::string_view kAlikeHits =
    R"(SELECT h.hit, h.day, h.last_day FROM hit h JOIN alike x ON x.hit = h.hit
    JOIN hit o ON o.hit = x.other WHERE h.account = ?1 AND o.account = ?2
    UNION SELECT o.hit, o.day, o.last_day FROM hit h JOIN alike x ON x.hit = h.hit
    JOIN hit o ON o.hit = x.other WHERE h.account = ?1 AND o.account = ?2 ORDER BY 1)";

// What is known of a node.
inline constexpr std::string_view kHandleFacts = R"(SELECT COUNT(*), MIN(h.day), MAX(h.last_day) FROM advert a
    JOIN hit h ON h.hit = a.hit WHERE a.handle = ?1)";
inline constexpr std::string_view kAccountFacts =
    "SELECT COUNT(*), MIN(day), MAX(last_day) FROM hit WHERE account = ?1";
inline constexpr std::string_view kHandlePlatforms =
    "SELECT DISTINCT platform FROM advert WHERE handle = ?1 ORDER BY platform";
inline constexpr std::string_view kAccountPlatforms = "SELECT platform FROM account WHERE account = ?1";
inline constexpr std::string_view kHandleExists = "SELECT 1 FROM handle WHERE handle = ?1";
inline constexpr std::string_view kAccountExists = "SELECT 1 FROM account WHERE account = ?1";
// The exact look-up of a handle that somebody asks for.
inline constexpr std::string_view kHandleByToken = "SELECT handle FROM handle WHERE token = ?1";
// What a new text is compared with.
inline constexpr std::string_view kSameBand =
    "SELECT hit FROM likeness_band WHERE token = ?1 ORDER BY hit DESC LIMIT ?2";

inline constexpr std::array kLookups{
    kAccountsOfHandle, kHandlesOfAccount, kTogetherWith,  kSameName,      kAlikeAccounts, kAdvertHits,
    kTogetherHits,     kSameNameHits,     kAlikeHits,     kHandleFacts,   kAccountFacts,  kHandlePlatforms,
    kAccountPlatforms, kHandleExists,     kAccountExists, kHandleByToken, kSameBand};

}  // namespace hw::db::sql
