// Who advertises what: the handles and accounts of the hits, as rows in clear and opened one by one with the reader's
// key.
//
// A row lives as long as a hit names it. A handle's state comes from the verdicts on it over all its hits.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/error.h"
#include "common/verdict.h"
#include "db/marks.h"
#include "db/store.h"

namespace hw::db {

// A standing ban that concerns a row.
struct BanMark {
  std::int64_t ban = 0;
  std::string platform;
  std::string action;
};

struct RowFilter {
  std::optional<HitState> state{};  // of handles only
  std::string platform{};           // advertised there
  std::int64_t before = 0;          // rows before this one; 0: from the newest
  std::size_t limit = 50;           // 0: all
};

struct HandleRow {
  std::int64_t handle = 0;
  Band band = Band::none;  // the highest of its hits, with the store's own signs
  HitState state = HitState::fresh;
  int confirmations = 0;  // different reviewers
  std::size_t hits = 0;
  std::size_t accounts = 0;
  std::vector<std::string> platforms;
  std::string first_day;
  std::string last_day;
  std::vector<Mark> marks;
  std::vector<BanMark> bans;
};

struct AccountRow {
  std::int64_t account = 0;
  std::string platform;
  std::size_t hits = 0;
  std::size_t handles = 0;
  std::string first_day;
  std::string last_day;
  std::vector<BanMark> bans;
};

// Newest first.
Result<std::vector<HandleRow>> list_handles(Store& store, const RowFilter& filter);
Result<std::vector<AccountRow>> list_accounts(Store& store, const RowFilter& filter);
// not_found where there is no such row (any more).
Result<HandleRow> find_handle(Store& store, std::int64_t handle);
Result<AccountRow> find_account(Store& store, std::int64_t account);

struct OpenedHandle {
  std::string messenger;
  std::string handle;  // canonical
};
struct OpenedAccount {
  std::string platform;
  std::string id;
  std::string name;
  std::string display;
};
Result<OpenedHandle> open_handle(Store& store, const Opener& opener, std::int64_t handle);
Result<OpenedAccount> open_account(Store& store, const Opener& opener, std::int64_t account);

}  // namespace hw::db
