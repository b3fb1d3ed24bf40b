#include "crawler/frontier.h"

#include <array>

#include <fmt/format.h>

#include "common/sqlite.h"
#include "crawler/frontier_impl.h"
#include "crawler/revisit.h"

namespace hw::crawler {
namespace {

constexpr std::array kMigrations{sql::kFirstMigration, sql::kPauses, sql::kYieldMigration, sql::kKeyMigration};

std::optional<Time> time_at(const Statement& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return from_millis(row.integer(column));
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

Frontier::Frontier(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Frontier::Frontier(Frontier&&) noexcept = default;
Frontier& Frontier::operator=(Frontier&&) noexcept = default;
Frontier::~Frontier() = default;

Result<Frontier> Frontier::open(const std::filesystem::path& file, const Clock& clock, const FrontierOptions& options) {
  auto database = Database::open(file, Durability::normal);
  if (!database) return within("frontier", database.error());
  if (auto migrated = database->migrate(kMigrations); !migrated) return within("frontier", migrated.error());
  // A journal of 16 MB: the pages that every turn writes go to the file itself a quarter as often as by default.
  const std::string cache =
      fmt::format("PRAGMA cache_size=-{}; PRAGMA wal_autocheckpoint=4000;", options.page_bytes / 1024);
  if (auto set = database->execute(cache); !set) return within("frontier", set.error());
  auto impl = std::make_unique<Impl>(std::move(*database), clock, options);
  if (auto prepared = impl->prepare(); !prepared) return within("frontier", prepared.error());
  return Frontier(std::move(impl));
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

Status Frontier::forget_cursor(std::string_view source) {
  if (const auto known = impl_->sources.find(source); known != impl_->sources.end()) known->second.cursor.reset();
  return impl_->statements.run(sql::kForgetCursor, source);
}

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
    (*source)->next.clear();
    (*source)->given.clear();
    (*source)->every = every;
    bool continued = false;
    {
      const auto row = impl_->statements.first(sql::kFindSource, name);
      if (!row) return tl::unexpected(row.error());
      continued = (*row)->integer(2) != 0 && now < from_millis((*row)->integer(3)) + every;
    }
    if (!continued) {
      auto begun = impl_->statements.run(sql::kBeginRun, (*source)->id, ++(*source)->run, to_millis(now));
      if (begun) begun = impl_->statements.run(sql::kForgiveYields, (*source)->id);
      if (!begun) return tl::unexpected(begun.error());
      for (auto& [shape, yield] : (*source)->yields) yield.barren /= 2;
    }
    return impl_->add_all(**source, entry);
  });
}

Result<std::optional<QueuedPage>> Frontier::next(std::string_view name) {
  const auto source = impl_->source(name);
  if (!source) return tl::unexpected(source.error());
  SourceRow& row = **source;
  if (row.next.empty())
    if (auto read = impl_->read_ahead(row); !read) return tl::unexpected(read.error());
  if (row.next.empty()) return std::nullopt;
  QueuedPage page = std::move(row.next.front());
  row.next.pop_front();
  row.given.insert(page.id);
  return page;
}

void Frontier::put_back(std::string_view name, QueuedPage page) {
  const auto source = impl_->source(name);
  if (!source) return;
  (*source)->given.erase(page.id);
  (*source)->next.push_front(std::move(page));
}

Status Frontier::together(const std::function<Status()>& work) { return impl_->in_transaction(work); }

Status Frontier::end_run(std::string_view name, RunEnd end, std::string_view trouble, Time next_run) {
  const auto source = impl_->source(name);
  if (!source) return tl::unexpected(source.error());
  (*source)->next.clear();
  (*source)->given.clear();
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
    const auto added = impl_->add_all(**source, outcome.follow);
    if (!added) return added;
    impl_->note_yield(**source, page, outcome, *added);
    return added;
  });
}

Status Frontier::unchanged(std::string_view name, const QueuedPage& page, const Validators& known) {
  const auto source = impl_->source(name);
  if (!source) return tl::unexpected(source.error());
  const Duration every = (*source)->every;
  const Duration pause = pause_after(Found::the_same, page.pause, every, std::nullopt, impl_->clock.now());
  return impl_->finish(**source, page, known, pause, fruit_after(page.fruit, 0));
}

Status Frontier::retry(std::string_view name, const QueuedPage& page, Time due) {
  return impl_->in_transaction([&]() -> Status {
    const auto source = impl_->source(name);
    if (!source) return tl::unexpected(source.error());
    (*source)->take(page.id);
    (*source)->next.clear();
    if (auto queued = impl_->statements.run(sql::kRetryPage, page.id, to_millis(due), page.attempts); !queued)
      return queued;
    return impl_->statements.run(sql::kCountError, (*source)->id);
  });
}

Status Frontier::drop(std::string_view name, const QueuedPage& page, Dropped why) {
  return impl_->in_transaction([&]() -> Status {
    const auto source = impl_->source(name);
    if (!source) return tl::unexpected(source.error());
    (*source)->take(page.id);
    const bool for_good = why == Dropped::gone || why == Dropped::unwanted;
    const int attempts = why == Dropped::exhausted ? page.attempts : 0;
    auto dropped =
        impl_->statements.run(for_good ? sql::kDropForGood : sql::kDropForNow, page.id, (*source)->run, attempts);
    if (!dropped || why == Dropped::unwanted || why == Dropped::forbidden) return dropped;
    return impl_->statements.run(sql::kCountError, (*source)->id);
  });
}

bool Frontier::stamped(std::string_view name) const {
  const auto row = impl_->statements.first(sql::kStamped, name);
  return row && *row && (*row)->integer(0) != 0;
}

Result<std::optional<Time>> Frontier::sitemap_read(std::string_view url) const {
  const auto row = impl_->statements.first(sql::kFindSitemap, url);
  if (!row) return tl::unexpected(row.error());
  return *row ? time_at(**row, 0) : std::nullopt;
}

Status Frontier::note_sitemap(std::string_view url) {
  return impl_->statements.run(sql::kSaveSitemap, url, to_millis(impl_->clock.now()));
}

Result<bool> Frontier::hint(std::string_view name, std::string_view url, std::optional<Time> changed, bool fresh) {
  const auto source = impl_->source(name);
  if (!source) return tl::unexpected(source.error());
  return impl_->hint(**source, url, changed, fresh);
}

std::size_t Frontier::drop_settled(std::string_view name, std::vector<Request>& requests) const {
  const auto known = impl_->sources.find(name);
  if (known == impl_->sources.end()) return 0;
  const SourceRow& source = known->second;
  return std::erase_if(requests, [&](const Request& request) {
    return impl_->offers.hold(Offers::key(impl_->key_of, source.id, source.run, request));
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
  return HostState{from_millis(found.integer(0)),
                   from_millis(found.integer(1)),
                   static_cast<int>(found.integer(2)),
                   found.integer(3) != 0,
                   from_millis(found.integer(4)),
                   found.integer(5),
                   found.integer(6)};
}

Status Frontier::save_host(std::string_view name, const HostState& state) {
  return impl_->statements.run(sql::kSaveHost, name, to_millis(state.next_allowed), to_millis(state.blocked_until),
                               state.failures, state.overloaded ? 1 : 0, to_millis(state.last_failure), state.day,
                               state.requests);
}

std::optional<Time> Frontier::alarm_told(std::string_view kind) const {
  const auto row = impl_->statements.first(sql::kAlarmTold, kind);
  return row && *row ? time_at(**row, 0) : std::nullopt;
}

Status Frontier::note_alarm(std::string_view kind, std::optional<Time> told) {
  return told ? impl_->statements.run(sql::kSaveAlarm, kind, to_millis(*told))
              : impl_->statements.run(sql::kForgetAlarm, kind);
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
