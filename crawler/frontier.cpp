#include "crawler/frontier.h"

#include <array>
#include <map>

#include "common/sqlite.h"
#include "crawler/frontier_store.h"

namespace hw::crawler {
namespace {

constexpr std::array kMigrations{sql::kFirstMigration, sql::kPauses};

struct SourceRow {
  std::int64_t id = 0;
  std::int64_t run = 0;
  std::int64_t place = 0;  // of what was queued last; only the order counts
};

struct KnownPage {
  std::int64_t id;
  bool queued;
  std::optional<std::string> read_stamp;
  std::int64_t run;
};

// An address is read again when its stamp says that something changed. Without a stamp it is read once a run.
bool needs_reading(const KnownPage& page, const std::string& stamp, std::int64_t run) {
  if (page.run != run) return stamp.empty() || page.read_stamp != stamp;
  const bool stamped_before = page.read_stamp && !page.read_stamp->empty();
  return !stamp.empty() && stamped_before && page.read_stamp != stamp;
}

std::optional<Time> time_at(const Statement& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return from_millis(row.integer(column));
}

QueuedPage page_of(const Statement& row) {
  QueuedPage page;
  page.id = row.integer(0);
  page.request = {std::string(row.text(1)), static_cast<PageRole>(row.integer(2)), std::string(row.text(3))};
  page.attempts = static_cast<int>(row.integer(4));
  page.due = from_millis(row.integer(5));
  page.known = {std::string(row.text(6)), std::string(row.text(7)), std::string(row.blob(8))};
  return page;
}

SourceHealth health_of(const Statement& row) {
  SourceHealth health;
  health.source = row.text(0);
  health.last_run = time_at(row, 1);
  health.last_success = time_at(row, 2);
  health.next_run = time_at(row, 3);
  health.trouble = row.text(4);
  health.queued = static_cast<std::size_t>(row.integer(5));
  health.pages = static_cast<std::uint64_t>(row.integer(6));
  health.posts = static_cast<std::uint64_t>(row.integer(7));
  health.new_posts = static_cast<std::uint64_t>(row.integer(8));
  health.errors = static_cast<std::uint64_t>(row.integer(9));
  health.paused = row.integer(10) != 0;
  health.bad_runs = static_cast<int>(row.integer(11));
  health.told_broken = time_at(row, 12);
  return health;
}

}  // namespace

struct Frontier::Impl {
  Impl(Database opened, const Clock& given) : database(std::move(opened)), statements(database), clock(given) {}

  Result<SourceRow*> source(std::string_view name);
  Result<std::optional<KnownPage>> find(std::int64_t source, std::string_view url);
  Result<bool> add(SourceRow& source, const Request& request);
  Result<Added> add_all(SourceRow& source, const std::vector<Request>& requests);
  Status record(SourceRow& source, const QueuedPage& page, const PageDone& outcome);
  template <class Work>
  auto in_transaction(Work work) -> decltype(work());

  Database database;
  Statements statements;
  const Clock& clock;
  std::map<std::string, SourceRow, std::less<>> sources;
};

template <class Work>
auto Frontier::Impl::in_transaction(Work work) -> decltype(work()) {
  auto transaction = Transaction::begin(database);
  if (!transaction) return tl::unexpected(transaction.error());
  auto result = work();
  const Status committed = result ? transaction->commit() : tl::unexpected(result.error());
  if (committed) return result;
  sources.clear();  // what was remembered of them may have been rolled back
  return tl::unexpected(committed.error());
}

// The row of a source, added on its first use.
Result<SourceRow*> Frontier::Impl::source(std::string_view name) {
  if (const auto known = sources.find(name); known != sources.end()) return &known->second;
  SourceRow source;
  {
    const auto row = statements.first(sql::kFindSource, name);
    if (!row) return tl::unexpected(row.error());
    if (*row) source = {(*row)->integer(0), (*row)->integer(1), 0};
  }
  if (source.id == 0) {
    if (auto added = statements.run(sql::kAddSource, name); !added) return tl::unexpected(added.error());
    source.id = database.last_row_id();
  }
  const auto last = statements.first(sql::kLastPlace, source.id);
  if (!last) return tl::unexpected(last.error());
  if (*last) source.place = (*last)->integer(0);
  return &sources.emplace(name, source).first->second;
}

Result<std::optional<KnownPage>> Frontier::Impl::find(std::int64_t source, std::string_view url) {
  const auto row = statements.first(sql::kFindPage, source, url);
  if (!row) return tl::unexpected(row.error());
  if (!*row) return std::optional<KnownPage>();
  KnownPage page{(*row)->integer(0), (*row)->integer(1) == 0, std::nullopt, (*row)->integer(3)};
  if (!(*row)->is_null(2)) page.read_stamp = (*row)->text(2);
  return std::optional<KnownPage>(std::move(page));
}

// True when it was queued.
Result<bool> Frontier::Impl::add(SourceRow& source, const Request& request) {
  const auto known = find(source.id, request.url);
  if (!known) return tl::unexpected(known.error());
  const int role = static_cast<int>(request.role);
  Status done;
  const bool queue = !*known || (!(*known)->queued && needs_reading(**known, request.stamp, source.run));
  if (!*known)
    done = statements.run(sql::kInsertPage, source.id, request.url, role, request.stamp, ++source.place);
  else if (queue)
    done = statements.run(sql::kRequeuePage, (*known)->id, role, request.stamp, ++source.place);
  else if ((*known)->queued)
    done = statements.run(sql::kRestampPage, (*known)->id, role, request.stamp);
  if (!done) return tl::unexpected(done.error());
  return queue;
}

Result<Added> Frontier::Impl::add_all(SourceRow& source, const std::vector<Request>& requests) {
  Added added;
  for (const Request& request : requests) {
    const auto queued = add(source, request);
    if (!queued) return tl::unexpected(queued.error());
    ++(*queued ? added.queued : added.skipped);
  }
  return added;
}

Status Frontier::Impl::record(SourceRow& source, const QueuedPage& page, const PageDone& outcome) {
  const Validators& known = outcome.validators;
  auto done =
      statements.run(sql::kFinishPage, page.id, source.run, known.etag, known.last_modified, Blob{known.digest});
  for (std::size_t i = 0; done && i < outcome.also.size(); ++i)
    done = statements.run(sql::kAliasPage, source.id, outcome.also[i], static_cast<int>(page.request.role), source.run,
                          known.etag, known.last_modified, Blob{known.digest});
  if (done) done = statements.run(sql::kCountPage, source.id, outcome.posts, outcome.new_posts, outcome.cursor);
  return done;
}

Frontier::Frontier(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Frontier::Frontier(Frontier&&) noexcept = default;
Frontier& Frontier::operator=(Frontier&&) noexcept = default;
Frontier::~Frontier() = default;

Result<Frontier> Frontier::open(const std::filesystem::path& file, const Clock& clock) {
  auto database = Database::open(file, Durability::normal);
  if (!database) return within("frontier", database.error());
  if (auto migrated = database->migrate(kMigrations); !migrated) return within("frontier", migrated.error());
  return Frontier(std::make_unique<Impl>(std::move(*database), clock));
}

std::string Frontier::cursor(std::string_view source) const {
  const auto row = impl_->statements.first(sql::kCursor, source);
  return row && *row ? std::string((*row)->text(0)) : std::string();
}

Time Frontier::due(std::string_view source) const { return standing(source).next_run.value_or(Time{}); }

SourceStanding Frontier::standing(std::string_view name) const {
  SourceStanding standing;
  const auto row = impl_->statements.first(sql::kStanding, name);
  if (!row || !*row) return standing;
  standing.last_run = time_at(**row, 0);
  standing.next_run = time_at(**row, 1);
  standing.well = (*row)->integer(2) != 0;
  standing.paused = (*row)->integer(3) != 0;
  return standing;
}

Status Frontier::pause(std::string_view name) { return impl_->statements.run(sql::kPause, name, 1); }

Status Frontier::resume(std::string_view name) { return impl_->statements.run(sql::kPause, name, 0); }

Status Frontier::note_told(std::string_view name, bool broken) {
  std::optional<std::int64_t> when;
  if (broken) when = to_millis(impl_->clock.now());
  return impl_->statements.run(sql::kNoteTold, name, when);
}

Status Frontier::forgive(Time since) {
  return impl_->in_transaction([&]() -> Status {
    if (auto hosts = impl_->statements.run(sql::kForgiveHosts, to_millis(since)); !hosts) return hosts;
    return impl_->statements.run(sql::kForgiveSources, to_millis(since), to_millis(impl_->clock.now()));
  });
}

Status Frontier::forget_cursor(std::string_view source) { return impl_->statements.run(sql::kForgetCursor, source); }

Result<std::vector<SourceHealth>> Frontier::health() const {
  std::vector<SourceHealth> out;
  auto row = impl_->statements.first(sql::kHealth);
  if (!row) return tl::unexpected(row.error());
  Result<bool> more = static_cast<bool>(*row);
  while (more && *more) {
    out.push_back(health_of(**row));
    more = row->next();
  }
  if (!more) return tl::unexpected(more.error());
  return out;
}

Result<Added> Frontier::begin_run(std::string_view name, const std::vector<Request>& entry, Duration every) {
  return impl_->in_transaction([&]() -> Result<Added> {
    const auto source = impl_->source(name);
    if (!source) return tl::unexpected(source.error());
    const Time now = impl_->clock.now();
    bool continued = false;
    {
      const auto row = impl_->statements.first(sql::kFindSource, name);
      if (!row) return tl::unexpected(row.error());
      continued = (*row)->integer(2) != 0 && now < from_millis((*row)->integer(3)) + every;
    }
    if (!continued) {
      auto begun = impl_->statements.run(sql::kBeginRun, (*source)->id, ++(*source)->run, to_millis(now));
      if (!begun) return tl::unexpected(begun.error());
    }
    return impl_->add_all(**source, entry);
  });
}

Result<std::optional<QueuedPage>> Frontier::next(std::string_view name) const {
  const auto source = impl_->source(name);
  if (!source) return tl::unexpected(source.error());
  const auto row = impl_->statements.first(sql::kNextPage, (*source)->id);
  if (!row) return tl::unexpected(row.error());
  return *row ? std::optional(page_of(**row)) : std::nullopt;
}

Status Frontier::end_run(std::string_view name, RunEnd end, std::string_view trouble, Time next_run) {
  const auto source = impl_->source(name);
  if (!source) return tl::unexpected(source.error());
  std::optional<std::int64_t> success;
  if (end == RunEnd::finished && trouble.empty()) success = to_millis(impl_->clock.now());
  const int open = end == RunEnd::cut_short ? 1 : 0;
  return impl_->statements.run(sql::kEndRun, (*source)->id, open, trouble, to_millis(next_run), success);
}

Result<Added> Frontier::done(std::string_view name, const QueuedPage& page, const PageDone& outcome) {
  return impl_->in_transaction([&]() -> Result<Added> {
    const auto source = impl_->source(name);
    if (!source) return tl::unexpected(source.error());
    if (auto recorded = impl_->record(**source, page, outcome); !recorded) return tl::unexpected(recorded.error());
    return impl_->add_all(**source, outcome.follow);
  });
}

Status Frontier::unchanged(std::string_view name, const QueuedPage& page, const Validators& known) {
  const auto source = impl_->source(name);
  if (!source) return tl::unexpected(source.error());
  return impl_->statements.run(sql::kFinishPage, page.id, (*source)->run, known.etag, known.last_modified,
                               Blob{known.digest});
}

Status Frontier::retry(std::string_view name, const QueuedPage& page, Time due) {
  return impl_->in_transaction([&]() -> Status {
    const auto source = impl_->source(name);
    if (!source) return tl::unexpected(source.error());
    if (auto queued = impl_->statements.run(sql::kRetryPage, page.id, to_millis(due), page.attempts); !queued)
      return queued;
    return impl_->statements.run(sql::kCountError, (*source)->id);
  });
}

Status Frontier::drop(std::string_view name, const QueuedPage& page, Dropped why) {
  return impl_->in_transaction([&]() -> Status {
    const auto source = impl_->source(name);
    if (!source) return tl::unexpected(source.error());
    const bool for_good = why == Dropped::gone || why == Dropped::unwanted;
    const int attempts = why == Dropped::exhausted ? page.attempts : 0;
    auto dropped =
        impl_->statements.run(for_good ? sql::kDropForGood : sql::kDropForNow, page.id, (*source)->run, attempts);
    if (!dropped || why == Dropped::unwanted || why == Dropped::forbidden) return dropped;
    return impl_->statements.run(sql::kCountError, (*source)->id);
  });
}

Result<bool> Frontier::covered(std::string_view name, std::string_view url) const {
  const auto source = impl_->source(name);
  if (!source) return tl::unexpected(source.error());
  const auto known = impl_->find((*source)->id, url);
  if (!known) return tl::unexpected(known.error());
  return *known && ((*known)->queued || (*known)->run == (*source)->run);
}

Result<HostState> Frontier::host(std::string_view name) const {
  const auto row = impl_->statements.first(sql::kFindHost, name);
  if (!row) return tl::unexpected(row.error());
  if (!*row) return HostState{};
  const Statement& found = **row;
  return HostState{from_millis(found.integer(0)), from_millis(found.integer(1)), static_cast<int>(found.integer(2)),
                   found.integer(3) != 0, from_millis(found.integer(4))};
}

Status Frontier::save_host(std::string_view name, const HostState& state) {
  return impl_->statements.run(sql::kSaveHost, name, to_millis(state.next_allowed), to_millis(state.blocked_until),
                               state.failures, state.overloaded ? 1 : 0, to_millis(state.last_failure));
}

Result<std::optional<RobotsRecord>> Frontier::robots(std::string_view origin) const {
  const auto row = impl_->statements.first(sql::kFindRobots, origin);
  if (!row) return tl::unexpected(row.error());
  if (!*row) return std::optional<RobotsRecord>();
  const Statement& found = **row;
  return std::optional(
      RobotsRecord{static_cast<int>(found.integer(0)), std::string(found.blob(1)), from_millis(found.integer(2))});
}

Status Frontier::save_robots(std::string_view origin, const RobotsRecord& record) {
  return impl_->statements.run(sql::kSaveRobots, origin, record.status, Blob{record.body},
                               to_millis(record.fetched_at));
}

}  // namespace hw::crawler
