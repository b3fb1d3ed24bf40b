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
  const auto row = statements.first(sql::kFindPage, source, url);
  if (!row) return tl::unexpected(row.error());
  if (!*row) return std::optional<KnownPage>();
  KnownPage page{(*row)->integer(0), (*row)->integer(1) == 0,         std::nullopt,
                 (*row)->integer(3), from_millis((*row)->integer(4)), (*row)->integer(5)};
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
  const std::uint64_t key = Offers::key(source.id, source.run, request);
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
    done = statements.run(sql::kInsertPage, source.id, request.url, role, request.stamp, ++source.place,
                          static_cast<int>(rank));
  if (!done) return tl::unexpected(done.error());
  // What was read ahead may hold the page with another stamp, or pages that come after it.
  const bool later_ahead = !source.next.empty() && (source.next.back().due > Time{} || source.next.back().rank > rank);
  if ((known && known->queued) || (queue && later_ahead)) source.next.clear();
  return queue;
}

Result<Added> Frontier::Impl::add_all(SourceRow& source, const std::vector<Request>& requests) {
  Added added;
  for (const Request& request : requests) {
    const auto queued = add(source, request);
    if (!queued) return tl::unexpected(queued.error());
    ++(*queued ? added.queued : added.skipped);
    if (*queued && request.role == PageRole::thread) ++added.threads;
  }
  return added;
}

Status Frontier::Impl::record(SourceRow& source, const QueuedPage& page, const PageDone& outcome) {
  const Validators& known = outcome.validators;
  const Duration pause = pause_after(Found::changed, page.pause, source.every, outcome.newest_post, clock.now());
  auto done = finish(source, page, known, pause, fruit_after(page.fruit, outcome.new_posts));
  for (std::size_t i = 0; done && i < outcome.also.size(); ++i)
    done = statements.run(sql::kAliasPage, source.id, outcome.also[i], static_cast<int>(page.request.role), source.run,
                          known.etag, known.last_modified, Blob{known.digest});
  if (done) done = statements.run(sql::kCountPage, source.id, outcome.posts, outcome.new_posts, outcome.cursor);
  return done;
}

// Of a page that was read for the first time.
Status Frontier::Impl::note_yield(SourceRow& source, const QueuedPage& page, const PageDone& outcome,
                                  const Added& added) {
  const std::uint64_t shape = shape_of(page.request.url);
  if (page.known != Validators{} || (source.yields.size() >= kMostShapes && !source.yields.contains(shape))) return {};
  Yield& yield = source.yields[shape];
  note_first_reading(yield, outcome.new_posts, added.threads > 0);
  return statements.run(sql::kSaveYield, source.id, shape, yield.fetches, yield.posts, yield.barren);
}

Status Frontier::Impl::finish(SourceRow& source, const QueuedPage& page, const Validators& known, Duration pause,
                              std::int64_t fruit) {
  source.take(page.id);
  const Time rests = rest_until(pause, source.every, clock.now());
  return statements.run(sql::kFinishPage, page.id, source.run, known.etag, known.last_modified, Blob{known.digest},
                        page.request.stamp, to_millis(rests), pause.count(), fruit);
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
