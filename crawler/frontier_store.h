// The frontier's tables, every statement it runs, and the statements prepared once. Only frontier.cpp and its tests
// include this.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "common/sqlite.h"

namespace hw::crawler {

namespace sql {

// page.state: 0 queued, 1 done, 2 dropped. page.due: 0 for pages never tried, so that the index keeps them first.
inline constexpr std::string_view kFirstMigration = R"(
  CREATE TABLE source(
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    cursor TEXT NOT NULL DEFAULT '',
    run INTEGER NOT NULL DEFAULT 0,
    open INTEGER NOT NULL DEFAULT 0,
    last_run INTEGER,
    last_success INTEGER,
    next_run INTEGER,
    trouble TEXT NOT NULL DEFAULT '',
    pages INTEGER NOT NULL DEFAULT 0,
    posts INTEGER NOT NULL DEFAULT 0,
    new_posts INTEGER NOT NULL DEFAULT 0,
    errors INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE TABLE page(
    id INTEGER PRIMARY KEY,
    source INTEGER NOT NULL REFERENCES source(id),
    url TEXT NOT NULL,
    role INTEGER NOT NULL,
    wanted_stamp TEXT NOT NULL,
    read_stamp TEXT,
    state INTEGER NOT NULL DEFAULT 0,
    place INTEGER NOT NULL,
    due INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    run INTEGER NOT NULL,
    etag TEXT NOT NULL DEFAULT '',
    last_modified TEXT NOT NULL DEFAULT '',
    digest BLOB NOT NULL DEFAULT x'',
    UNIQUE(source, url)
  ) STRICT;
  CREATE INDEX page_queue ON page(source, due, place) WHERE state=0;
  CREATE TABLE host(
    name TEXT PRIMARY KEY,
    next_allowed INTEGER NOT NULL,
    blocked_until INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    overloaded INTEGER NOT NULL,
    last_failure INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE robots(
    origin TEXT PRIMARY KEY,
    status INTEGER NOT NULL,
    body BLOB NOT NULL,
    fetched_at INTEGER NOT NULL
  ) STRICT;
)";

inline constexpr std::string_view kPauses = R"(
  ALTER TABLE source ADD COLUMN paused INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE source ADD COLUMN bad_runs INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE source ADD COLUMN told_broken INTEGER;
)";

// page.rank: yield.h. rests_until: not read again before, where it has no stamp. Digests change their form here.
inline constexpr std::string_view kYieldMigration = R"(
  ALTER TABLE page ADD COLUMN rank INTEGER NOT NULL DEFAULT 1;
  ALTER TABLE page ADD COLUMN fruit INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE page ADD COLUMN pause INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE page ADD COLUMN rests_until INTEGER NOT NULL DEFAULT 0;
  UPDATE page SET digest=x'';
  DROP INDEX page_queue;
  CREATE INDEX page_queue ON page(source, due, rank, place) WHERE state=0;
  CREATE TABLE yield(
    source INTEGER NOT NULL REFERENCES source(id),
    shape INTEGER NOT NULL,
    fetches INTEGER NOT NULL,
    posts INTEGER NOT NULL,
    barren INTEGER NOT NULL,
    PRIMARY KEY(source, shape)
  ) STRICT, WITHOUT ROWID;
)";

// source.stamped: its links say how fresh they are. host.requests: those of the day. alarm: when somebody was told.
// page.key: a keyed hash of the address (page_key.h), so that finding one touches a small index clustered by source,
// not one of all addresses; 0 until it is filled in. read_at: when it was last read, or found unchanged.
inline constexpr std::string_view kKeyMigration = R"(
  CREATE TABLE secret(id INTEGER PRIMARY KEY CHECK(id=1), key BLOB NOT NULL) STRICT;
  INSERT INTO secret(id, key) VALUES(1, randomblob(16));
  CREATE TABLE keyed_page(
    id INTEGER PRIMARY KEY,
    source INTEGER NOT NULL REFERENCES source(id),
    key INTEGER NOT NULL DEFAULT 0,
    state INTEGER NOT NULL DEFAULT 0,
    role INTEGER NOT NULL,
    run INTEGER NOT NULL,
    rests_until INTEGER NOT NULL DEFAULT 0,
    fruit INTEGER NOT NULL DEFAULT 0,
    read_stamp TEXT,
    url TEXT NOT NULL,
    wanted_stamp TEXT NOT NULL,
    place INTEGER NOT NULL,
    due INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    etag TEXT NOT NULL DEFAULT '',
    last_modified TEXT NOT NULL DEFAULT '',
    digest BLOB NOT NULL DEFAULT x'',
    rank INTEGER NOT NULL DEFAULT 1,
    pause INTEGER NOT NULL DEFAULT 0,
    read_at INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  INSERT INTO keyed_page(id, source, state, role, run, rests_until, fruit, read_stamp, url, wanted_stamp, place, due,
    attempts, etag, last_modified, digest, rank, pause)
    SELECT id, source, state, role, run, rests_until, fruit, read_stamp, url, wanted_stamp, place, due, attempts, etag,
    last_modified, digest, rank, pause FROM page;
  DROP TABLE page;
  ALTER TABLE keyed_page RENAME TO page;
  CREATE INDEX page_queue ON page(source, due, rank, place) WHERE state=0;
  CREATE INDEX page_key ON page(source, key);
  ALTER TABLE source ADD COLUMN stamped INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE host ADD COLUMN day INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE host ADD COLUMN requests INTEGER NOT NULL DEFAULT 0;
  CREATE TABLE sitemap(
    url TEXT PRIMARY KEY,
    read_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE alarm(kind TEXT PRIMARY KEY, told INTEGER NOT NULL) STRICT, WITHOUT ROWID;
)";

// ?1 source id
inline constexpr std::string_view kPagesWithoutKey = "SELECT id, url FROM page WHERE source=?1 AND key=0 LIMIT 1000";
inline constexpr std::string_view kGiveKey = "UPDATE page SET key=?2 WHERE id=?1";
inline constexpr std::string_view kSourceIds = "SELECT id FROM source";
inline constexpr std::string_view kSecret = "SELECT key FROM secret";

// ?1 source id, ?2 how many
inline constexpr std::string_view kNextPages =
    "SELECT id, url, role, wanted_stamp, attempts, due, etag, last_modified, digest, pause, fruit, rank"
    " FROM page WHERE source=?1 AND state=0 ORDER BY due, rank, place LIMIT ?2";
inline constexpr std::string_view kLastPlace =
    "SELECT max(coalesce((SELECT place FROM page WHERE source=?1 AND state=0 AND due=0 AND rank=0 ORDER BY place DESC "
    "LIMIT 1), 0),"
    " coalesce((SELECT place FROM page WHERE source=?1 AND state=0 AND due=0 AND rank=1 ORDER BY place DESC LIMIT 1), "
    "0),"
    " coalesce((SELECT place FROM page WHERE source=?1 AND state=0 AND due=0 AND rank=2 ORDER BY place DESC LIMIT 1), "
    "0))";
// ?1 source id, ?2 key, ?3 url: two addresses may share a key
inline constexpr std::string_view kFindPage =
    "SELECT id, state, read_stamp, run, rests_until, fruit, read_at FROM page WHERE source=?1 AND key=?2 AND url=?3";
inline constexpr std::string_view kInsertPage =
    "INSERT INTO page(source, key, url, role, wanted_stamp, place, rank, run) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, 0)";
// What was given up after many attempts has one more each time that it is offered.
inline constexpr std::string_view kRequeuePage =
    "UPDATE page SET state=0, role=?2, wanted_stamp=?3, place=?4, rank=?5, due=0 WHERE id=?1";
inline constexpr std::string_view kHintPage =
    "UPDATE page SET state=0, wanted_stamp='', place=?2, rank=2, due=0 WHERE id=?1";
inline constexpr std::string_view kRestampPage = "UPDATE page SET role=?2, wanted_stamp=?3 WHERE id=?1";
// ?1 page id, ?2 run, ?3 etag, ?4 last_modified, ?5 digest, ?6 the stamp that it was read with, ?7 rests_until, ?8
// pause, ?9 fruit, ?10 now
inline constexpr std::string_view kFinishPage =
    "UPDATE page SET state=(wanted_stamp=?6), read_stamp=?6, run=?2, attempts=0, etag=?3, last_modified=?4, digest=?5,"
    " rests_until=?7, pause=?8, fruit=?9, read_at=?10 WHERE id=?1";
// ?1 source id, ?2 key, ?3 url, ?4 role, ?5 run, ?6 etag, ?7 last_modified, ?8 digest
inline constexpr std::string_view kInsertAlias =
    "INSERT INTO page(source, key, url, role, wanted_stamp, read_stamp, state, place, run, etag, last_modified, digest)"
    " VALUES(?1, ?2, ?3, ?4, '', '', 1, 0, ?5, ?6, ?7, ?8)";
// ?1 page id, ?2 run, ?3 etag, ?4 last_modified, ?5 digest
inline constexpr std::string_view kUpdateAlias =
    "UPDATE page SET run=?2, etag=?3, last_modified=?4, digest=?5 WHERE id=?1 AND state<>0";
inline constexpr std::string_view kRetryPage = "UPDATE page SET due=?2, attempts=?3 WHERE id=?1";
inline constexpr std::string_view kDropForGood =
    "UPDATE page SET state=2, read_stamp=wanted_stamp, run=?2, attempts=?3 WHERE id=?1";
inline constexpr std::string_view kDropForNow =
    "UPDATE page SET state=2, read_stamp=NULL, run=?2, attempts=?3 WHERE id=?1";

// ?1 source id
inline constexpr std::string_view kYields = "SELECT shape, fetches, posts, barren FROM yield WHERE source=?1";
inline constexpr std::string_view kForgiveYields = "UPDATE yield SET barren=barren/2 WHERE source=?1 AND barren>0";
inline constexpr std::string_view kSaveYield =
    "INSERT INTO yield(source, shape, fetches, posts, barren) VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT(source, shape)"
    " DO UPDATE SET fetches=excluded.fetches, posts=excluded.posts, barren=excluded.barren";

inline constexpr std::string_view kFindSource = "SELECT id, run, open, last_run, stamped FROM source WHERE name=?1";
inline constexpr std::string_view kAddSource = "INSERT INTO source(name) VALUES(?1)";
inline constexpr std::string_view kBeginRun = "UPDATE source SET run=?2, open=1, last_run=?3 WHERE id=?1";
// ?1 id, ?2 open, ?3 trouble, ?4 next_run, ?5 last_success or NULL to keep it
inline constexpr std::string_view kEndRun =
    "UPDATE source SET open=?2, trouble=?3, next_run=?4, last_success=coalesce(?5, last_success),"
    " bad_runs=iif(?3<>'', bad_runs+1, iif(?2=1, bad_runs, 0)) WHERE id=?1";
// ?1 id, ?2 pages, ?3 posts, ?4 new posts, ?5 the cursor or NULL to keep it
inline constexpr std::string_view kCountPages =
    "UPDATE source SET pages=pages+?2, posts=posts+?3, new_posts=new_posts+?4, cursor=coalesce(?5, cursor) WHERE "
    "id=?1";
inline constexpr std::string_view kCountError = "UPDATE source SET errors=errors+1 WHERE id=?1";
inline constexpr std::string_view kCursor = "SELECT cursor FROM source WHERE name=?1";
inline constexpr std::string_view kForgetCursor = "UPDATE source SET cursor='' WHERE name=?1";
inline constexpr std::string_view kStanding =
    "SELECT last_run, next_run, open=0 AND trouble='', paused FROM source WHERE name=?1";
inline constexpr std::string_view kPause =
    "INSERT INTO source(name, paused) VALUES(?1, ?2) ON CONFLICT(name) DO UPDATE SET paused=excluded.paused";
inline constexpr std::string_view kNoteTold = "UPDATE source SET told_broken=?2 WHERE name=?1";
// ?1 since, ?2 now
inline constexpr std::string_view kForgiveHosts =
    "UPDATE host SET failures=0, blocked_until=0 WHERE overloaded=0 AND last_failure>=?1";
inline constexpr std::string_view kForgiveSources =
    "UPDATE source SET next_run=?2 WHERE trouble<>'' AND next_run>?2 AND last_run>=?1";
inline constexpr std::string_view kHealth =
    "SELECT name, last_run, last_success, next_run, trouble,"
    " (SELECT count(*) FROM page WHERE page.source=source.id AND page.state=0),"
    " pages, posts, new_posts, errors, paused, bad_runs, told_broken FROM source ORDER BY name";

inline constexpr std::string_view kFindHost =
    "SELECT next_allowed, blocked_until, failures, overloaded, last_failure, day, requests FROM host WHERE name=?1";
inline constexpr std::string_view kSaveHost =
    "INSERT INTO host(name, next_allowed, blocked_until, failures, overloaded, last_failure, day, requests)"
    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT(name) DO UPDATE SET next_allowed=excluded.next_allowed,"
    " blocked_until=excluded.blocked_until, failures=excluded.failures, overloaded=excluded.overloaded,"
    " last_failure=excluded.last_failure, day=excluded.day, requests=excluded.requests";
inline constexpr std::string_view kStamped = "SELECT stamped FROM source WHERE name=?1";
inline constexpr std::string_view kNoteStamped = "UPDATE source SET stamped=1 WHERE id=?1";
inline constexpr std::string_view kFindSitemap = "SELECT read_at FROM sitemap WHERE url=?1";
inline constexpr std::string_view kSaveSitemap =
    "INSERT INTO sitemap(url, read_at) VALUES(?1, ?2) ON CONFLICT(url) DO UPDATE SET read_at=excluded.read_at";
inline constexpr std::string_view kAlarmTold = "SELECT told FROM alarm WHERE kind=?1";
inline constexpr std::string_view kSaveAlarm =
    "INSERT INTO alarm(kind, told) VALUES(?1, ?2) ON CONFLICT(kind) DO UPDATE SET told=excluded.told";
inline constexpr std::string_view kForgetAlarm = "DELETE FROM alarm WHERE kind=?1";
inline constexpr std::string_view kFindRobots = "SELECT status, body, fetched_at FROM robots WHERE origin=?1";
inline constexpr std::string_view kSaveRobots =
    "INSERT INTO robots(origin, status, body, fetched_at) VALUES(?1, ?2, ?3, ?4)"
    " ON CONFLICT(origin) DO UPDATE SET status=excluded.status, body=excluded.body, fetched_at=excluded.fetched_at";

}  // namespace sql

struct Blob {
  std::string_view bytes;
};

// A statement in use: the row it stands on, if any. Reset at the end of the scope, so that no read holds up a
// checkpoint.
class Row {
 public:
  Row(Statement& statement, bool found) : statement_(&statement), found_(found) {}
  Row(Row&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)), found_(other.found_) {}
  Row& operator=(Row&&) = delete;
  ~Row() {
    if (statement_ != nullptr) statement_->reset();
  }
  explicit operator bool() const { return found_; }
  const Statement* operator->() const { return statement_; }
  const Statement& operator*() const { return *statement_; }
  Result<bool> next() { return statement_->step(); }

 private:
  Statement* statement_;
  bool found_;
};

// Prepares each statement on its first use and keeps it. The texts are the constants above: they are told by address.
class Statements {
 public:
  explicit Statements(Database& database) : database_(&database) {}

  // The first row of a query.
  template <class... Values>
  Result<Row> first(std::string_view text, const Values&... values) {
    auto statement = prepared(text);
    if (!statement) return tl::unexpected(statement.error());
    (bind(**statement, values), ...);
    const auto found = (*statement)->step();
    if (found) return Row(**statement, *found);
    (*statement)->reset();
    return tl::unexpected(found.error());
  }

  template <class... Values>
  Status run(std::string_view text, const Values&... values) {
    const auto row = first(text, values...);
    if (!row) return tl::unexpected(row.error());
    return {};
  }

 private:
  Result<Statement*> prepared(std::string_view text) {
    const auto known = prepared_.find(text.data());
    if (known != prepared_.end()) return &known->second;
    auto statement = database_->prepare(text);
    if (!statement) return tl::unexpected(statement.error());
    return &prepared_.emplace(text.data(), std::move(*statement)).first->second;
  }

  static void bind(Statement& statement, std::int64_t value) { statement.bind(value); }
  static void bind(Statement& statement, std::uint64_t value) { statement.bind(static_cast<std::int64_t>(value)); }
  static void bind(Statement& statement, int value) { statement.bind(std::int64_t{value}); }
  static void bind(Statement& statement, std::string_view value) { statement.bind(value); }
  static void bind(Statement& statement, const std::string& value) { statement.bind(std::string_view(value)); }
  static void bind(Statement& statement, Blob value) { statement.bind_blob(value.bytes); }
  static void bind(Statement& statement, const std::optional<std::string>& value) {
    value ? statement.bind(std::string_view(*value)) : statement.bind_null();
  }
  static void bind(Statement& statement, const std::optional<std::int64_t>& value) { statement.bind_optional(value); }

  Database* database_;
  std::map<const char*, Statement> prepared_;
};

}  // namespace hw::crawler
