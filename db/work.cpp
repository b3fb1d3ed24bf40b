#include "db/work.h"

#include <charconv>
#include <utility>

#include "db/audit_writer.h"
#include "db/people.h"

namespace hw::db {

std::int64_t day_number(Time time) { return std::chrono::floor<std::chrono::days>(time).time_since_epoch().count(); }

std::string day_text(std::int64_t day) { return to_day(Time(std::chrono::days(day))); }

std::int64_t Core::today() const { return day_number(clock.now()); }

std::string concealed_now(Work& work) {
  return work.tokens().conceal(std::to_string(to_millis(work.core().clock.now())));
}

std::optional<Time> revealed_time(Work& work, std::string_view concealed) {
  const auto text = work.tokens().reveal(concealed);
  std::int64_t millis = 0;
  if (!text || std::from_chars(text->data(), text->data() + text->size(), millis).ec != std::errc{})
    return std::nullopt;
  return from_millis(millis);
}

Work::Work(Core& core, Access access) : core_(core) {
  execute(access == Access::write ? "BEGIN IMMEDIATE" : "BEGIN");
  open_ = !failed();
}

Work::~Work() {
  // A rollback that fails leaves nothing to do: SQLite rolls back when the file is opened next.
  if (open_) static_cast<void>(core_.database.execute("ROLLBACK"));
}

void Work::execute(std::string_view sql) {
  if (failed()) return;
  if (auto done = core_.database.execute(sql); !done) fail(done.error());
}

void Work::fail(Error error) {
  if (!error_) error_ = std::move(error);
}

Status Work::finish() {
  if (!failed()) settle_audit(*this);
  execute("COMMIT");
  if (failed()) return tl::unexpected(*error_);
  open_ = false;
  return {};
}

Status Work::undo() {
  execute("ROLLBACK");
  if (failed()) return tl::unexpected(*error_);
  open_ = false;
  return {};
}

const Sealer* Work::sealer() {
  if (!sealer_ && !failed()) {
    auto sealer = Sealer::create(recipients(*this));
    if (sealer)
      sealer_ = std::move(*sealer);
    else
      fail(sealer.error());
  }
  return sealer_ ? &*sealer_ : nullptr;
}

Query::Query(Work& work, std::string_view sql) : work_(work), sql_(sql) {
  if (work_.failed()) return;
  const auto idle = work_.core_.idle.find(sql);
  if (idle != work_.core_.idle.end() && !idle->second.empty()) {
    statement_ = std::move(idle->second.back());
    idle->second.pop_back();
    return;
  }
  auto prepared = work_.core_.database.prepare(sql);
  if (prepared)
    statement_ = std::move(*prepared);
  else
    work_.fail(prepared.error());
}

Query::~Query() {
  if (!statement_) return;
  statement_->reset();
  work_.core_.idle[std::string(sql_)].push_back(std::move(*statement_));
}

Query& Query::number(std::int64_t value) {
  if (statement_) statement_->bind(value);
  return *this;
}

Query& Query::text(std::string_view value) {
  if (statement_) statement_->bind(value);
  return *this;
}

Query& Query::blob(std::string_view value) {
  if (statement_) statement_->bind_blob(value);
  return *this;
}

Query& Query::maybe(std::optional<std::int64_t> value) {
  if (statement_) statement_->bind_optional(value);
  return *this;
}

Query& Query::maybe_blob(const std::optional<std::string>& value) {
  if (!statement_) return *this;
  if (value)
    statement_->bind_blob(*value);
  else
    statement_->bind_null();
  return *this;
}

bool Query::next() {
  if (!statement_ || work_.failed()) return false;
  const auto row = statement_->step();
  if (!row) work_.fail(row.error());
  return row && *row;
}

void Query::rewind() {
  if (statement_) statement_->reset();
}

void Query::run() {
  while (next()) {
  }
  rewind();
}

std::int64_t Query::run_insert() {
  run();
  return work_.failed() ? 0 : work_.core_.database.last_row_id();
}

std::int64_t Query::run_changes() {
  run();
  return work_.failed() ? 0 : work_.core_.database.changes();
}

std::int64_t Query::number_at(int column) const { return statement_->integer(column); }

std::optional<std::int64_t> Query::maybe_at(int column) const {
  if (statement_->is_null(column)) return std::nullopt;
  return statement_->integer(column);
}

std::string Query::text_at(int column) const { return std::string(statement_->text(column)); }
std::string Query::blob_at(int column) const { return std::string(statement_->blob(column)); }

}  // namespace hw::db
