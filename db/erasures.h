// The erasure journal: keyed tokens of what was erased or held, in a file of its own beside the store, so that
// restoring an older backup does not bring it back. Internal to db/.
//
// An entry is written within the unit of work that erases, and moved to the file once that is committed (at the latest
// when the store is next opened). The file's name is erasures.log; a line is `sequence kind day token origin`. Keep
// copies of it apart from the backups: it has to be newer than they are.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "db/work.h"

namespace hw::db {

enum class ErasureKind : std::int64_t {
  hit = 1,       // token: TokenKey::erased of the post
  ban = 2,       // token: TokenKey::erased of the event
  mark = 3,      // token: a do-not-raise mark to set
  hold = 4,      // token: of hold_token; origin: the held post that asked for it
  lift = 5,      // origin: whose hold ended
  referral = 6,  // token: of a held row that was closed
};

struct Erasure {
  std::int64_t sequence = 0;
  ErasureKind kind = ErasureKind::hit;
  std::int64_t day = 0;
  Token token;
  Token origin;
};

void note_erasure(Work& work, ErasureKind kind, const Token& token, const Token& origin = {});

// Moves what is committed to the file, which is made where it is not there.
Status write_erasures(Core& core);
// Drops what is older than any backup may be.
Status trim_erasures(Core& core, std::int64_t before_day);

std::filesystem::path erasure_file(const std::filesystem::path& folder);
// tampered: it is of another store.
Result<std::vector<Erasure>> read_erasures(const std::filesystem::path& file, std::string_view store_id);
// The last entry that this store knows of.
std::int64_t last_erasure(Work& work);
// Does to a restored store what was done since; gives how many hits, bans and referrals it took out of sight.
std::int64_t replay_erasures(Work& work, const std::vector<Erasure>& erasures);

}  // namespace hw::db
