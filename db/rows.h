// Rows that several parts of db/ create and remove alike. Internal to db/.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "db/work.h"

namespace hw::db {

// The row of a handle or an account; made, and its name sealed, where it is new.
std::int64_t handle_row(Work& work, const Token& token, std::string_view messenger, std::string_view canonical);
std::optional<std::int64_t> account_row(Work& work, const Post& post);

// Removes the hit's row and what hangs on it, and the handle and account rows that nothing names any more. Its sealed
// records stay: erase them, or withhold them.
void remove_hit_row(Work& work, std::int64_t hit);
// Removes a ban's row, not its sealed record, and tells the accounts that it concerned.
void remove_ban_row(Work& work, std::int64_t ban);
// Removes handle and account rows, with their sealed names, that no hit names.
void remove_orphans(Work& work, const std::vector<std::int64_t>& handles, std::optional<std::int64_t> account);

// Until when an account is banned, by anybody and by others than us; 0 where it is not.
struct BannedUntil {
  std::int64_t anybody = 0;
  std::int64_t others = 0;
};
BannedUntil banned_until(Work& work, std::int64_t account);
// Writes it to the account's adverts.
void refresh_account_bans(Work& work, std::int64_t account);

}  // namespace hw::db
