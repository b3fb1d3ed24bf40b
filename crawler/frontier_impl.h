// The frontier's inside: what it remembers of its sources between two calls. Only frontier.cpp, frontier_queue.cpp and
// frontier_dump.cpp include this.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "common/sqlite.h"
#include "crawler/frontier.h"
#include "crawler/frontier_store.h"
#include "crawler/offers.h"
#include "crawler/page_key.h"
#include "crawler/yield.h"

namespace hw::crawler {

struct SourceRow {
  std::int64_t id = 0;
  std::int64_t run = 0;
  Duration every{0};                                  // how often it is read
  std::int64_t place = 0;                             // of what was queued last; only the order counts
  std::deque<QueuedPage> next{};                      // what comes next, read ahead
  std::unordered_set<std::int64_t> given{};           // handed out
  std::unordered_map<std::uint64_t, Yield> yields{};  // by shape of address
  // Not written yet: once a transaction, at its end.
  std::unordered_set<std::uint64_t> changed_yields{};
  bool stamped = false;  // its links say how fresh they are
  bool changed = false;
  std::uint64_t pages = 0;
  std::uint64_t posts = 0;
  std::uint64_t new_posts = 0;
  std::optional<std::string> cursor{};

  void take(std::int64_t page) {
    if (given.erase(page) == 0) next.clear();
  }
};

struct KnownPage {
  std::int64_t id = 0;
  bool queued = false;
  bool read = false;
  std::optional<std::string> read_stamp{};
  std::int64_t run = 0;
  Time rests_until{};
  std::int64_t fruit = 0;
  Time read_at{};
};

struct Frontier::Impl {
  Impl(Database opened, const Clock& given, const FrontierOptions& options)
      : database(std::move(opened)), statements(database), clock(given), offers(options.known_bytes) {}

  Status prepare();
  Status fill_in_keys(std::int64_t source);
  Result<SourceRow*> source(std::string_view name);
  Status read_yields(SourceRow& source);
  Result<std::optional<KnownPage>> find(std::int64_t source, std::string_view url);
  bool needs_reading(const KnownPage& page, const Request& request, std::int64_t run) const;
  Result<bool> add(SourceRow& source, const Request& request);
  Result<bool> offer(SourceRow& source, const Request& request);
  Result<bool> hint(SourceRow& source, std::string_view url, std::optional<Time> when, bool fresh);
  Result<Added> add_all(SourceRow& source, const std::vector<Request>& requests);
  Status record(SourceRow& source, const QueuedPage& page, const PageDone& outcome);
  void note_yield(SourceRow& source, const QueuedPage& page, const PageDone& outcome, const Added& added);
  Status note_alias(SourceRow& source, const std::string& url, PageRole role, const Validators& known);
  Status finish(SourceRow& source, const QueuedPage& page, const Validators& known, Duration pause, std::int64_t fruit);
  Status write_counts();
  Status write_counts(SourceRow& source);
  Status read_ahead(SourceRow& source);
  template <class Work>
  auto in_transaction(Work work) -> decltype(work());

  Database database;
  Statements statements;
  const Clock& clock;
  PageKey key_of{{}};
  std::map<std::string, SourceRow, std::less<>> sources;
  std::vector<SourceRow*> changed;  // in this transaction
  Offers offers;
  bool inside = false;  // a transaction
};

template <class Work>
auto Frontier::Impl::in_transaction(Work work) -> decltype(work()) {
  if (inside) return work();
  inside = true;
  // What was remembered may have been rolled back, also where the work was left by an exception.
  struct Forget {
    Impl& impl;
    bool committed = false;
    ~Forget() {
      impl.inside = false;
      if (committed) return;
      impl.sources.clear();
      impl.changed.clear();
      impl.offers.forget();
    }
  } forget{*this};
  auto transaction = Transaction::begin(database);
  if (!transaction) return tl::unexpected(transaction.error());
  auto result = work();
  Status done = result ? write_counts() : tl::unexpected(result.error());
  if (done) done = transaction->commit();
  if (!done) return tl::unexpected(done.error());
  forget.committed = true;
  return result;
}

}  // namespace hw::crawler
