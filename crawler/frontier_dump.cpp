#include <fmt/format.h>

#include "common/url.h"
#include "crawler/frontier_impl.h"

namespace hw::crawler {
namespace {

// One kind of entry: how SQLite writes its rows as JSON, and how it reads one (?1) back.
struct Kind {
  std::string_view name;
  std::string_view dump;
  std::string_view restore;
};

constexpr Kind kKinds[] = {
    {"source",
     "SELECT json_object('entry', 'source', 'name', name, 'cursor', cursor, 'run', run, 'open', open, 'last_run',"
     " last_run, 'last_success', last_success, 'next_run', next_run, 'trouble', trouble, 'pages', pages, 'posts', "
     "posts,"
     " 'new_posts', new_posts, 'errors', errors, 'paused', paused, 'stamped', stamped) FROM source ORDER BY id",
     "INSERT INTO source(name, cursor, run, open, last_run, last_success, next_run, trouble, pages, posts, new_posts,"
     " errors, paused, stamped) VALUES(json_extract(?1,'$.name'), json_extract(?1,'$.cursor'), "
     "json_extract(?1,'$.run'),"
     " json_extract(?1,'$.open'), json_extract(?1,'$.last_run'), json_extract(?1,'$.last_success'),"
     " json_extract(?1,'$.next_run'), json_extract(?1,'$.trouble'), json_extract(?1,'$.pages'),"
     " json_extract(?1,'$.posts'), json_extract(?1,'$.new_posts'), json_extract(?1,'$.errors'),"
     " json_extract(?1,'$.paused'), coalesce(json_extract(?1,'$.stamped'), 0))"},
    {"page",
     "SELECT json_object('entry', 'page', 'source', source.name, 'url', url, 'role', role, 'wanted_stamp', "
     "wanted_stamp,"
     " 'read_stamp', read_stamp, 'state', state, 'place', place, 'due', due, 'attempts', attempts, 'run', page.run,"
     " 'etag', etag, 'last_modified', last_modified, 'digest', CAST(digest AS TEXT), 'rank', rank, 'fruit', fruit,"
     " 'pause', pause, 'rests_until', rests_until, 'read_at', read_at) FROM page JOIN source ON source.id=page.source "
     "ORDER BY page.id",
     "INSERT INTO page(source, url, role, wanted_stamp, read_stamp, state, place, due, attempts, run, etag,"
     " last_modified, digest, rank, fruit, pause, rests_until, read_at, key) SELECT source.id, "
     "json_extract(?1,'$.url'),"
     " json_extract(?1,'$.role'), json_extract(?1,'$.wanted_stamp'), json_extract(?1,'$.read_stamp'),"
     " json_extract(?1,'$.state'), json_extract(?1,'$.place'), json_extract(?1,'$.due'), json_extract(?1,'$.attempts'),"
     " json_extract(?1,'$.run'), json_extract(?1,'$.etag'), json_extract(?1,'$.last_modified'),"
     " CAST(json_extract(?1,'$.digest') AS BLOB), json_extract(?1,'$.rank'), json_extract(?1,'$.fruit'),"
     " json_extract(?1,'$.pause'), json_extract(?1,'$.rests_until'), coalesce(json_extract(?1,'$.read_at'), 0), ?2"
     " FROM source"
     " WHERE source.name=json_extract(?1,'$.source') AND json_extract(?1,'$.role') BETWEEN 0 AND 2"
     " AND json_extract(?1,'$.state') BETWEEN 0 AND 2 AND json_extract(?1,'$.rank') BETWEEN 0 AND 2"
     " AND NOT EXISTS(SELECT 1 FROM page WHERE page.source=source.id AND key=?2 AND url=json_extract(?1,'$.url'))"},
    {"host",
     "SELECT json_object('entry', 'host', 'name', name, 'next_allowed', next_allowed, 'blocked_until', blocked_until,"
     " 'failures', failures, 'overloaded', overloaded, 'last_failure', last_failure, 'day', day, 'requests', requests)"
     " FROM host ORDER BY name",
     "INSERT INTO host(name, next_allowed, blocked_until, failures, overloaded, last_failure, day, requests)"
     " VALUES(json_extract(?1,'$.name'), json_extract(?1,'$.next_allowed'), json_extract(?1,'$.blocked_until'),"
     " json_extract(?1,'$.failures'), json_extract(?1,'$.overloaded'), json_extract(?1,'$.last_failure'),"
     " coalesce(json_extract(?1,'$.day'), 0), coalesce(json_extract(?1,'$.requests'), 0))"},
    {"yield",
     "SELECT json_object('entry', 'yield', 'source', source.name, 'shape', shape, 'fetches', fetches, 'posts',"
     " yield.posts, 'barren', barren) FROM yield JOIN source ON source.id=yield.source ORDER BY source.id, shape",
     "INSERT INTO yield(source, shape, fetches, posts, barren) SELECT source.id, json_extract(?1,'$.shape'),"
     " json_extract(?1,'$.fetches'), json_extract(?1,'$.posts'), json_extract(?1,'$.barren') FROM source"
     " WHERE source.name=json_extract(?1,'$.source')"},
};

constexpr std::string_view kAnySource = "SELECT 1 FROM source LIMIT 1";
constexpr std::string_view kWhatEntry =
    "SELECT CASE WHEN json_valid(?1) THEN json_extract(?1,'$.entry') END,"
    " CASE WHEN json_valid(?1) THEN json_extract(?1,'$.url') END";

const Kind* kind_named(std::string_view name) {
  for (const Kind& kind : kKinds)
    if (kind.name == name) return &kind;
  return nullptr;
}

// What is wrong with a line stands with its number, never with its content.
tl::unexpected<Error> bad_line(std::uint64_t number, std::string_view why) {
  return fail(ErrorCode::malformed, fmt::format("line {}: {}; nothing was restored", number, why));
}

Status restore_line(Database& database, Statements& statements, const PageKey& key_of, std::string_view line,
                    std::uint64_t number) {
  const Kind* kind = nullptr;
  std::uint64_t key = 0;
  {
    const auto entry = statements.first(kWhatEntry, line);
    if (!entry || !*entry) return bad_line(number, "it cannot be read");
    kind = kind_named((*entry)->text(0));
    if (kind == nullptr) return bad_line(number, "it is no entry of a frontier's dump");
    key = key_of((*entry)->text(1));
    if (kind->name == "page" && !parse_url((*entry)->text(1)))
      return bad_line(number, "its url is no address of a page");
  }
  const auto restored =
      kind->name == "page" ? statements.run(kind->restore, line, key) : statements.run(kind->restore, line);
  if (!restored && restored.error().code == ErrorCode::disk_full) return restored;
  if (!restored) return bad_line(number, fmt::format("the {} lacks a field, or is there twice", kind->name));
  if (database.changes() != 1)
    return bad_line(number, fmt::format("the {} is of no source above it, out of range, or there twice", kind->name));
  return {};
}

}  // namespace

Status Frontier::dump(const std::function<void(std::string_view line)>& line) const {
  for (const Kind& kind : kKinds) {
    auto row = impl_->statements.first(kind.dump);
    if (!row) return tl::unexpected(row.error());
    Result<bool> more = static_cast<bool>(*row);
    while (more && *more) {
      line((*row)->text(0));
      more = row->next();
    }
    if (!more) return tl::unexpected(more.error());
  }
  return {};
}

Status Frontier::restore(const std::function<std::optional<std::string>()>& next) {
  auto restored = impl_->in_transaction([&]() -> Status {
    {
      const auto known = impl_->statements.first(kAnySource);
      if (!known) return tl::unexpected(known.error());
      if (*known)
        return fail(
            ErrorCode::refused,
            "this frontier knows sources already, and a dump goes into an empty one; move frontier.db away first");
    }
    std::uint64_t number = 0;
    for (auto line = next(); line; line = next())
      if (auto added = restore_line(impl_->database, impl_->statements, impl_->key_of, *line, ++number); !added)
        return added;
    return {};
  });
  impl_->sources.clear();
  impl_->changed.clear();
  return restored;
}

}  // namespace hw::crawler
