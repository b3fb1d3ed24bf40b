#include <utility>

#include "crawler/frontier_impl.h"
#include "crawler/revisit.h"
#include "crawler/traps.h"

namespace hw::crawler {
namespace {

constexpr std::size_t kReadAhead = 64;
constexpr std::size_t kMostShapes = 4096;  // of a source; more than that have nothing in common

QueuedPage page_of(const Statement& row) {
  QueuedPage page;
  page.id = row.integer(0);
  page.request = {std::string(row.text(1)), static_cast<PageRole>(row.integer(2)), std::string(row.text(3))};
  page.attempts = static_cast<int>(row.integer(4));
  page.due = from_millis(row.integer(5));
  page.known = {std::string(row.text(6)), std::string(row.text(7)), std::string(row.blob(8))};
  page.pause = Duration(row.integer(9));
  page.fruit = row.integer(10);
  page.rank = static_cast<Rank>(row.integer(11));
  return page;
}

}  // namespace

// The file's own secret, and the keys of pages that an older version wrote.
Status Frontier::Impl::prepare() {
  std::vector<std::int64_t> ids;
  {
    const auto secret = statements.first(sql::kSecret);
    if (!secret) return tl::unexpected(secret.error());
    if (*secret) key_of = PageKey((*secret)->blob(0));
    auto row = statements.first(sql::kSourceIds);
    if (!row) return tl::unexpected(row.error());
    Result<bool> more = static_cast<bool>(*row);
    for (; more && *more; more = row->next()) ids.push_back((*row)->integer(0));
    if (!more) return tl::unexpected(more.error());
  }
  for (const std::int64_t id : ids)
    if (auto filled = fill_in_keys(id); !filled) return filled;
  return {};
}

// A thousand at a time: what a killed process left undone is done at the next opening.
Status Frontier::Impl::fill_in_keys(std::int64_t source) {
  for (std::vector<std::pair<std::int64_t, std::uint64_t>> keys;; keys.clear()) {
    {
      auto row = statements.first(sql::kPagesWithoutKey, source);
      if (!row) return tl::unexpected(row.error());
      Result<bool> more = static_cast<bool>(*row);
      for (; more && *more; more = row->next()) keys.emplace_back((*row)->integer(0), key_of((*row)->text(1)));
      if (!more) return tl::unexpected(more.error());
    }
    if (keys.empty()) return {};
    const auto filled = in_transaction([&]() -> Status {
      Status done;
      for (std::size_t i = 0; done && i < keys.size(); ++i)
        done = statements.run(sql::kGiveKey, keys[i].first, keys[i].second);
      return done;
    });
    if (!filled) return filled;
  }
}

// The row of a source, added on its first use.
Result<SourceRow*> Frontier::Impl::source(std::string_view name) {
  if (const auto known = sources.find(name); known != sources.end()) return &known->second;
  SourceRow source;
  {
    const auto row = statements.first(sql::kFindSource, name);
    if (!row) return tl::unexpected(row.error());
    if (*row) {
      source.id = (*row)->integer(0);
      source.run = (*row)->integer(1);
      source.stamped = (*row)->integer(4) != 0;
    }
  }
  if (source.id == 0) {
    if (auto added = statements.run(sql::kAddSource, name); !added) return tl::unexpected(added.error());
    source.id = database.last_row_id();
  }
  {
    const auto last = statements.first(sql::kLastPlace, source.id);
    if (!last) return tl::unexpected(last.error());
    if (*last) source.place = (*last)->integer(0);
  }
  if (auto read = read_yields(source); !read) return tl::unexpected(read.error());
  return &sources.emplace(name, source).first->second;
}

Status Frontier::Impl::read_yields(SourceRow& source) {
  auto row = statements.first(sql::kYields, source.id);
  if (!row) return tl::unexpected(row.error());
  Result<bool> more = static_cast<bool>(*row);
  while (more && *more) {
    const Statement& found = **row;
    source.yields[static_cast<std::uint64_t>(found.integer(0))] = {found.integer(1), found.integer(2),
                                                                   found.integer(3)};
    more = row->next();
  }
  return more ? Status() : tl::unexpected(more.error());
}

Result<std::optional<KnownPage>> Frontier::Impl::find(std::int64_t source, std::string_view url) {
  const auto row = statements.first(sql::kFindPage, source, key_of(url), url);
  if (!row) return tl::unexpected(row.error());
  if (!*row) return std::optional<KnownPage>();
  KnownPage page;
  page.id = (*row)->integer(0);
  page.queued = (*row)->integer(1) == 0;
  page.read = (*row)->integer(1) == 1;
  page.run = (*row)->integer(3);
  page.rests_until = from_millis((*row)->integer(4));
  page.fruit = (*row)->integer(5);
  page.read_at = from_millis((*row)->integer(6));
  if (!(*row)->is_null(2)) page.read_stamp = (*row)->text(2);
  return std::optional<KnownPage>(std::move(page));
}

// An address is read again when its stamp says that something changed. Without a stamp it is read once a run, and an
// entry always; other pages when they have rested.
bool Frontier::Impl::needs_reading(const KnownPage& page, const Request& request, std::int64_t run) const {
  const bool differs = page.read_stamp != request.stamp;
  if (page.run == run) return differs && !request.stamp.empty() && page.read_stamp && !page.read_stamp->empty();
  if (!request.stamp.empty()) return differs;
  return request.role == PageRole::entry || page.rests_until <= clock.now();
}

// True when it was queued.
Result<bool> Frontier::Impl::add(SourceRow& source, const Request& request) {
  const std::uint64_t key = Offers::key(key_of, source.id, source.run, request);
  if (offers.hold(key)) return false;
  const auto queued = offer(source, request);
  if (queued) offers.note(key);
  return queued;
}

Result<bool> Frontier::Impl::offer(SourceRow& source, const Request& request) {
  const auto found = find(source.id, request.url);
  if (!found) return tl::unexpected(found.error());
  const std::optional<KnownPage>& known = *found;
  const auto yield = source.yields.find(shape_of(request.url));
  const Yield of_its_kind = yield == source.yields.end() ? Yield{} : yield->second;
  const int role = static_cast<int>(request.role);
  const bool queue = known ? !known->queued && needs_reading(*known, request, source.run) : !starved(of_its_kind);
  const Rank rank = rank_of(of_its_kind, known ? known->fruit : 0);
  Status done;
  if (known && queue)
    done = statements.run(sql::kRequeuePage, known->id, role, request.stamp, ++source.place, static_cast<int>(rank));
  else if (known && known->queued)
    done = statements.run(sql::kRestampPage, known->id, role, request.stamp);
  else if (queue)
    done = statements.run(sql::kInsertPage, source.id, key_of(request.url), request.url, role, request.stamp,
                          ++source.place, static_cast<int>(rank));
  if (!done) return tl::unexpected(done.error());
  // What was read ahead may hold the page with another stamp, or pages that come after it.
  const bool later_ahead = !source.next.empty() && (source.next.back().due > Time{} || source.next.back().rank > rank);
  if ((known && known->queued) || (queue && later_ahead)) source.next.clear();
  return queue;
}

Result<Added> Frontier::Impl::add_all(SourceRow& source, const std::vector<Request>& requests) {
  Added added;
  for (const Request& request : requests) {
    if (!source.stamped && !request.stamp.empty()) {
      source.stamped = true;
      if (auto noted = statements.run(sql::kNoteStamped, source.id); !noted) return tl::unexpected(noted.error());
    }
    const auto queued = add(source, request);
    if (!queued) return tl::unexpected(queued.error());
    ++(*queued ? added.queued : added.skipped);
    if (*queued && request.role == PageRole::thread) ++added.threads;
  }
  return added;
}

Result<bool> Frontier::Impl::hint(SourceRow& source, std::string_view url, std::optional<Time> when, bool fresh) {
  const auto found = find(source.id, url);
  if (!found) return tl::unexpected(found.error());
  const std::optional<KnownPage>& known = *found;
  if (known) {
    const bool plain = known->read && known->read_stamp == "";
    if (!plain || !when || *when <= known->read_at || *when > clock.now()) return false;
  } else {
    const auto yield = source.yields.find(shape_of(url));
    if (!fresh || yield == source.yields.end() || yield->second.posts == 0 || starved(yield->second)) return false;
  }
  source.next.clear();  // what was read ahead may come later
  const auto queued =
      known ? statements.run(sql::kHintPage, known->id, ++source.place)
            : statements.run(sql::kInsertPage, source.id, key_of(url), url, static_cast<int>(PageRole::thread),
                             std::string_view(), ++source.place, static_cast<int>(Rank::starving));
  return queued ? Result<bool>(true) : tl::unexpected(queued.error());
}

Status Frontier::Impl::record(SourceRow& source, const QueuedPage& page, const PageDone& outcome) {
  const Validators& known = outcome.validators;
  const Duration pause = pause_after(Found::changed, page.pause, source.every, outcome.newest_post, clock.now());
  auto done = finish(source, page, known, pause, fruit_after(page.fruit, outcome.new_posts));
  for (std::size_t i = 0; done && i < outcome.also.size(); ++i)
    done = note_alias(source, outcome.also[i], page.request.role, known);
  if (!std::exchange(source.changed, true)) changed.push_back(&source);
  ++source.pages;
  source.posts += outcome.posts;
  source.new_posts += outcome.new_posts;
  if (outcome.cursor) source.cursor = outcome.cursor;
  return done;
}

// An address that a page was redirected to: read by the same request, unless it is queued itself.
Status Frontier::Impl::note_alias(SourceRow& source, const std::string& url, PageRole role, const Validators& known) {
  const auto found = find(source.id, url);
  if (!found) return tl::unexpected(found.error());
  if (*found)
    return statements.run(sql::kUpdateAlias, (*found)->id, source.run, known.etag, known.last_modified,
                          Blob{known.digest});
  return statements.run(sql::kInsertAlias, source.id, key_of(url), url, static_cast<int>(role), source.run, known.etag,
                        known.last_modified, Blob{known.digest});
}

// What every page changes is written once for all pages of a transaction.
Status Frontier::Impl::write_counts() {
  Status done;
  for (std::size_t i = 0; done && i < changed.size(); ++i) done = write_counts(*changed[i]);
  if (done) changed.clear();
  return done;
}

Status Frontier::Impl::write_counts(SourceRow& source) {
  Status done;
  for (const std::uint64_t shape : source.changed_yields) {
    const Yield& yield = source.yields[shape];
    if (done) done = statements.run(sql::kSaveYield, source.id, shape, yield.fetches, yield.posts, yield.barren);
  }
  source.changed_yields.clear();
  source.changed = false;
  if (done)
    done = statements.run(sql::kCountPages, source.id, source.pages, source.posts, source.new_posts, source.cursor);
  source.pages = source.posts = source.new_posts = 0;
  source.cursor.reset();
  return done;
}

// Of a page that was read for the first time.
void Frontier::Impl::note_yield(SourceRow& source, const QueuedPage& page, const PageDone& outcome,
                                const Added& added) {
  const std::uint64_t shape = shape_of(page.request.url);
  if (page.known != Validators{} || (source.yields.size() >= kMostShapes && !source.yields.contains(shape))) return;
  note_first_reading(source.yields[shape], outcome.new_posts, added.threads > 0);
  source.changed_yields.insert(shape);
}

Status Frontier::Impl::finish(SourceRow& source, const QueuedPage& page, const Validators& known, Duration pause,
                              std::int64_t fruit) {
  source.take(page.id);
  const Time rests = rest_until(pause, source.every, clock.now());
  return statements.run(sql::kFinishPage, page.id, source.run, known.etag, known.last_modified, Blob{known.digest},
                        page.request.stamp, to_millis(rests), pause.count(), fruit, to_millis(clock.now()));
}

Status Frontier::Impl::read_ahead(SourceRow& source) {
  auto row = statements.first(sql::kNextPages, source.id, kReadAhead + source.given.size());
  if (!row) return tl::unexpected(row.error());
  Result<bool> more = static_cast<bool>(*row);
  while (more && *more) {
    if (!source.given.contains((*row)->integer(0))) source.next.push_back(page_of(**row));
    more = row->next();
  }
  return more ? Status() : tl::unexpected(more.error());
}

}  // namespace hw::crawler
